package io.heliosdb.replication.flink.route;

import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.Serializable;
import java.util.List;

/** Finds the tenants that have rows at the source. Travels with the job graph. */
@FunctionalInterface
public interface TenantDiscovery extends Serializable {

    List<TenantId> tenants(PipelineConfig config);
}
