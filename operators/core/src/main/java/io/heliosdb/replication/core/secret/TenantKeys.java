package io.heliosdb.replication.core.secret;

import io.heliosdb.replication.model.TenantId;

/**
 * The port to the data keys of tenants. Which key management keeps them is an adapter's business;
 * {@link TenantKeyFiles} is the one for files.
 *
 * <p>Looked up when a lane begins; what changes later is noticed by the adapter and taken up by
 * {@link TenantCipher#settle}, so that nobody waits for a key while data moves.
 */
public interface TenantKeys extends AutoCloseable {

    /**
     * The cipher of a tenant; its data key is made if there never was one.
     *
     * @throws io.heliosdb.replication.model.ReplicationException KEYS_UNREADABLE
     */
    TenantCipher of(TenantId tenant);

    @Override
    void close();
}
