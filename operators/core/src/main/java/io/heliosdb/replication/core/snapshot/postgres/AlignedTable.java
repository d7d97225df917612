package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableDefinition.Column;
import io.heliosdb.replication.model.TableId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A table of the source on its way to where the source has it, in a target. */
final class AlignedTable {

    /** As the target has heard of it; null if it has not. */
    final @Nullable TableShape was;

    /** As the source has it; null if that has it no more. */
    final @Nullable TableShape is;

    /** What the target calls it by now; null if it is not there. */
    @Nullable TableId at;

    /** Stands beyond the copy: only what is copied is locked at the source meanwhile. */
    final boolean isBeyond;

    /** Was dropped, like the source's. */
    boolean isGone;

    /** The target has refused something. */
    boolean refused;

    AlignedTable(
            @Nullable TableShape was,
            @Nullable TableShape is,
            @Nullable TableId at,
            boolean isBeyond) {
        this.isBeyond = isBeyond;
        this.refused = isBeyond;
        this.was = was;
        this.is = is;
        this.at = at;
    }

    TableId name() {
        return Objects.requireNonNull(is != null ? is : was).id();
    }

    boolean isInPlace() {
        return !refused && is != null && is.id().equals(at);
    }

    boolean isMisnamed() {
        return !refused && is != null && at != null && !is.id().equals(at);
    }

    /**
     * The shape from which what is left to do follows, as the target has it by now: what comes from
     * the tables above has come with them.
     *
     * @param found as the target has it
     * @param nowAbove the tables of the source above it
     * @param thenAbove as the target had heard of them
     */
    TableShape before(
            TableDefinition found,
            Collection<TableShape> nowAbove,
            Collection<TableShape> thenAbove) {
        TableShape now = Objects.requireNonNull(is);
        TableShape then = was;
        boolean isBelow = found.partitionOf() != null || !found.inherits().isEmpty();
        Set<String> inherited = isBelow ? names(nowAbove) : Set.of();
        Set<String> formerly = isBelow ? names(thenAbove) : Set.of();
        Map<Integer, Column> columns = new TreeMap<>();
        if (then != null) {
            for (int number : then.numbers()) {
                Column column = Objects.requireNonNull(then.column(number));
                if (!formerly.contains(column.name())) {
                    columns.put(number, column);
                }
            }
        }
        for (int number : now.numbers()) {
            Column column = Objects.requireNonNull(now.column(number));
            Column there = found.column(column.name());
            if (there == null) {
                continue;
            }
            if (then == null) {
                // What the target lacks is to be added, the rest is its own business.
                columns.put(number, column);
            } else if (inherited.contains(column.name())) {
                columns.put(number, there);
            }
        }
        TableShape known = then == null ? now : then;
        TableDefinition whole = known.definition();
        return new TableShape(
                new TableDefinition(
                        now.id(),
                        whole.partitioned(),
                        whole.unlogged(),
                        columns.values().stream().toList(),
                        whole.constraints(),
                        whole.indexes(),
                        whole.options(),
                        whole.partitionKey(),
                        now.definition().partitionOf(),
                        now.definition().inherits(),
                        whole.replicaIdentity()),
                now.root(),
                columns.keySet().stream().toList(),
                Map.of(),
                known.identityNumbers(),
                known.inherited(),
                known.sequences(),
                "",
                now.oid());
    }

    private static Set<String> names(Collection<TableShape> tables) {
        Set<String> names = new HashSet<>();
        tables.forEach(table -> names.addAll(table.columnNames()));
        return names;
    }
}
