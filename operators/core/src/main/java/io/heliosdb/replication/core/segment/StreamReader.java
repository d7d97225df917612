package io.heliosdb.replication.core.segment;

import com.github.luben.zstd.Zstd;

/** Hands out the streams of a payload in the order in which {@link StreamWriter} took them. */
final class StreamReader {

    /**
     * A bound for what a damaged directory may ask for; the head of a wide table is its largest.
     */
    private final long mostBytes;

    private final SegmentInput payload;
    private final long[] raw;
    private final int[] stored;
    private final int[] from;
    private final byte[] joint;
    private int next;
    private int jointAt;

    StreamReader(SegmentInput payload, int rawBytes) {
        this.mostBytes = Math.min(Integer.MAX_VALUE - 8, rawBytes * 64L + 4096);
        this.payload = payload;
        int payloadBytes = payload.remaining();
        int count = payload.size(payloadBytes);
        raw = new long[count + 1];
        stored = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            raw[i] = payload.varint();
            int length = length(i);
            stored[i] =
                    switch ((int) raw[i] & 3) {
                        case StreamWriter.STORED -> length;
                        case StreamWriter.ZSTD -> payload.size(payloadBytes);
                        case StreamWriter.JOINT -> 0;
                        default -> throw SegmentCodec.damaged("unknown form of a stream");
                    };
        }
        from = new int[count + 1];
        for (int i = 0; i <= count; i++) {
            from[i] = payload.skip(stored[i]);
        }
        joint = unpack(count);
    }

    /** The last stream, which tells of the others. */
    SegmentInput head() {
        int last = raw.length - 2;
        if (last < 0) {
            throw SegmentCodec.damaged("no streams");
        }
        if (form(last) == StreamWriter.JOINT) {
            return new SegmentInput(joint, joint.length - length(last), joint.length);
        }
        byte[] bytes = unpack(last);
        return new SegmentInput(bytes, 0, bytes.length);
    }

    private int form(int index) {
        return (int) raw[index] & 3;
    }

    private int length(int index) {
        long length = raw[index] >>> 2;
        if (length > mostBytes) {
            throw SegmentCodec.damaged("a stream of " + length + " bytes");
        }
        return (int) length;
    }

    /** The next stream. */
    SegmentInput next() {
        int index = next++;
        if (index >= raw.length - 1) {
            throw SegmentCodec.damaged("streams are missing");
        }
        if (form(index) == StreamWriter.JOINT) {
            int start = jointAt;
            jointAt += length(index);
            if (jointAt > joint.length) {
                throw SegmentCodec.damaged("the joint stream ends early");
            }
            return new SegmentInput(joint, start, jointAt);
        }
        byte[] bytes = unpack(index);
        return new SegmentInput(bytes, 0, bytes.length);
    }

    private byte[] unpack(int index) {
        byte[] bytes = new byte[length(index)];
        if (form(index) == StreamWriter.ZSTD) {
            long size =
                    Zstd.decompressByteArray(
                            bytes, 0, bytes.length, payload.bytes, from[index], stored[index]);
            if (size != bytes.length) {
                throw SegmentCodec.damaged("a stream does not decompress");
            }
        } else {
            System.arraycopy(payload.bytes, from[index], bytes, 0, bytes.length);
        }
        return bytes;
    }
}
