package io.heliosdb.replication.core.secret;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TenantId;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts with the data key of one tenant. Used by one thread; {@link #becomes} by any.
 *
 * <p>The keys that it works with change only in {@link #settle}, so a destroyed key is gone at a
 * moment that its user chooses, not in the middle of something.
 */
public final class TenantCipher {

    private final TenantId tenant;
    private volatile @Nullable AeadKeys next;
    private @Nullable AeadKeys keys;

    TenantCipher(TenantId tenant, @Nullable AeadKeys keys) {
        this.tenant = tenant;
        this.next = keys;
        this.keys = keys;
    }

    /** A cipher whose keys nobody else has, gone with it. */
    public static TenantCipher ofItsOwn(TenantId tenant) {
        return new TenantCipher(tenant, AeadKeys.generate());
    }

    /** From the next {@link #settle} on these are the keys; null if they were destroyed. */
    void becomes(@Nullable AeadKeys newest) {
        next = newest;
    }

    /** Takes up what has become of the keys; whether there are any. */
    public boolean settle() {
        keys = next;
        return keys != null;
    }

    /** Whether the keys were destroyed, as of the last {@link #settle}. */
    public boolean isDestroyed() {
        return keys == null;
    }

    public byte[] encrypt(byte[] plain, byte[] binding) {
        return present().encrypt(plain, binding);
    }

    /**
     * @throws ReplicationException KEY_DESTROYED; INTERNAL if this is not what was encrypted
     */
    public byte[] decrypt(byte[] encrypted, byte[] binding) {
        try {
            return present().decrypt(encrypted, binding);
        } catch (GeneralSecurityException e) {
            throw new ReplicationException(
                    ErrorCode.INTERNAL,
                    "segment is damaged: it was not encrypted for this place, or with a data key"
                            + " that tenant '"
                            + tenant
                            + "' does not have",
                    e);
        }
    }

    private AeadKeys present() {
        AeadKeys now = keys;
        if (now == null) {
            throw new ReplicationException(
                    ErrorCode.KEY_DESTROYED,
                    "the data key of tenant '" + tenant + "' was destroyed");
        }
        return now;
    }
}
