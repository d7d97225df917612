package io.heliosdb.replication.core.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.ingest.HeartbeatMessage;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pgoutput messages off the hot path. */
final class WalMessages {

    private WalMessages() {}

    static RelationDescriptor relation(byte[] b, int begin) {
        int oid = Tuples.int32(b, begin + 1);
        int[] at = {begin + 5};
        String schema = text(b, at);
        String name = text(b, at);
        char identity = (char) b[at[0]++];
        int count = (b[at[0]] & 0xFF) << 8 | b[at[0] + 1] & 0xFF;
        at[0] += 2;
        List<RelationDescriptor.Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean key = (b[at[0]++] & 1) != 0;
            String column = text(b, at);
            columns.add(
                    new RelationDescriptor.Column(
                            column, key, Tuples.int32(b, at[0]), Tuples.int32(b, at[0] + 4)));
            at[0] += 8;
        }
        return new RelationDescriptor(
                oid,
                new TableId(schema.isEmpty() ? "pg_catalog" : schema, name),
                identity,
                columns);
    }

    /** Our heartbeat, or null if the message is another tool's. */
    static @Nullable HeartbeatMessage heartbeat(byte[] b, int begin) {
        int[] at = {begin + 1 + 1 + 8};
        String prefix = text(b, at);
        return HeartbeatMessage.parse(prefix, b, at[0] + 4, Tuples.int32(b, at[0]));
    }

    static boolean hasUnchanged(byte[] b, int tuple) {
        int columns = (b[tuple] & 0xFF) << 8 | b[tuple + 1] & 0xFF;
        for (int i = 0; i < columns; i++) {
            if (Tuples.slice(b, tuple, i) == Tuples.UNCHANGED) {
                return true;
            }
        }
        return false;
    }

    private static String text(byte[] b, int[] at) {
        int end = at[0];
        while (b[end] != 0) {
            end++;
        }
        String text = new String(b, at[0], end - at[0], UTF_8);
        at[0] = end + 1;
        return text;
    }
}
