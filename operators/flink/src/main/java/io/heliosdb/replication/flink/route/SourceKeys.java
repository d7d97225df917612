package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.signed.SigningKeys;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.Serializable;

/** Opens the signing keys of the source. Travels with the job graph. */
@FunctionalInterface
public interface SourceKeys extends Serializable {

    SigningKeys open(PipelineConfig config);
}
