package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in a configuration file that people edit.
 *
 * <p>A content counts only when two looks in a row have found the same: an editor that is half
 * through a save leaves a file that may well be valid and lacks replications, and a replication
 * that is taken out of the file loses its backlog. What is missing or not valid is logged, once,
 * and changes nothing.
 *
 * <p>Owned by one thread, but for {@link #isValid}.
 */
final class RuleFile {

    private static final Logger LOG = LoggerFactory.getLogger(RuleFile.class);

    private final Path path;
    private byte @Nullable [] looked;
    private byte @Nullable [] settled;
    private volatile boolean valid = true;

    RuleFile(Path path) {
        this.path = path;
    }

    /** Whether the file can be read and its last settled content is valid. */
    boolean isValid() {
        return valid;
    }

    /** The rules of a valid content that has settled since the last look, else null. */
    @Nullable List<ReplicationRule> look() {
        byte[] content;
        try {
            content = Files.readAllBytes(path);
        } catch (IOException e) {
            refuse("cannot be read: " + e);
            looked = null;
            settled = null;
            return null;
        }
        byte[] digest = digest(content);
        boolean twice = Arrays.equals(digest, looked);
        looked = digest;
        if (!twice || Arrays.equals(digest, settled)) {
            return null;
        }
        settled = digest;
        try {
            List<ReplicationRule> rules = ConfigFile.parse(path, content).replications();
            if (!valid) {
                LOG.info("configuration is valid again file={}", path);
            }
            valid = true;
            return rules;
        } catch (ReplicationException e) {
            valid = true;
            refuse(e.getMessage());
            return null;
        }
    }

    private void refuse(String reason) {
        if (valid) {
            LOG.error(
                    "configuration not reloaded, what was valid holds on file={} reason={}",
                    path,
                    reason);
        }
        valid = false;
    }

    private static byte[] digest(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
