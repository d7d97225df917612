package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A relation as the stream described it last, with what routing needs of it. */
final class RelationRoute {

    final RelationDescriptor descriptor;
    final long fingerprint;
    final TenantKey key;

    /** Index of the tenant key column, -1 if all rows belong to one tenant or none. */
    final int keyColumn;

    /** Whether updates and deletes tell the tenant of the old row. */
    final boolean keyInIdentity;

    private RelationRoute(RelationDescriptor descriptor, TenantKey key) {
        this.descriptor = descriptor;
        this.fingerprint = descriptor.fingerprint();
        this.key = key;
        this.keyColumn =
                key instanceof TenantKey.Column column ? descriptor.indexOf(column.name()) : -1;
        this.keyInIdentity = keyColumn < 0 || descriptor.columns().get(keyColumn).identity();
    }

    static RelationRoute of(RelationDescriptor descriptor, Tenancy tenancy) {
        List<String> columns =
                descriptor.columns().stream().map(RelationDescriptor.Column::name).toList();
        return new RelationRoute(descriptor, tenancy.keyOf(descriptor.table(), columns));
    }

    boolean isRouted() {
        return !(key instanceof TenantKey.None);
    }

    /** Whether rows of this tenant can be in it. */
    boolean mayHold(TenantId tenant) {
        return key instanceof TenantKey.Column && !tenant.equals(TenantId.REFERENCE)
                || key instanceof TenantKey.Whole whole && whole.tenant().equals(tenant);
    }

    /** Name of the tenant key column, if there is one. */
    @Nullable String keyName() {
        return key instanceof TenantKey.Column column ? column.name() : null;
    }
}
