package io.heliosdb.replication.core.segment;

import com.github.luben.zstd.Zstd;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Turns consecutive tenant transactions of one replication into one block of bytes and back,
 * exactly.
 *
 * <pre>
 *   segment := magic(2) = "HS"  version(1) = 2  codec(1)  count(4)  rawBytes(4)  crc32c(4)  payload
 *   codec   := 0 stored | 1 Zstd | 2 columns
 *   payload := the transactions by {@link LaneInputCodec#writeTransaction}, as they are or
 *              compressed, or column by column ({@link ColumnarCodec})
 *   crc32c  := over the 12 bytes before it and the payload as stored
 * </pre>
 *
 * Numbers are big-endian; {@code rawBytes} is the size as codec 0 would have it. A damaged segment
 * is detected and never decoded. Thread-safe.
 */
public final class SegmentCodec {

    private static final short MAGIC = 0x4853;
    private static final byte VERSION = 2;
    private static final byte STORED = 0;
    private static final byte ZSTD = 1;
    private static final byte COLUMNS = 2;
    private static final int CHECKSUM_AT = 12;
    private static final int HEADER = 16;
    private static final int WORTH_COMPRESSING = 256;

    private SegmentCodec() {}

    public static byte[] encode(List<TenantTransaction> transactions, CompressionLevel level) {
        byte[] columns = ColumnarCodec.encode(transactions, level);
        if (columns != null) {
            long rawBytes = 0;
            for (TenantTransaction transaction : transactions) {
                rawBytes += rawBytes(transaction);
            }
            if (columns.length < rawBytes && rawBytes <= Integer.MAX_VALUE) {
                return segment(COLUMNS, transactions.size(), (int) rawBytes, columns);
            }
        }
        return encodeWhole(transactions, level);
    }

    /** As a stream of bytes, which takes whatever is in them. */
    static byte[] encodeWhole(List<TenantTransaction> transactions, CompressionLevel level) {
        byte[] raw = raw(transactions);
        if (raw.length >= WORTH_COMPRESSING) {
            byte[] compressed = Zstd.compress(raw, level.zstd());
            if (compressed.length < raw.length) {
                return segment(ZSTD, transactions.size(), raw.length, compressed);
            }
        }
        return segment(STORED, transactions.size(), raw.length, raw);
    }

    private static byte[] raw(List<TenantTransaction> transactions) {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream(4096);
        try (DataOutputStream out = new DataOutputStream(buffer)) {
            for (TenantTransaction transaction : transactions) {
                LaneInputCodec.writeTransaction(transaction, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return buffer.toByteArray();
    }

    private static long rawBytes(TenantTransaction transaction) {
        return LaneInputCodec.TRANSACTION_BYTES
                + (long) Long.BYTES * transaction.relations().length
                + transaction.changes().length;
    }

    private static byte[] segment(byte codec, int count, int rawBytes, byte[] payload) {
        ByteBuffer segment =
                ByteBuffer.allocate(HEADER + payload.length)
                        .putShort(MAGIC)
                        .put(VERSION)
                        .put(codec)
                        .putInt(count)
                        .putInt(rawBytes)
                        .putInt(0)
                        .put(payload);
        return segment.putInt(CHECKSUM_AT, checksum(segment.array())).array();
    }

    public static List<TenantTransaction> decode(ReplicationId replication, byte[] segment) {
        ByteBuffer header = header(segment);
        byte codec = header.get(3);
        int count = header.getInt(4);
        int rawBytes = header.getInt(8);
        if (header.getInt(CHECKSUM_AT) != checksum(segment)) {
            throw damaged("checksum differs");
        }
        if (codec == COLUMNS) {
            SegmentInput payload = new SegmentInput(segment, HEADER, segment.length);
            return ColumnarCodec.decode(replication, count, rawBytes, payload);
        }
        byte[] payload = Arrays.copyOfRange(segment, HEADER, segment.length);
        byte[] raw = codec == ZSTD ? Zstd.decompress(payload, rawBytes) : payload;
        List<TenantTransaction> transactions = new ArrayList<>(count);
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(raw))) {
            for (int i = 0; i < count; i++) {
                transactions.add(LaneInputCodec.readTransaction(replication, in));
            }
        } catch (IOException e) {
            throw new ReplicationException(ErrorCode.INTERNAL, "segment ends early", e);
        }
        return transactions;
    }

    /**
     * What {@link #count} and {@link #rawBytes} need of a segment: a backlog may be larger than the
     * heap.
     */
    public static byte[] headerOf(byte[] segment) {
        return Arrays.copyOf(segment, Math.min(segment.length, HEADER));
    }

    /** Number of transactions (or parts) in the segment. */
    public static int count(byte[] segment) {
        return header(segment).getInt(4);
    }

    /** Bytes of the transactions before compression. */
    public static int rawBytes(byte[] segment) {
        return header(segment).getInt(8);
    }

    private static ByteBuffer header(byte[] segment) {
        if (segment.length < HEADER) {
            throw damaged("only " + segment.length + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(segment, 0, HEADER);
        if (header.getShort(0) != MAGIC) {
            throw damaged("magic is missing");
        }
        if (header.get(2) != VERSION) {
            throw damaged("version " + header.get(2) + " is not " + VERSION);
        }
        if (header.get(3) < STORED || header.get(3) > COLUMNS) {
            throw damaged("unknown codec " + header.get(3));
        }
        return header;
    }

    private static int checksum(byte[] segment) {
        CRC32C crc = new CRC32C();
        crc.update(segment, 0, CHECKSUM_AT);
        crc.update(segment, HEADER, segment.length - HEADER);
        return (int) crc.getValue();
    }

    static ReplicationException damaged(String how) {
        return new ReplicationException(ErrorCode.INTERNAL, "segment is damaged: " + how);
    }
}
