package io.heliosdb.replication.core.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;

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

    /**
     * Reads a message's content; null if it is not a heartbeat. Whoever may write to the source may
     * write any content under any prefix, so what cannot be read is another tool's, and no reason
     * to stop.
     */
    public static @Nullable HeartbeatMessage parse(
            String prefix, byte[] bytes, int offset, int length) {
        if (!prefix.equals(PREFIX)) {
            return null;
        }
        String content = new String(bytes, offset, length, US_ASCII);
        int bar = content.indexOf('|');
        if (bar < 0) {
            return null;
        }
        try {
            return new HeartbeatMessage(
                    SourceSnapshot.parse(content.substring(0, bar)),
                    Long.parseLong(content.substring(bar + 1)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The content, as the source builds it in SQL. */
    public String content() {
        return snapshot + "|" + epochMicros;
    }
}
