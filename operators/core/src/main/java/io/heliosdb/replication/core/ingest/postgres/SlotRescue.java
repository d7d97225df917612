package io.heliosdb.replication.core.ingest.postgres;

import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.SourceConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** The way out where a slot cannot be continued: another one. Nothing here happens by itself. */
public final class SlotRescue {

    private SlotRescue() {}

    /**
     * Why no stream can continue from the slot; empty if one can, as far as can be told without the
     * job's checkpoint.
     */
    public static Optional<String> whyLost(SourceConfig config) {
        Optional<SourceAdmin.Slot> slot = SourceAdmin.slot(config);
        if (slot.isEmpty()) {
            return Optional.of("slot '" + config.slot() + "' does not exist");
        }
        return Optional.ofNullable(slot.get().invalidationReason())
                .map(reason -> "slot '" + config.slot() + "' was invalidated (" + reason + ")");
    }

    /**
     * @throws ReplicationException SLOT_IN_USE if somebody reads the slot
     */
    public static void requireNotRead(SourceConfig config) {
        Optional<SourceAdmin.Slot> slot = SourceAdmin.slot(config);
        if (slot.isPresent() && slot.get().active()) {
            throw SourceAdmin.inUse(config, slot.get().activePid());
        }
    }

    /**
     * Gives up the slot with all that it holds, if there is one, and makes it anew.
     *
     * @return where it begins
     * @throws ReplicationException SLOT_UNUSABLE if a slot of that name is not of our kind: it is
     *     left alone
     */
    public static Lsn beginAnew(SourceConfig config) {
        try (Connection connection = SourceAdmin.open(config)) {
            Optional<SourceAdmin.Slot> slot = SourceAdmin.slot(connection, config.slot());
            if (slot.isPresent()) {
                if (slot.get().invalidationReason() == null) {
                    SourceAdmin.usable(connection, config, slot.get(), Duration.ZERO);
                }
                SourceAdmin.dropSlot(config);
            }
        } catch (SQLException e) {
            throw SourceAdmin.unreachable(config.database(), e);
        }
        return SourceAdmin.begin(config);
    }
}
