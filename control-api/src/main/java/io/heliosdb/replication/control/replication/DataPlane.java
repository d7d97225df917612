package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.Tier;
import java.util.ArrayList;
import java.util.List;

/**
 * What the data plane can do. What it cannot is refused where leaving it out would do harm (rows
 * that were to be masked would arrive unmasked), and told where it would not.
 */
public final class DataPlane {

    private DataPlane() {}

    /**
     * Refuses what is not there yet, and returns what the user should know.
     *
     * @throws ControlException VALIDATION_ERROR
     */
    public static List<String> check(ReplicationConfig config) {
        if (!config.transforms().isEmpty()) {
            throw ControlException.invalid(
                    "config.transforms",
                    "transforms are not carried out yet; without them rows would arrive as they are");
        }
        if (config.rowFilter().enabled()) {
            throw ControlException.invalid(
                    "config.row_filter",
                    "row filters are not carried out yet; without them all rows would arrive");
        }
        if (config.encryption().enabled()) {
            throw ControlException.invalid(
                    "config.encryption", "what waits in the job's state is not encrypted yet");
        }
        List<String> warnings = new ArrayList<>();
        if (config.qosTier() == Tier.SYNCHRONOUS) {
            warnings.add(
                    "tier Synchronous is not enforced yet: commits at the source do not wait for the"
                            + " target");
        }
        if (!config.compression().enabled()) {
            warnings.add("what waits in the job's state is always compressed");
        }
        return warnings;
    }
}
