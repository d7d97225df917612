package io.heliosdb.replication.core.segment;

/**
 * Reads what {@link SegmentOutput} wrote, within its bounds. What does not fit fails with {@link
 * SegmentCodec#damaged}.
 */
final class SegmentInput {

    final byte[] bytes;
    int at;
    private final int end;

    SegmentInput(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.at = from;
        this.end = to;
    }

    int remaining() {
        return end - at;
    }

    int get() {
        return bytes[skip(1)] & 0xFF;
    }

    /** Moves on by so many bytes; returns where they begin. */
    int skip(int length) {
        if (length < 0 || length > end - at) {
            throw SegmentCodec.damaged(length + " bytes wanted, " + (end - at) + " left");
        }
        int from = at;
        at += length;
        return from;
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = get();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw SegmentCodec.damaged("a number without end");
    }

    long signed() {
        return SegmentOutput.unzigzag(varint());
    }

    /** A size or count, at most so large. */
    int size(long most) {
        long value = varint();
        if (value < 0 || value > most) {
            throw SegmentCodec.damaged("size " + value + " is above " + most);
        }
        return (int) value;
    }

    int int32() {
        int value = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            value = value << 8 | get();
        }
        return value;
    }

    long int64() {
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value = value << 8 | get();
        }
        return value;
    }
}
