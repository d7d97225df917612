package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TableDefinition.Constraint;
import io.heliosdb.replication.core.schema.TableDefinition.Index;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Constraints and indexes, by name: what goes, or is another under its name now, goes at once,
 * ahead of the columns; what comes is asked of rows later.
 */
final class ConstraintMigration {

    private static final String UNIQUE = "CREATE UNIQUE ";
    private static final String NOT_VALID = " NOT VALID";

    private final TableShape before;
    private final TableShape after;
    private final TableDefinition found;
    private final Migration.Builder plan;

    /** New names of columns by old. */
    private final Map<String, String> columns = new HashMap<>();

    private final Set<String> renamedFrom = new HashSet<>();
    private final Set<String> renamedTo = new HashSet<>();
    private final Set<TableId> renamedIndexes = new HashSet<>();

    ConstraintMigration(
            TableShape before, TableShape after, TableDefinition found, Migration.Builder plan) {
        this.before = before;
        this.after = after;
        this.found = found;
        this.plan = plan;
        before.names()
                .forEach(
                        (number, name) -> {
                            TableDefinition.Column column = after.column(number);
                            if (column != null && !column.name().equals(name)) {
                                columns.put(name, column.name());
                            }
                        });
    }

    void run() {
        rename();
        for (Constraint was : referencesFirst(before.definition().constraints())) {
            Constraint is = constraint(after.definition().constraints(), was.name());
            if (is == null) {
                plan.settled(Tightening.constraint(was.name()));
                if (!renamedFrom.contains(was.name())
                        && !isMerged(was)
                        && constraint(found.constraints(), was.name()) != null
                        && !before.inherited().contains(was.name())) {
                    drop(was);
                }
            }
        }
        for (Constraint is : referencesFirst(after.definition().constraints())) {
            constraint(is);
        }
        indexes();
    }

    /** They may be to keys of the same table, which cannot go before. */
    private static List<Constraint> referencesFirst(List<Constraint> constraints) {
        return constraints.stream()
                .sorted(Comparator.comparing(it -> it.references() == null))
                .toList();
    }

    /** Whether it is as it was, but for the names of columns. */
    private boolean isSame(String was, String is) {
        return columns.isEmpty()
                ? was.equals(is)
                : RenamedText.of(was, columns).equals(RenamedText.of(is, Map.of()));
    }

    /** A foreign key of what becomes a partition is part of its parent's from then on. */
    private boolean isMerged(Constraint was) {
        return was.references() != null
                && before.definition().partitionOf() == null
                && after.definition().partitionOf() != null;
    }

    /** What has got another name only keeps its index, and nobody writes without it meanwhile. */
    private void rename() {
        for (Constraint was : before.definition().constraints()) {
            if (constraint(after.definition().constraints(), was.name()) != null
                    || constraint(found.constraints(), was.name()) == null
                    || before.inherited().contains(was.name())) {
                continue;
            }
            for (Constraint is : after.definition().constraints()) {
                if (is.kind() == was.kind()
                        && isSame(was.definition(), is.definition())
                        && constraint(before.definition().constraints(), is.name()) == null
                        && constraint(found.constraints(), is.name()) == null
                        && !renamedTo.contains(is.name())) {
                    renamedFrom.add(was.name());
                    renamedTo.add(is.name());
                    plan.now(
                            DdlTag.RENAME,
                            "ALTER TABLE "
                                    + after.id().quoted()
                                    + " RENAME CONSTRAINT "
                                    + TableId.quote(was.name())
                                    + " TO "
                                    + TableId.quote(is.name()));
                    break;
                }
            }
        }
        for (Index was : before.definition().indexes()) {
            Index has = index(found.indexes(), was.id());
            if (index(after.definition().indexes(), was.id()) != null
                    || has == null
                    || was.ofConstraint()
                    || was.partOf() != null) {
                continue;
            }
            for (Index is : after.definition().indexes()) {
                if (isSame(was, is)
                        && index(before.definition().indexes(), is.id()) == null
                        && index(found.indexes(), is.id()) == null
                        && renamedIndexes.add(is.id())) {
                    renamedIndexes.add(was.id());
                    plan.now(
                            DdlTag.RENAME,
                            "ALTER INDEX "
                                    + was.id().quoted()
                                    + " RENAME TO "
                                    + TableId.quote(is.id().name()));
                    break;
                }
            }
        }
    }

