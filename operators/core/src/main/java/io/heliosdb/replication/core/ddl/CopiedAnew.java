package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;

/**
 * Which tables each replication copies again after an event, because their rows have become what
 * the stream does not tell, or held rows before the stream had them. It follows from the event
 * alone, so that every replication comes to the same, whoever has altered the target.
 */
public final class CopiedAnew {

    private CopiedAnew() {}

    /**
     * The tables as they are called after the change.
     *
     * @param publication of this job
     */
    public static List<TableId> by(TableChange change, DdlMessage message, String publication) {
        TableShape after = change.after();
        if (after == null || !change.published().contains(publication)) {
            return List.of();
        }
        TableShape before = change.before();
        boolean came =
                before != null
                        ? !change.publishedBefore().contains(publication)
                        : message.fillsWhatItMakes();
        boolean rows =
                before != null
                        && TableMigration.alter(
                                        before,
                                        after,
                                        before.definition(),
                                        change.rewritten(),
                                        message.command())
                                .anew();
        return came || rows ? of(change, publication) : List.of();
    }

    /** The tables under which the stream has its rows after the change; none if it has not. */
    public static List<TableId> of(TableChange change, String publication) {
        TableShape after = change.after();
        if (after == null || !change.published().contains(publication)) {
            return List.of();
        }
        List<TableId> tables = new ArrayList<>();
        tables.add(after.id());
        if (after.root() != null) {
            // Its rows go out under its own name, or under its root's.
            tables.add(after.root());
        }
        return tables;
    }
}
