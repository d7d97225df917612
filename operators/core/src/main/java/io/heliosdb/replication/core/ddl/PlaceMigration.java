package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableDefinition.Column;
import io.heliosdb.replication.core.schema.TableDefinition.Constraint;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The place of a table among partitions, and among those that it inherits from. What its rows were
 * to be asked for later (see {@link Tightening}) its new place asks for at once.
 */
public final class PlaceMigration {

    private final TableShape before;
    private final TableShape after;
    private final TableDefinition found;
    private final Map<TableId, TableDefinition> above;
    private final Migration.Builder plan;

    PlaceMigration(
            TableShape before,
            TableShape after,
            TableDefinition found,
            Map<TableId, TableDefinition> above,
            Migration.Builder plan) {
        this.before = before;
        this.after = after;
        this.found = found;
        this.above = above;
        this.plan = plan;
    }

    /** The columns that allow NULL where those of the table above do not. */
    public static List<Column> looser(TableDefinition table, TableDefinition above) {
        return table.columns().stream()
                .filter(
                        column -> {
                            Column over = above.column(column.name());
                            return over != null && over.notNull() && !column.notNull();
                        })
                .toList();
    }

    /** What has to be done for a check, by its name. */
    public record Asked(String check, String sql) {}

    /**
     * What gives a table the checks that one above hands down.
     *
     * @param table as the target has it, under its name by now
     * @param source as the source has it
     */
    public static List<Asked> checks(
            TableDefinition table, TableDefinition above, TableDefinition source) {
        List<Asked> asked = new ArrayList<>();
        for (Constraint over : above.constraints()) {
            Constraint wanted = check(source, over.name());
            if (!over.isHandedDown() || wanted == null) {
                continue;
            }
            Constraint has = check(table, over.name());
            if (has == null) {
                asked.add(
                        new Asked(
                                over.name(), TableDdl.addCheck(source, wanted, over.validated())));
            } else if (over.validated() && !has.validated()) {
                asked.add(
                        new Asked(
                                over.name(),
                                "ALTER TABLE "
                                        + source.id().quoted()
                                        + " VALIDATE CONSTRAINT "
                                        + TableId.quote(over.name())));
            }
        }
        return asked;
    }

    private static @Nullable Constraint check(TableDefinition table, String name) {
        return table.constraints().stream()
                .filter(it -> it.kind() == 'c' && it.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    void leave() {
        TableDefinition.@Nullable Partition was = before.definition().partitionOf();
        TableDefinition.@Nullable Partition is = after.definition().partitionOf();
        if (is == null && was != null && found.partitionOf() != null) {
            plan.now(
                    DdlTag.PARTITION,
                    "ALTER TABLE "
                            + found.partitionOf().parent().quoted()
                            + " DETACH PARTITION "
                            + after.id().quoted());
        }
        for (TableId parent : before.definition().inherits()) {
            if (!after.definition().inherits().contains(parent)
                    && found.inherits().contains(parent)) {
                alter("NO INHERIT " + parent.quoted());
            }
        }
    }

    void attach() {
        TableDefinition.@Nullable Partition was = before.definition().partitionOf();
        TableDefinition.@Nullable Partition is = after.definition().partitionOf();
        if (is != null && was == null && found.partitionOf() == null) {
            beAsStrictAs(above.get(is.parent()));
            plan.now(
                    DdlTag.PARTITION,
                    "ALTER TABLE "
                            + is.parent().quoted()
                            + " ATTACH PARTITION "
                            + after.id().quoted()
                            + " "
                            + is.bound());
        }
    }

    /** Needs the columns. */
    void inherit() {
        for (TableId parent : after.definition().inherits()) {
            if (!before.definition().inherits().contains(parent)
                    && !found.inherits().contains(parent)) {
                beAsStrictAs(above.get(parent));
                alter("INHERIT " + parent.quoted());
            }
        }
    }

    private void beAsStrictAs(@Nullable TableDefinition over) {
        if (over == null) {
            return;
        }
        List<Column> columns = looser(found, over);
        if (!columns.isEmpty()) {
            plan.now(
                    DdlTag.PARTITION,
                    TableDdl.alterColumns(
                            after.id(), found.partitioned(), columns, "SET NOT NULL"));
        }
        for (Asked asked : checks(found, over, after.definition())) {
            plan.now(DdlTag.PARTITION, asked.sql());
            plan.settled(Tightening.constraint(asked.check()));
        }
    }

    private void alter(String action) {
        plan.now(DdlTag.PARTITION, "ALTER TABLE " + after.id().quoted() + " " + action);
    }
}
