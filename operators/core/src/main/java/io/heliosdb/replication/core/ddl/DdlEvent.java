package io.heliosdb.replication.core.ddl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * DDL at its place in a tenant transaction.
 *
 * <pre>
 *   event := version(1) = 1  ordinal(8)  pending(4) xids(8)*  publication (length(2) UTF-8)  message (UTF-8, to the end)
 * </pre>
 *
 * @param ordinal of the message in its source transaction: with the commit LSN it names the event
 * @param pendingXids {@link io.heliosdb.replication.model.XidRange ids} of transactions up to here
 *     that no snapshot was yet proven to see, this one included: what a copy that begins here must
 *     see
 * @param publication that the stream is of
 * @param message as the source sent it; read by {@link DdlMessage#parse}
 */
public record DdlEvent(long ordinal, long[] pendingXids, String publication, String message) {

    private static final byte VERSION = 1;

    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(ordinal);
            out.writeInt(pendingXids.length);
            for (long xid : pendingXids) {
                out.writeLong(xid);
            }
            out.writeUTF(publication);
            out.write(message.getBytes(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static DdlEvent decode(byte[] bytes, int offset, int length) {
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(bytes, offset, length))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IOException("DDL event of version " + version);
            }
            long ordinal = in.readLong();
            long[] xids = new long[in.readInt()];
            for (int i = 0; i < xids.length; i++) {
                xids[i] = in.readLong();
            }
            return new DdlEvent(ordinal, xids, in.readUTF(), new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
