package io.heliosdb.replication.job;

import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.feed.StoreRows;
import io.heliosdb.replication.core.feed.postgres.ControlStore;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job of one source connection of a metadata store. */
public final class StoreJob {

    private static final Logger LOG = LoggerFactory.getLogger(StoreJob.class);

    private StoreJob() {}

    /**
     * Builds the job on an environment: reads from the store where the source is and how tenants
     * are found in it; what is replicated is followed while the job runs. A later change of the
     * source connection takes effect when the job is started anew.
     *
     * @throws ReplicationException STORE_UNREACHABLE; STORE_NOT_READY with the statements that mend
     *     it; CONFIG_INVALID if there is no such source or its password cannot be decrypted
     */
    public static void build(StreamExecutionEnvironment env, ControlStoreConfig control) {
        StoreRows.Source source;
        SecretOpener opener = SecretOpener.of(control.secretKeys());
        try (ControlStore store = ControlStore.open(control)) {
            PreflightReport findings = store.check();
            if (findings.hasErrors()) {
                throw new ReplicationException(ErrorCode.STORE_NOT_READY, findings.render());
            }
            source = store.source(opener);
        }
        LOG.info(
                "job reads source={} slot={} version={}",
                control.sourceConnection(),
                source.config().slot(),
                source.version());
        ReplicationJob.build(
                env,
                new PipelineConfig(
                        source.config(), source.tenancy(), List.of(), List.of(), control.job()),
                control);
    }
}
