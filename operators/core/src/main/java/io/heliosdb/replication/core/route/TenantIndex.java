package io.heliosdb.replication.core.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is known of a tenant by the bytes of its key, without making a String of them: open
 * addressing with linear probing over byte slices. Tenants are added, never removed.
 */
final class TenantIndex {

    /** A tenant of which rows were seen or which is replicated. */
    static final class Tenant {
        final byte[] key;
        final String id;

        /** Its replications; empty if nobody replicates it. */
        ReplicationRoute[] routes = new ReplicationRoute[0];

        /** Generation of the pattern rules that were tried on it. */
        int generation;

        private final int hash;

        private Tenant(byte[] key, int hash) {
            this.key = key;
            this.id = new String(key, UTF_8);
            this.hash = hash;
        }
    }

    private @Nullable Tenant[] table = new Tenant[256];
    private int size;

    /** The tenant with this key, made if new. */
    Tenant get(byte[] bytes, int offset, int length) {
        int hash = hash(bytes, offset, length);
        int at = hash & table.length - 1;
        Tenant tenant = table[at];
        while (tenant != null) {
            if (tenant.hash == hash
                    && Arrays.equals(
                            tenant.key, 0, tenant.key.length, bytes, offset, offset + length)) {
                return tenant;
            }
            at = at + 1 & table.length - 1;
            tenant = table[at];
        }
        tenant = new Tenant(Arrays.copyOfRange(bytes, offset, offset + length), hash);
        table[at] = tenant;
        if (++size * 2 > table.length) {
            grow();
        }
        return tenant;
    }

    Tenant get(String id) {
        byte[] bytes = id.getBytes(UTF_8);
        return get(bytes, 0, bytes.length);
    }

    private void grow() {
        @Nullable Tenant[] old = table;
        table = new Tenant[old.length * 2];
        for (Tenant tenant : old) {
            if (tenant != null) {
                int at = tenant.hash & table.length - 1;
                while (table[at] != null) {
                    at = at + 1 & table.length - 1;
                }
                table[at] = tenant;
            }
        }
    }

    private static int hash(byte[] bytes, int offset, int length) {
        int hash = 0x811c9dc5;
        for (int i = offset; i < offset + length; i++) {
            hash = (hash ^ bytes[i]) * 0x01000193;
        }
        return hash ^ hash >>> 15;
    }
}
