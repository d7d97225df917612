package io.heliosdb.replication.control.replication;

import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.Tier;
import java.util.ArrayList;
import java.util.List;

/**
 * What the data plane can do. What it cannot is refused where leaving it out would do harm (rows
 * that were to be masked would arrive unmasked), and told where it would not.
 *
 * @param encrypts whether jobs are given keys that what waits in their state is encrypted with
 */
public record DataPlane(boolean encrypts) {

    /** Where the keys of jobs are configured. */
    public static final String KEYS_SETTING =
            "flink.encryption in the file of `serve --config` (flink.kubernetes.keys-claim on"
                    + " Kubernetes)";

    /**
     * Refuses what is not there yet, and returns what the user should know.
     *
     * @throws ControlException VALIDATION_ERROR
     */
    public List<String> check(ReplicationConfig config) {
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
        if (config.encryption().enabled() && !encrypts) {
            throw ControlException.invalid(
                    "config.encryption",
                    "this server gives its jobs no keys, so what waits in their state would not be"
                            + " encrypted: configure "
                            + KEYS_SETTING);
        }
        List<String> warnings = new ArrayList<>();
        if (!config.encryption().enabled() && encrypts) {
            warnings.add(
                    "what waits for it is encrypted all the same: the keys of a job are for all its"
                            + " replications");
        }
        if (config.qosTier() == Tier.SYNCHRONOUS) {
            warnings.add(
                    "commits wait for the target only where the source is set up for it: a dry run"
                            + " prints the settings");
        }
        return warnings;
    }
}
