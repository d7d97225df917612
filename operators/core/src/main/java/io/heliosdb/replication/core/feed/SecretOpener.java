package io.heliosdb.replication.core.feed;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/**
 * Decrypts what the control API has encrypted in the store: AES-256-GCM by a Tink keyset, the
 * owner's id as associated data. Any key of the keyset may have encrypted it. Thread-safe.
 */
public final class SecretOpener {

    private final Aead aead;

    private SecretOpener(Aead aead) {
        this.aead = aead;
    }

    /**
     * @param keyset in JSON
     */
    public static SecretOpener of(Secret keyset) {
        try {
            AeadConfig.register();
            return new SecretOpener(
                    TinkJsonProtoKeysetFormat.parseKeyset(
                                    keyset.value(),
                                    RegistryConfiguration.get(),
                                    InsecureSecretKeyAccess.get())
                            .getPrimitive(RegistryConfiguration.get(), Aead.class));
        } catch (GeneralSecurityException e) {
            // Without the cause, which could quote the text.
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "store.secret-keys is not a Tink keyset in JSON with AEAD keys");
        }
    }

    /**
     * The secret of the owner of this id.
     *
     * @throws ReplicationException CONFIG_INVALID if the keys are others
     */
    public String open(byte[] secret, String owner) {
        try {
            return new String(
                    aead.decrypt(secret, owner.getBytes(StandardCharsets.UTF_8)),
                    StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "the password of connection "
                            + owner
                            + " cannot be decrypted: store.secret-keys are not those that the"
                            + " control API has");
        }
    }
}