    /** But for the name. */
    private boolean isSame(Index was, Index is) {
        return !is.ofConstraint()
                && is.partOf() == null
                && was.id().schema().equals(is.id().schema())
                && was.definition().startsWith(UNIQUE) == is.definition().startsWith(UNIQUE)
                && isSame(unnamed(was), unnamed(is));
    }

    private static String unnamed(Index index) {
        return index.definition().substring(Math.max(0, index.definition().indexOf(" USING ")));
    }

    private void constraint(Constraint is) {
        Constraint was = constraint(before.definition().constraints(), is.name());
        Constraint has = constraint(found.constraints(), is.name());
        if (renamedTo.contains(is.name())) {
            return;
        }
        if (after.inherited().contains(is.name())) {
            // It changes with its parent's, but may have been validated by itself.
            if (was != null && !was.validated() && is.validated()) {
                plan.later(Tightening.constraint(is.name()), after);
            }
            return;
        }
        // Its parent's may have been asked for only: what it keeps is its own now.
        boolean kept = was != null && has == null && before.inherited().contains(is.name());
        if (was == null || kept) {
            if (has == null) {
                plan.later(Tightening.constraint(is.name()), after);
            }
        } else if (!isSame(was.definition(), is.definition())) {
            if (has != null && isSame(has.definition(), is.definition())) {
                return;
            }
            boolean validated = isSame(was.definition().replace(NOT_VALID, ""), is.definition());
            if (has != null && !validated) {
                drop(has);
            }
            plan.later(Tightening.constraint(is.name()), after);
        }
    }

    private void drop(Constraint constraint) {
        plan.now(
                DdlTag.CONSTRAINT,
                "ALTER TABLE "
                        + after.id().quoted()
                        + " DROP CONSTRAINT IF EXISTS "
                        + TableId.quote(constraint.name()));
    }

    private void indexes() {
        for (Index was : before.definition().indexes()) {
            if (was.ofConstraint() || renamedIndexes.contains(was.id())) {
                continue;
            }
            Index is = index(after.definition().indexes(), was.id());
            if (is == null || is.ofConstraint()) {
                plan.settled(Tightening.index(was.id()));
                drop(index(found.indexes(), was.id()));
            }
        }
        for (Index is : after.definition().indexes()) {
            if (is.ofConstraint() || is.partOf() != null || renamedIndexes.contains(is.id())) {
                continue;
            }
            Index was = index(before.definition().indexes(), is.id());
            Index has = index(found.indexes(), is.id());
            boolean kept = was != null && has == null && was.partOf() != null;
            if (was == null || was.ofConstraint() || kept) {
                if (has == null || has.ofConstraint()) {
                    plan.later(Tightening.index(is.id()), after);
                }
            } else if (!isAlike(was, is) && (has == null || !isAlike(has, is))) {
                drop(has);
                plan.later(Tightening.index(is.id()), after);
            }
        }
    }

    /** Whatever the table is called. */
    private boolean isAlike(Index was, Index is) {
        return was.definition().startsWith(UNIQUE) == is.definition().startsWith(UNIQUE)
                && isSame(unnamed(was), unnamed(is));
    }

    /** Those of a constraint go with it, those of a partition with that of the table above. */
    private void drop(@Nullable Index has) {
        if (has != null && !has.ofConstraint() && has.partOf() == null) {
            plan.now(DdlTag.INDEX, "DROP INDEX IF EXISTS " + has.id().quoted());
        }
    }

    private static @Nullable Constraint constraint(List<Constraint> constraints, String name) {
        return constraints.stream().filter(it -> it.name().equals(name)).findFirst().orElse(null);
    }

    private static @Nullable Index index(List<Index> indexes, TableId id) {
        return indexes.stream().filter(it -> it.id().equals(id)).findFirst().orElse(null);
    }
}
