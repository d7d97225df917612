package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Derives what a table of the target needs from what the source's table was and has become. Asks of
 * the target only what has changed at the source: where both were different before, they stay so.
 * What the target has already is left out, so that deriving it again after a crash, or for a table
 * that somebody has altered by hand, does no harm.
 */
public final class TableMigration {

    private final TableShape before;
    private final TableShape after;
    private final TableDefinition found;
    private final boolean rewritten;
    private final boolean plainCommand;
    private final Migration.Builder plan = new Migration.Builder();

    /** Names of the target's columns as they will be at this point of the plan. */
    private final Set<String> there = new HashSet<>();

    private TableMigration(
            TableShape before,
            TableShape after,
            TableDefinition found,
            boolean rewritten,
            boolean plainCommand) {
        this.before = before;
        this.after = after;
        this.found = found;
        this.rewritten = rewritten;
        this.plainCommand = plainCommand;
        found.columns().forEach(column -> there.add(column.name()));
    }

    /** As the one below, where it is known to stay in its place. */
    public static Migration alter(
            TableShape before,
            TableShape after,
            TableDefinition found,
            boolean rewritten,
            String command) {
        return alter(before, after, found, Map.of(), rewritten, command);
    }

    /**
     * @param found the target's table, under either name
     * @param above the target's tables that it may come to stand below
     * @param rewritten as in {@link TableChange}
     * @param command the client's string
     */
    public static Migration alter(
            TableShape before,
            TableShape after,
            TableDefinition found,
            Map<TableId, TableDefinition> above,
            boolean rewritten,
            String command) {
        TableMigration migration =
                new TableMigration(before, after, found, rewritten, isPlain(command));
        migration.name();
        PlaceMigration place = new PlaceMigration(before, after, found, above, migration.plan);
        place.leave();
        place.attach();
        // A column may not become of another type under what was asked of it before.
        new ConstraintMigration(before, after, found, migration.plan).run();
        // Between far shapes a name may be that of a column which has gone.
        migration.dropColumns();
        migration.renameColumns();
        migration.addColumns();
        migration.changeColumns();
        place.inherit();
        new StorageMigration(before, after, migration.plan).run();
        if (rewritten && !migration.plainCommand) {
            // An expression may have made other values of the same type.
            migration.plan.anew();
        }
        return migration.plan.build();
    }

