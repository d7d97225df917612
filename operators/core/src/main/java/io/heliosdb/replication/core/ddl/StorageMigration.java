package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How rows are named, and storage parameters. */
final class StorageMigration {

    private final TableShape before;
    private final TableShape after;
    private final Migration.Builder plan;

    StorageMigration(TableShape before, TableShape after, Migration.Builder plan) {
        this.before = before;
        this.after = after;
        this.plan = plan;
    }

    void run() {
        char was = before.definition().replicaIdentity();
        char is = after.definition().replicaIdentity();
        if (is == 'i') {
            if (was != is) {
                plan.later(Tightening.IDENTITY, after);
            } else if (!Objects.equals(identity(before), identity(after))) {
                // Perhaps only by names: whoever allows those allows this.
                plan.later(Tightening.IDENTITY);
            }
        } else if (was != is) {
            plan.settled(Tightening.IDENTITY);
            alter(
                    DdlTag.OPTIONS,
                    "REPLICA IDENTITY "
                            + switch (is) {
                                case 'f' -> "FULL";
                                case 'n' -> "NOTHING";
                                default -> "DEFAULT";
                            });
        }
        for (String option : after.definition().options()) {
            if (!before.definition().options().contains(option)) {
                alter(DdlTag.OPTIONS, "SET (" + ColumnDdl.option(option) + ")");
            }
        }
        for (String option : before.definition().options()) {
            String name = option.substring(0, option.indexOf('='));
            if (after.definition().options().stream().noneMatch(it -> it.startsWith(name + "="))) {
                alter(DdlTag.OPTIONS, "RESET (" + TableId.quote(name) + ")");
            }
        }
    }

    /** The definition of the index that names rows, if one was chosen. */
    private static @Nullable String identity(TableShape table) {
        return table.definition().indexes().stream()
                .filter(TableDefinition.Index::identity)
                .map(TableDefinition.Index::definition)
                .findFirst()
                .orElse(null);
    }

    private void alter(DdlTag tag, String action) {
        plan.now(tag, "ALTER TABLE " + after.id().quoted() + " " + action);
    }
}
