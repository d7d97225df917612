package io.heliosdb.replication.core.segment;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands before the payload of a segment, and suffices to take up a backlog that is larger
 * than the heap.
 *
 * @param sealed whether the payload is encrypted
 * @param count transactions, counting each part of a large one
 * @param rawBytes of the transactions before compression
 * @param rows changes in them; 0 in version 2, which does not know
 * @param payloadBytes as stored; in version 2 whatever follows
 * @param firstCommitMicros of the first transaction; 0 in version 2
 * @param bytes of the header itself
 */
public record SegmentHeader(
        byte version,
        byte codec,
        boolean sealed,
        int count,
        int rawBytes,
        int rows,
        int payloadBytes,
        long firstCommitMicros,
        int bytes) {

    static final byte VERSION = 3;
    static final int BYTES = 32;

    private static final byte VERSION_2 = 2;
    private static final int BYTES_2 = 16;
    private static final short MAGIC = 0x4853;
    private static final int SEALED = 0x80;
    private static final int CRC_BYTES = 4;

    static SegmentHeader of(
            byte codec,
            boolean sealed,
            int count,
            int rawBytes,
            int rows,
            int payloadBytes,
            long firstCommitMicros) {
        return new SegmentHeader(
                VERSION,
                codec,
                sealed,
                count,
                rawBytes,
                rows,
                payloadBytes,
                firstCommitMicros,
                BYTES);
    }

    /**
     * Reads the header of a segment of which at least that is there.
     *
     * @throws io.heliosdb.replication.model.ReplicationException INTERNAL if it is damaged
     */
    public static SegmentHeader read(byte[] segment) {
        if (segment.length < BYTES_2) {
            throw SegmentCodec.damaged("only " + segment.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(segment);
        if (buffer.getShort() != MAGIC) {
            throw SegmentCodec.damaged("magic is missing");
        }
        byte version = buffer.get();
        int codec = buffer.get() & 0xFF;
        if ((codec & ~SEALED) > SegmentCodec.COLUMNS) {
            throw SegmentCodec.damaged("unknown codec " + codec);
        }
        if (version == VERSION_2) {
            int payload = segment.length - BYTES_2;
            return new SegmentHeader(
                    version,
                    (byte) codec,
                    false,
                    buffer.getInt(),
                    buffer.getInt(),
                    0,
                    payload,
                    0,
                    BYTES_2);
        }
        if (version != VERSION || segment.length < BYTES) {
            throw SegmentCodec.damaged("version " + version + " is not " + VERSION);
        }
        return of(
                (byte) (codec & ~SEALED),
                (codec & SEALED) != 0,
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getInt(),
                buffer.getLong());
    }

    /** All of the header but the checksum, followed by room for that. */
    byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putShort(MAGIC)
                .put(version)
                .put((byte) (sealed ? codec | SEALED : codec))
                .putInt(count)
                .putInt(rawBytes)
                .putInt(rows)
                .putInt(payloadBytes)
                .putLong(firstCommitMicros)
                .array();
    }

    /** The whole segment, with its checksum. */
    byte[] before(byte[] payload) {
        byte[] segment =
                ByteBuffer.allocate(bytes + payload.length).put(toBytes()).put(payload).array();
        ByteBuffer.wrap(segment).putInt(bytes - CRC_BYTES, checksum(segment));
        return segment;
    }

    /** Fails unless the segment is whole and as it was written. */
    void check(byte[] segment) {
        if (segment.length - bytes != payloadBytes) {
            throw SegmentCodec.damaged(segment.length + " bytes");
        }
        if (ByteBuffer.wrap(segment).getInt(bytes - CRC_BYTES) != checksum(segment)) {
            throw SegmentCodec.damaged("checksum differs");
        }
    }

    private int checksum(byte[] segment) {
        CRC32C crc = new CRC32C();
        crc.update(segment, 0, bytes - CRC_BYTES);
        crc.update(segment, bytes, segment.length - bytes);
        return (int) crc.getValue();
    }
}