    /**
     * Whether rows were certainly written anew between these shapes, so that each replication
     * copies them when it comes there.
     */
    public static boolean rewrites(TableShape before, TableShape after) {
        for (int number : after.numbers()) {
            TableDefinition.Column was = before.column(number);
            TableDefinition.Column is = after.column(number);
            if (was != null && is != null && TypeConversions.rewrites(was.type(), is.type())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the client sent one ALTER TABLE that converts nothing by an expression of its own. A
     * string that may do more (several statements, a function, a DO block, one that was cut off) is
     * not plain.
     */
    private static boolean isPlain(String command) {
        String text = command.strip().toLowerCase(Locale.ROOT);
        String single = text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
        return single.matches("(?s)alter\\s+table\\s.*")
                && command.codePointCount(0, command.length()) < DdlMessage.COMMAND_LENGTH
                && !single.contains(";")
                && !single.contains("using");
    }

    private void name() {
        TableId from = found.id();
        TableId to = after.id();
        if (!from.schema().equals(to.schema())) {
            plan.now(DdlTag.RENAME, "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(to.schema()));
            plan.now(
                    DdlTag.RENAME,
                    "ALTER TABLE " + from.quoted() + " SET SCHEMA " + TableId.quote(to.schema()));
        }
        if (!from.name().equals(to.name())) {
            plan.now(
                    DdlTag.RENAME,
                    "ALTER TABLE "
                            + new TableId(to.schema(), from.name()).quoted()
                            + " RENAME TO "
                            + TableId.quote(to.name()));
        }
    }

    /** Names may change places, so they all go by a name in between if one is taken. */
    private void renameColumns() {
        Map<String, String> renames = new LinkedHashMap<>();
        before.names()
                .forEach(
                        (number, old) -> {
                            String now = after.names().get(number);
                            if (now != null && !now.equals(old) && there.contains(old)) {
                                renames.put(old, now);
                            }
                        });
        boolean taken = renames.values().stream().anyMatch(renames::containsKey);
        List<String> second = new ArrayList<>();
        renames.forEach(
                (old, now) -> {
                    String between = taken ? "heliosdb_renamed_" + now : now;
                    alter(
                            DdlTag.RENAME,
                            "RENAME COLUMN "
                                    + TableId.quote(old)
                                    + " TO "
                                    + TableId.quote(between));
                    if (taken) {
                        second.add(
                                "RENAME COLUMN "
                                        + TableId.quote(between)
                                        + " TO "
                                        + TableId.quote(now));
                    }
                });
        second.forEach(action -> alter(DdlTag.RENAME, action));
        there.removeAll(renames.keySet());
        there.addAll(renames.values());
    }

    private void dropColumns() {
        before.names()
                .forEach(
                        (number, name) -> {
                            if (after.column(number) == null && there.remove(name)) {
                                alone(DdlTag.DROP_COLUMN, "DROP COLUMN " + TableId.quote(name));
                                plan.settled(Tightening.notNull(number));
                                if (before.identityNumbers().contains(number)) {
                                    plan.anew();
                                }
                            }
                        });
    }

    private void addColumns() {
        for (int number : after.numbers()) {
            if (before.column(number) != null) {
                continue;
            }
            TableDefinition.Column column = after.column(number);
            String missing = after.missing().get(number);
            boolean filled = missing != null || column.isGenerated() || column.identity() != ' ';
            if (there.add(column.name())) {
                alter(DdlTag.ADD_COLUMN, "ADD COLUMN " + ColumnDdl.added(after, column, missing));
                if (missing != null) {
                    setDefault(column);
                } else if (!filled && column.expression() != null) {
                    setDefault(column);
                }
            } else {
                ownDefault(column);
            }
            if (column.notNull() && !filled && !isNotNull(column.name())) {
                plan.later(Tightening.notNull(number), after);
            }
            if (rewritten
                    && missing == null
                    && !column.isGenerated()
                    && (column.expression() != null || column.identity() != ' ')) {
                plan.anew();
            }
        }
    }

    /** It has come with the table above, with what older rows got. */
    private void ownDefault(TableDefinition.Column column) {
        TableDefinition.Column has = found.column(column.name());
        if (has != null
                && !has.isGenerated()
                && !column.isGenerated()
                && column.identity() == ' '
                && !same(has.expression(), column.expression())) {
            setDefault(column);
        }
    }

    private void changeColumns() {
        for (int number : after.numbers()) {
            TableDefinition.Column was = before.column(number);
            TableDefinition.Column is = after.column(number);
            if (was == null || !there.contains(is.name())) {
                continue;
            }
            TableDefinition.Column has = found.column(was.name());
            if (has == null) {
                has = found.column(is.name());
            }
            boolean type = !was.type().equals(is.type()) || !same(was.collation(), is.collation());
            if (type) {
                retype(number, was, is, has);
            }
            expression(was, is, has, type);
            identity(was, is, has);
            if (was.notNull() && !is.notNull()) {
                ofItsOwn(is, DdlTag.NOT_NULL, "DROP NOT NULL");
                plan.settled(Tightening.notNull(number));
            } else if (!was.notNull() && is.notNull() && (has == null || !has.notNull())) {
                plan.later(Tightening.notNull(number), after);
            }
        }
    }

    private void retype(
            int number,
            TableDefinition.Column was,
            TableDefinition.Column is,
            TableDefinition.@Nullable Column has) {
        boolean exact = !rewritten || plainCommand && TypeConversions.exact(was.type(), is.type());
        if (has != null && has.type().equals(is.type()) && same(has.collation(), is.collation())) {
            if (!exact) {
                plan.anew();
            }
            if (is.notNull() && !has.notNull()) {
                // Lost with that of the table above.
                plan.later(Tightening.notNull(number));
            }
            return;
        }
        if (was.expression() != null && !was.isGenerated()) {
            column(is, DdlTag.COLUMN_TYPE, "DROP DEFAULT");
        }
        String type = is.type() + (is.collation() == null ? "" : " COLLATE " + is.collation());
        if (exact || is.isGenerated()) {
            column(is, DdlTag.COLUMN_TYPE, "TYPE " + type);
            return;
        }
        // What the rows have become nobody tells: they come anew. What inherits goes along.
        boolean identity = has != null && has.identity() != ' ';
        if (is.notNull() && !identity) {
            column(is, DdlTag.COLUMN_TYPE, "DROP NOT NULL");
            plan.later(Tightening.notNull(number), after);
        }
        String value = identity ? ofIdentity(is) : "NULL";
        column(is, DdlTag.COLUMN_TYPE, "TYPE " + type + " USING " + value);
        plan.anew();
    }

    /** Never NULL; in a key it stays what it was, for others must not be the same. */
    private String ofIdentity(TableDefinition.Column column) {
        Pattern itself =
                Pattern.compile(
                        "(?<![\\w$])\"?"
                                + Pattern.quote(column.name().replace("\"", "\"\""))
                                + "\"?(?![\\w$])");
        boolean keyed =
                found.indexes().stream()
                        .map(TableDefinition.Index::definition)
                        .filter(it -> it.startsWith("CREATE UNIQUE "))
                        .anyMatch(it -> itself.matcher(it.substring(it.indexOf(" USING "))).find());
        return keyed ? TableId.quote(column.name()) + "::" + column.type() : "0";
    }

    private void expression(
            TableDefinition.Column was,
            TableDefinition.Column is,
            TableDefinition.@Nullable Column has,
            boolean retyped) {
        if (was.isGenerated() && !is.isGenerated()) {
            // A partition has lost it with its parent.
            if (has == null || has.isGenerated()) {
                column(is, DdlTag.DEFAULT, "DROP EXPRESSION IF EXISTS");
            }
            if (is.expression() != null) {
                setDefault(is);
            }
        } else if (is.isGenerated()) {
            boolean renamed =
                    !was.name().equals(is.name()) || !before.names().equals(after.names());
            boolean there = has != null && same(has.expression(), is.expression());
            if (!same(was.expression(), is.expression()) && !renamed && !there) {
                column(is, DdlTag.DEFAULT, "SET EXPRESSION AS (" + is.expression() + ")");
            }
        } else if (!same(was.expression(), is.expression())) {
            setDefault(is);
        } else if (retyped && is.expression() != null && has != null && !has.isGenerated()) {
            setDefault(is);
        }
    }

    private void identity(
            TableDefinition.Column was,
            TableDefinition.Column is,
            TableDefinition.@Nullable Column has) {
        if (was.identity() == is.identity() || has != null && has.identity() == is.identity()) {
            return;
        }
        if (is.identity() == ' ') {
            column(is, DdlTag.DEFAULT, "DROP IDENTITY IF EXISTS");
        } else if (was.identity() == ' ') {
            ofItsOwn(is, DdlTag.DEFAULT, "SET NOT NULL");
            column(is, DdlTag.DEFAULT, "ADD " + ColumnDdl.identity(after, is));
        } else {
            column(
                    is,
                    DdlTag.DEFAULT,
                    is.identity() == 'a' ? "SET GENERATED ALWAYS" : "SET GENERATED BY DEFAULT");
        }
    }

    private void setDefault(TableDefinition.Column column) {
        ofItsOwn(
                column,
                DdlTag.DEFAULT,
                column.expression() == null
                        ? "DROP DEFAULT"
                        : "SET DEFAULT " + column.expression());
    }

    private boolean isNotNull(String name) {
        TableDefinition.Column has = found.column(name);
        return has != null && has.notNull();
    }

    private void alter(DdlTag tag, String action) {
        plan.now(tag, "ALTER TABLE " + after.id().quoted() + " " + action);
    }

    private void column(TableDefinition.Column column, DdlTag tag, String action) {
        alter(tag, "ALTER COLUMN " + TableId.quote(column.name()) + " " + action);
    }

    /** As {@link #alone}. */
    private void ofItsOwn(TableDefinition.Column column, DdlTag tag, String action) {
        alone(tag, "ALTER COLUMN " + TableId.quote(column.name()) + " " + action);
    }

    /** What inherits has been told of by itself if it went along. Partitions always go along. */
    private void alone(DdlTag tag, String action) {
        plan.now(tag, TableDdl.alterAlone(after.id(), found.partitioned()) + action);
    }

    private static boolean same(@Nullable String a, @Nullable String b) {
        return a == null ? b == null : a.equals(b);
    }
}
