package io.heliosdb.replication.core.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.SourceSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * The content of our transactional logical message: {@code <pg_current_snapshot()>|<clock, epoch
 * microseconds>}.
 *
 * @param snapshot taken at the source; what it sees, every later snapshot sees
 */
public record HeartbeatMessage(SourceSnapshot snapshot, long epochMicros) {

    public static final String PREFIX = "heliosdb.heartbeat";

    /** Reads a message's content; null if the prefix is another tool's. */
    public static @Nullable HeartbeatMessage parse(
            String prefix, byte[] bytes, int offset, int length) {
        if (!prefix.equals(PREFIX)) {
            return null;
        }
        String content = new String(bytes, offset, length, UTF_8);
        int bar = content.indexOf('|');
        if (bar < 0) {
            throw new IllegalArgumentException("heartbeat without '|'");
        }
        return new HeartbeatMessage(
                SourceSnapshot.parse(content.substring(0, bar)),
                Long.parseLong(content.substring(bar + 1)));
    }
}
