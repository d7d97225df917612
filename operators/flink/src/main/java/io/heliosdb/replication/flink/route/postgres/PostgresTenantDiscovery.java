package io.heliosdb.replication.flink.route.postgres;

import io.heliosdb.replication.core.route.postgres.TenantQuery;
import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.flink.route.TenantDiscovery;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.util.List;

/** Asks the source. */
public final class PostgresTenantDiscovery implements TenantDiscovery {

    private static final long serialVersionUID = 1L;

    @Override
    public List<TenantId> tenants(PipelineConfig config) {
        return TenantQuery.tenants(config.source(), new Tenancy(config.tenancy()));
    }
}
