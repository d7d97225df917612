package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How one table is copied for the members of a group: its SQL, and what is done of it.
 *
 * <p>The fields are set while planning; then workers share it.
 */
final class TablePlan {

    private final PublishedTable published;
    private final @Nullable String keyColumn;
    private final String keyType;
    private final List<String> columns;
    private final String targetOnly;
    private final CopyFormat format;

    /** The partition tree it belongs to, whose indexes are built together; itself if none. */
    final TableId root;

    /** The same for all tables that hang together: indexes come behind the rows of all of them. */
    final TableId family;

    /** Members that need a copy of this table. */
    final Map<Member, Counts> members = new LinkedHashMap<>();

    /**
     * Members that are not finished before this table has its indexes; the above are among them.
     */
    final Set<Member> waiting = new HashSet<>();

    /** Members whose rows in the target go before the copy: marked, or to be replaced. */
    final Set<Member> wipe = new HashSet<>();

    /** Members whose tenant cannot stand in the key column: they have no rows here. */
    final Set<Member> impossible = new HashSet<>();

    /** Tasks not yet done. One alone does everything in one transaction, many need marks. */
    final AtomicInteger openTasks = new AtomicInteger();

    boolean alone;
    boolean created;

    /**
     * Rows that the target has are compared and mended, of all members, in one task over all {@link
     * #parts}.
     */
    boolean mend;

    List<Part> parts = List.of();

    /** Copied and committed, of one member. */
    static final class Counts {
        long rows;
        long bytes;
    }

    TablePlan(
            PublishedTable published,
            TenantKey key,
            TableDefinition source,
            boolean targetPartitioned,
            TableId root,
            TableId family) {
        this.published = published;
        this.root = root;
        this.family = family;
        this.keyColumn = key instanceof TenantKey.Column column ? column.name() : null;
        this.targetOnly = targetPartitioned ? "" : "ONLY ";
        TableDefinition.Column definition = keyColumn == null ? null : source.column(keyColumn);
        this.keyType = definition == null ? "text" : definition.keyType();
        this.columns =
                published.columns().stream()
                        .filter(
                                name -> {
                                    TableDefinition.Column column = source.column(name);
                                    return column != null && !column.isGenerated();
                                })
                        // The key goes first, so that it is found at the start of each row.
                        .sorted((a, b) -> Boolean.compare(b.equals(keyColumn), a.equals(keyColumn)))
                        .toList();
        this.format =
                CopyFormat.of(
                        columns.stream().map(source::column).filter(Objects::nonNull).toList(),
                        definition);
    }

    TableId table() {
        return published.table();
    }

    @Nullable String keyColumn() {
        return keyColumn;
    }

    String keyType() {
        return keyType;
    }

    TenantCounter counter(Collection<Member> some) {
        return keyColumn == null
                ? TenantCounter.whole(format)
                : TenantCounter.byFirstField(
                        format, keyType, some.stream().map(Member::tenant).toList());
    }

    List<String> columns() {
        return columns;
    }

    MendSql mendSql(List<String> key, Collection<Member> some) {
        return new MendSql(
                table(),
                targetOnly,
                columns,
                key,
                keyColumn == null ? "''::text" : keyText(),
                keyColumn == null ? "" : exactKey(some));
    }

    CopyFormat format() {
        return format;
    }

    /** Those that can have rows here. */
    List<Member> possible(Collection<Member> some) {
        return some.stream().filter(member -> !impossible.contains(member)).toList();
    }

    synchronized void add(List<Member> some, long[] rows, long[] bytes) {
        for (int i = 0; i < some.size(); i++) {
            Counts counts = members.computeIfAbsent(some.get(i), it -> new Counts());
            counts.rows += rows[i];
            counts.bytes += bytes[i];
        }
    }

    synchronized Map<Member, Counts> counts() {
        return new HashMap<>(members);
    }

    /** The rows of these members in a part of the source table. */
    String select(Part part, @Nullable Range range, Collection<Member> some) {
        StringBuilder where = new StringBuilder();
        if (keyColumn != null) {
            where.append(" AND ").append(keyEquals(some));
        }
        if (published.rowFilter() != null) {
            where.append(" AND (").append(published.rowFilter()).append(')');
        }
        if (range != null) {
            where.append(range.condition());
        }
        return "SELECT "
                + columnList()
                + " FROM ONLY "
                + part.relation().quoted()
                + (where.length() == 0 ? "" : " WHERE" + where.substring(" AND".length()));
    }

    String copyOut(Part part, @Nullable Range range, Collection<Member> some) {
        return "COPY (" + select(part, range, some) + ") TO STDOUT" + format.options();
    }

    String copyIn() {
        return "COPY " + table().quoted() + " (" + columnList() + ") FROM STDIN" + format.options();
    }

    /** Deletes the rows of these members, and of nobody else, from the target. */
    String delete(Collection<Member> some) {
        return "DELETE FROM "
                + targetOnly
                + table().quoted()
                + (keyColumn == null ? "" : " WHERE " + exactKey(some));
    }

    /** Tenant and number of its rows in the target, for those that have any. */
    String countExisting(Collection<Member> some) {
        return keyColumn == null
                ? "SELECT '', count(*) FROM "
                        + targetOnly
                        + table().quoted()
                        + " HAVING count(*) > 0"
                : "SELECT "
                        + keyText()
                        + ", count(*) FROM "
                        + targetOnly
                        + table().quoted()
                        + " WHERE "
                        + exactKey(some)
                        + " GROUP BY 1";
    }

    private String columnList() {
        return columns.stream().map(TableId::quote).collect(Collectors.joining(", "));
    }

    /** Equality of the type, which an index can serve, and of the text, which is what counts. */
    private String exactKey(Collection<Member> some) {
        return keyEquals(some) + " AND " + keyText() + " = ANY (" + array(some) + "::text[])";
    }

    private String keyEquals(Collection<Member> some) {
        return TableId.quote(String.valueOf(keyColumn))
                + " = ANY ("
                + array(some)
                + "::"
                + keyType
                + "[])";
    }

    /** The key as its output function writes it; a cast would trim char(n). */
    private String keyText() {
        return "pg_catalog.format('%s', " + TableId.quote(String.valueOf(keyColumn)) + ")";
    }

    static String array(Collection<Member> some) {
        return some.stream()
                .map(member -> member.tenant().replace("\\", "\\\\").replace("\"", "\\\""))
                .map(tenant -> '"' + tenant.replace("'", "''") + '"')
                .collect(Collectors.joining(",", "'{", "}'"));
    }

    /**
     * A relation that holds rows of the table: itself, or a leaf partition.
     *
     * @param pages its size
     * @param rows estimate, negative if unknown
     */
    record Part(TableId relation, long pages, long rows) {}

    /** Pages from (inclusive) to (exclusive); -1 for no end, as the last range must have none. */
    record Range(long from, long to) {
        String condition() {
            return " AND ctid >= '("
                    + from
                    + ",0)'::tid"
                    + (to < 0 ? "" : " AND ctid < '(" + to + ",0)'::tid");
        }
    }
}
