package io.heliosdb.replication.core.segment;

import com.github.luben.zstd.Zstd;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns consecutive tenant transactions of one replication into one block of bytes and back,
 * exactly.
 *
 * <pre>
 *   segment := magic(2) = "HS"  version(1) = 3  sealed(1 bit) codec(7 bits)  count(4)  rawBytes(4)
 *              rows(4)  payloadBytes(4)  firstCommitMicros(8)  crc32c(4)  payload
 *   codec   := 0 stored | 1 Zstd | 2 columns
 *   payload := the transactions by {@link LaneInputCodec#writeTransaction}, as they are or
 *              compressed, or column by column ({@link ColumnarCodec}); if sealed, that encrypted
 *              ({@link SegmentSeal})
 *   crc32c  := over the 28 bytes before it and the payload as stored
 * </pre>
 *
 * Numbers are big-endian; {@code rawBytes} is the size as codec 0 would have it. Version 2, which
 * is still read, has only count, rawBytes and crc32c after the codec. A damaged segment is detected
 * and never decoded. Thread-safe.
 */
public final class SegmentCodec {

    static final byte STORED = 0;
    static final byte ZSTD = 1;
    static final byte COLUMNS = 2;
    private static final int WORTH_COMPRESSING = 256;

    private SegmentCodec() {}

    /** The level of Zstd. */
    static int zstd(CompressionLevel level) {
        return switch (level) {
            case NONE -> 0;
            case LOW -> 1;
            case MEDIUM -> 3;
            case HIGH -> 9;
        };
    }

    /** Not encrypted. */
    public static byte[] encode(List<TenantTransaction> transactions, CompressionLevel level) {
        return encode(transactions, level, null, 0);
    }

    /**
     * @param sequence of the first transaction in its backlog
     */
    public static byte[] encode(
            List<TenantTransaction> transactions,
            CompressionLevel level,
            @Nullable SegmentSeal seal,
            long sequence) {
        if (level != CompressionLevel.NONE) {
            byte[] columns = ColumnarCodec.encode(transactions, level);
            long rawBytes = 0;
            for (TenantTransaction transaction : transactions) {
                rawBytes += rawBytes(transaction);
            }
            if (columns != null && columns.length < rawBytes && rawBytes <= Integer.MAX_VALUE) {
                return segment(COLUMNS, transactions, (int) rawBytes, columns, seal, sequence);
            }
        }
        return encodeWhole(transactions, level, seal, sequence);
    }

    /** As a stream of bytes, which takes whatever is in them. */
    static byte[] encodeWhole(
            List<TenantTransaction> transactions,
            CompressionLevel level,
            @Nullable SegmentSeal seal,
            long sequence) {
        byte[] raw = raw(transactions);
        if (level != CompressionLevel.NONE && raw.length >= WORTH_COMPRESSING) {
            byte[] compressed = Zstd.compress(raw, zstd(level));
            if (compressed.length < raw.length) {
                return segment(ZSTD, transactions, raw.length, compressed, seal, sequence);
            }
        }
        return segment(STORED, transactions, raw.length, raw, seal, sequence);
    }

    static byte[] raw(List<TenantTransaction> transactions) {
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

    private static byte[] segment(
            byte codec,
            List<TenantTransaction> transactions,
            int rawBytes,
            byte[] payload,
            @Nullable SegmentSeal seal,
            long sequence) {
        int rows = 0;
        for (TenantTransaction transaction : transactions) {
            rows += transaction.rows();
        }
        SegmentHeader header =
                SegmentHeader.of(
                        codec,
                        seal != null,
                        transactions.size(),
                        rawBytes,
                        rows,
                        payload.length + (seal == null ? 0 : SegmentSeal.MORE_BYTES),
                        transactions.isEmpty() ? 0 : transactions.get(0).commitEpochMicros());
        return header.before(seal == null ? payload : seal.close(payload, header, sequence));
    }

    /** What each table takes, ours and by Zstd alone. Costs about twice as much as encoding. */
    public static List<TableSample> measure(
            List<TenantTransaction> transactions, CompressionLevel level) {
        return level == CompressionLevel.NONE
                ? List.of()
                : ColumnarCodec.measure(transactions, level);
    }

    /** Of what is not encrypted. */
    public static List<TenantTransaction> decode(ReplicationId replication, byte[] segment) {
        return decode(replication, segment, null, 0);
    }

    /**
     * @param seal as when it was encoded; not needed for what is not encrypted
     * @param sequence as when it was encoded
     */
    public static List<TenantTransaction> decode(
            ReplicationId replication, byte[] segment, @Nullable SegmentSeal seal, long sequence) {
        SegmentHeader header = SegmentHeader.read(segment);
        header.check(segment);
        if (!header.sealed()) {
            SegmentInput payload = new SegmentInput(segment, header.bytes(), segment.length);
            return decode(replication, header, payload);
        }
        if (seal == null) {
            throw new ReplicationException(
                    ErrorCode.CONFIG_INVALID,
                    "the backlog of replication '"
                            + replication
                            + "' is encrypted: job.encryption is missing");
        }
        byte[] payload = Arrays.copyOfRange(segment, header.bytes(), segment.length);
        byte[] open = seal.open(payload, header, sequence);
        return decode(replication, header, new SegmentInput(open, 0, open.length));
    }

    private static List<TenantTransaction> decode(
            ReplicationId replication, SegmentHeader header, SegmentInput payload) {
        if (header.codec() == COLUMNS) {
            return ColumnarCodec.decode(replication, header.count(), header.rawBytes(), payload);
        }
        byte[] stored =
                Arrays.copyOfRange(payload.bytes, payload.at, payload.at + payload.remaining());
        byte[] raw = header.codec() == ZSTD ? Zstd.decompress(stored, header.rawBytes()) : stored;
        List<TenantTransaction> transactions = new ArrayList<>(header.count());
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(raw))) {
            for (int i = 0; i < header.count(); i++) {
                transactions.add(LaneInputCodec.readTransaction(replication, in));
            }
        } catch (IOException e) {
            throw new ReplicationException(ErrorCode.INTERNAL, "segment ends early", e);
        }
        return transactions;
    }

    /**
     * What {@link SegmentHeader#read} needs of a segment: a backlog may be larger than the heap.
     */
    public static byte[] headerOf(byte[] segment) {
        return Arrays.copyOf(segment, SegmentHeader.read(segment).bytes());
    }

    static ReplicationException damaged(String how) {
        return new ReplicationException(ErrorCode.INTERNAL, "segment is damaged: " + how);
    }
}
