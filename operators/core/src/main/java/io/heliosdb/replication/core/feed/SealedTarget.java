package io.heliosdb.replication.core.feed;

import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.Arrays;

/**
 * A connection of the store in its role as target, its password as the store has it: encrypted. So
 * it goes through streams and into checkpoints.
 *
 * @param name the connection's id
 * @param secret empty for no password
 * @param bytesPerSecond of changes that may go to it; 0 for no bound
 * @param version grows with every change
 */
public record SealedTarget(
        String name,
        String url,
        String user,
        byte[] secret,
        int lanes,
        long bytesPerSecond,
        long version) {

    /** Opened where it is used. */
    public TargetConfig open(SecretOpener opener) {
        Secret password = secret.length == 0 ? Secret.EMPTY : new Secret(opener.open(secret, name));
        return new TargetConfig(
                name, new DatabaseConfig(url, user, password), lanes, bytesPerSecond);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedTarget that
                && name.equals(that.name)
                && url.equals(that.url)
                && user.equals(that.user)
                && Arrays.equals(secret, that.secret)
                && lanes == that.lanes
                && bytesPerSecond == that.bytesPerSecond
                && version == that.version;
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + Long.hashCode(version);
    }

    @Override
    public String toString() {
        return "SealedTarget[" + name + ", version " + version + "]";
    }
}
