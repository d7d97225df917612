package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.core.route.SourceAccess;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.Serializable;

/** Opens what the router asks of the source. Travels with the job graph. */
@FunctionalInterface
public interface SourceKeys extends Serializable {

    SourceAccess open(PipelineConfig config);
}
