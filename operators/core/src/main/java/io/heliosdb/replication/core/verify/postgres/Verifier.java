package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.verify.Outcome;
import io.heliosdb.replication.core.verify.VerifyListener;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Compares what the targets hold with what the source holds, exactly, while writes go on: counts
 * and order-independent hashes of the text form, per replication and table, at one position.
 *
 * <p>The source is read in a snapshot at an exact WAL position, each target in one snapshot that
 * also holds its progress; the transactions between the two positions are read from the WAL and
 * accounted for row by row. Only reads, at both ends; leaves nothing behind. Blocks.
 *
 * <p>A replication whose target stands before the source's snapshot (the job is down, paused or
 * slow) is compared at the target's position as far as the job's slot still has the changes since;
 * what cannot be told is {@link Outcome#BEHIND}, never DIFFERENT.
 */
public final class Verifier {

    private final PipelineConfig config;
    private final VerifyOptions options;

    public Verifier(PipelineConfig config) {
        this(config, VerifyOptions.DEFAULT);
    }

    public Verifier(PipelineConfig config, VerifyOptions options) {
        this.config = config;
        this.options = options;
    }

    /**
     * @param tenant only this tenant's replications; all if empty
     * @throws ReplicationException CONFIG_INVALID if no rule covers the tenant, SOURCE_UNREACHABLE
     *     or SOURCE_NOT_READY if the source cannot be read
     */
    public VerifyReport run(Optional<TenantId> tenant, VerifyListener listener) {
        List<ReplicationRule> rules =
                config.replications().stream()
                        .filter(rule -> tenant.isEmpty() || rule.covers(tenant.get()))
                        .toList();
        if (rules.isEmpty() && tenant.isPresent()) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "no replication of the configuration covers tenant '" + tenant.get() + "'");
        }
        try (SourceEnd source = SourceEnd.open(config.source(), options.timeout());
                VerifyRun run = new VerifyRun(config, options, rules, tenant, source, listener)) {
            return run.run();
        } catch (EndException | SQLException e) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_UNREACHABLE,
                    "source " + config.source().database().url() + ": " + e.getMessage(),
                    e);
        }
    }
}
