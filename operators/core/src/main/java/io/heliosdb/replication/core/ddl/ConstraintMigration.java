package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableDefinition.Constraint;
import io.heliosdb.replication.core.schema.TableDefinition.Index;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Constraints and indexes, by name: what goes, goes at once; what comes is asked of rows later. */
final class ConstraintMigration {

    private final TableShape before;
    private final TableShape after;
    private final TableDefinition found;
    private final Migration.Builder plan;

    ConstraintMigration(
            TableShape before, TableShape after, TableDefinition found, Migration.Builder plan) {
        this.before = before;
        this.after = after;
        this.found = found;
        this.plan = plan;
    }

    /**
     * @param renamed whether definitions differ because what they name is called otherwise now
     */
    void run(boolean renamed) {
        for (Constraint was : before.definition().constraints()) {
            Constraint is = constraint(after.definition().constraints(), was.name());
            if (is == null) {
                plan.settled(Tightening.constraint(was.name()));
                if (constraint(found.constraints(), was.name()) != null
                        && !before.inherited().contains(was.name())) {
                    drop(was);
                }
            }
        }
        for (Constraint is : after.definition().constraints()) {
            constraint(is, renamed);
        }
        indexes();
    }

    private void constraint(Constraint is, boolean renamed) {
        Constraint was = constraint(before.definition().constraints(), is.name());
        Constraint has = constraint(found.constraints(), is.name());
        if (after.inherited().contains(is.name())) {
            return;
        }
        if (was == null) {
            if (has == null) {
                plan.later(Tightening.constraint(is.name()));
            }
        } else if (!was.definition().equals(is.definition()) && !renamed) {
            if (has != null && !has.definition().equals(is.definition())) {
                boolean validated =
                        is.definition().equals(was.definition().replace(" NOT VALID", ""));
                if (!validated) {
                    drop(has);
                }
            }
            plan.later(Tightening.constraint(is.name()));
        }
    }

    private void drop(Constraint constraint) {
        plan.now(
                "ALTER TABLE "
                        + after.id().quoted()
                        + " DROP CONSTRAINT "
                        + TableId.quote(constraint.name()));
    }

    private void indexes() {
        for (Index was : before.definition().indexes()) {
            if (!was.ofConstraint() && index(after.definition().indexes(), was.id()) == null) {
                plan.settled(Tightening.index(was.id()));
                Index has = index(found.indexes(), was.id());
                if (has != null && !has.ofConstraint() && has.partOf() == null) {
                    plan.now("DROP INDEX IF EXISTS " + was.id().quoted());
                }
            }
        }
        for (Index is : after.definition().indexes()) {
            if (is.ofConstraint() || is.partOf() != null) {
                continue;
            }
            Index was = index(before.definition().indexes(), is.id());
            boolean isNew = was == null || !was.definition().equals(is.definition());
            if (isNew && index(found.indexes(), is.id()) == null) {
                plan.later(Tightening.index(is.id()));
            }
        }
    }

    private static @Nullable Constraint constraint(List<Constraint> constraints, String name) {
        return constraints.stream().filter(it -> it.name().equals(name)).findFirst().orElse(null);
    }

    private static @Nullable Index index(List<Index> indexes, TableId id) {
        return indexes.stream().filter(it -> it.id().equals(id)).findFirst().orElse(null);
    }
}
