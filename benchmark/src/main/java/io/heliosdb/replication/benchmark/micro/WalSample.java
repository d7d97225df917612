package io.heliosdb.replication.benchmark.micro;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.ingest.WalChunk;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/**
 * A source transaction as pgoutput sends it: 1000 inserts of seven columns, spread over 100
 * tenants, framed as {@link WalChunk} has it.
 */
public final class WalSample {

    public static final int ROWS = 1000;
    public static final int TENANTS = 100;
    private static final int OID = 16_384;
    private static final int TEXT = 25;
    private static final String[] COLUMNS = {
        "id", "tenant_id", "name", "email", "amount", "status", "updated_at"
    };

    private WalSample() {}

    /** With the Relation message first, as at the beginning of a session. */
    public static byte[] transaction() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        framed(out, relation());
        for (int i = 0; i < ROWS; i++) {
            framed(out, insert(i));
        }
        return out.toByteArray();
    }

    /** One TupleData. */
    public static byte[] tuple(int row) {
        String[] values = {
            Integer.toString(row),
            "t" + row % TENANTS,
            "customer number " + row,
            "user" + row + "@example.com",
            row % 100_000 * 37 / 100 + ".37",
            "active",
            "2026-01-01 00:00:00.123456+00"
        };
        ByteBuffer tuple = ByteBuffer.allocate(1000).putShort((short) values.length);
        for (String value : values) {
            byte[] bytes = value.getBytes(UTF_8);
            tuple.put((byte) 't').putInt(bytes.length).put(bytes);
        }
        return bytes(tuple);
    }

    private static byte[] insert(int row) {
        byte[] tuple = tuple(row);
        return bytes(
                ByteBuffer.allocate(6 + tuple.length)
                        .put((byte) 'I')
                        .putInt(OID)
                        .put((byte) 'N')
                        .put(tuple));
    }

    private static byte[] relation() {
        ByteBuffer relation = ByteBuffer.allocate(1000).put((byte) 'R').putInt(OID);
        text(relation, "public");
        text(relation, "item");
        relation.put((byte) 'd').putShort((short) COLUMNS.length);
        for (int i = 0; i < COLUMNS.length; i++) {
            relation.put((byte) (i < 2 ? 1 : 0));
            text(relation, COLUMNS[i]);
            relation.putInt(TEXT).putInt(-1);
        }
        return bytes(relation);
    }

    private static void text(ByteBuffer to, String text) {
        to.put(text.getBytes(UTF_8)).put((byte) 0);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    private static void framed(ByteArrayOutputStream out, byte[] message) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(message.length).array());
        out.writeBytes(message);
    }
}
