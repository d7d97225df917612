package io.heliosdb.replication.core.segment;

/**
 * Doubles one after the other as in Facebook's Gorilla (Pelkonen et al., VLDB 2015): the bits that
 * differ from the one before, and where they are.
 *
 * <pre>
 *   first value: 64 bits; then each
 *     0                                     the same
 *     1 0 bits                              within the window of the last one that had its own
 *     1 1 leading(5) length - 1(6) bits     its own window
 * </pre>
 */
final class XorStream {

    private static final int MOST_LEADING = 31;

    private final SegmentOutput output = new SegmentOutput(1024);
    private long pending;
    private int pendingBits;

    private XorStream() {}

    static void write(long[] values, int count, StreamWriter streams) {
        XorStream bits = new XorStream();
        bits.writeAll(values, count);
        streams.add(bits.output);
    }

    private void writeAll(long[] values, int count) {
        long before = 0;
        int leading = -1;
        int length = 0;
        for (int i = 0; i < count; i++) {
            long xor = values[i] ^ before;
            before = values[i];
            if (i == 0) {
                put(xor, Long.SIZE);
            } else if (xor == 0) {
                put(0, 1);
            } else {
                int ownLeading = Math.min(MOST_LEADING, Long.numberOfLeadingZeros(xor));
                int ownLength = Long.SIZE - ownLeading - Long.numberOfTrailingZeros(xor);
                boolean fits =
                        leading >= 0
                                && ownLeading >= leading
                                && ownLeading + ownLength <= leading + length;
                if (fits && length <= ownLength + 11) {
                    put(0b10, 2);
                } else {
                    leading = ownLeading;
                    length = ownLength;
                    put(0b11, 2);
                    put(leading, 5);
                    put(length - 1, 6);
                }
                put(xor >>> Long.SIZE - leading - length, length);
            }
        }
        if (pendingBits > 0) {
            output.put((int) (pending << 8 - pendingBits));
        }
    }

    private void put(long bits, int count) {
        for (int left = count; left > 0; ) {
            int taken = Math.min(left, 8 - pendingBits);
            left -= taken;
            pending = pending << taken | bits >>> left & (1 << taken) - 1;
            pendingBits += taken;
            if (pendingBits == 8) {
                output.put((int) pending);
                pending = 0;
                pendingBits = 0;
            }
        }
    }

    static long[] read(int count, StreamReader streams) {
        Bits bits = new Bits(streams.next());
        long[] values = new long[count];
        long before = 0;
        int leading = 0;
        int length = 0;
        for (int i = 0; i < count; i++) {
            if (i == 0) {
                before = bits.take(Long.SIZE);
            } else if (bits.take(1) == 1) {
                if (bits.take(1) == 1) {
                    leading = (int) bits.take(5);
                    length = (int) bits.take(6) + 1;
                }
                int trailing = Long.SIZE - leading - length;
                if (length == 0 || trailing < 0) {
                    throw SegmentCodec.damaged("a window of " + length + " bits");
                }
                before ^= bits.take(length) << trailing;
            }
            values[i] = before;
        }
        return values;
    }

    private static final class Bits {

        private final SegmentInput input;
        private int current;
        private int left;

        Bits(SegmentInput input) {
            this.input = input;
        }

        long take(int count) {
            long bits = 0;
            for (int wanted = count; wanted > 0; ) {
                if (left == 0) {
                    current = input.get();
                    left = 8;
                }
                int taken = Math.min(wanted, left);
                left -= taken;
                wanted -= taken;
                bits = bits << taken | current >>> left & (1 << taken) - 1;
            }
            return bits;
        }
    }
}
