package io.heliosdb.replication.core.segment;

/**
 * Numbers as byte planes: all lowest bytes, then all next ones, as many as the largest needs, so
 * that Zstd sees bytes of one kind together.
 *
 * <pre>
 *   in the head  := mode &lt;&lt; 4 | planes, then unless there are no numbers: base, factor, stride if mode = 1
 *   mode 0       := (value - base) / factor               base is the smallest
 *   mode 1       := zigzag((value - previous) / factor - stride)   base is the first, which has no residue
 *   plane        := one stream of a byte per number
 * </pre>
 *
 * <p>The factor divides all differences (timestamps of whole seconds); the stride is what most
 * differences are, or 0 (serial ids, regular series: delta of delta). Arithmetic wraps.
 */
final class LongStream {

    private static final int PLAIN = 0;
    private static final int DELTA = 1;

    private LongStream() {}

    static void write(long[] values, int count, SegmentOutput head, StreamWriter streams) {
        if (count == 0) {
            return;
        }
        long factor = factor(values, count);
        long least = values[0];
        for (int i = 1; i < count; i++) {
            least = Math.min(least, values[i]);
        }
        long stride = stride(values, count, factor);
        long[] plain = new long[count];
        long[] delta = new long[count];
        long plainBits = 0;
        long deltaBits = 0;
        for (int i = 0; i < count; i++) {
            plain[i] = divide(values[i] - least, factor);
            plainBits += Long.SIZE - Long.numberOfLeadingZeros(plain[i]);
            if (i > 0) {
                long difference = divide(values[i] - values[i - 1], factor);
                delta[i] = SegmentOutput.zigzag(difference - stride);
                deltaBits += Long.SIZE - Long.numberOfLeadingZeros(delta[i]);
            }
        }
        boolean byDelta = deltaBits < plainBits;
        long[] residues = byDelta ? delta : plain;
        int planes = planes(residues);
        head.put((byDelta ? DELTA : PLAIN) << 4 | planes);
        head.putSigned(byDelta ? values[0] : least);
        head.putVarint(factor);
        if (byDelta) {
            head.putSigned(stride);
        }
        byte[] plane = new byte[count];
        for (int p = 0; p < planes; p++) {
            for (int i = 0; i < count; i++) {
                plane[i] = (byte) (residues[i] >>> p * 8);
            }
            streams.add(plane, count);
        }
    }

    static long[] read(int count, SegmentInput head, StreamReader streams) {
        long[] values = new long[count];
        if (count == 0) {
            return values;
        }
        int form = head.get();
        boolean byDelta = form >>> 4 == DELTA;
        int planes = form & 0xF;
        if (planes > Long.BYTES || form >>> 4 > DELTA) {
            throw SegmentCodec.damaged("unknown form of numbers " + form);
        }
        long base = head.signed();
        long factor = head.varint();
        long stride = byDelta ? head.signed() : 0;
        for (int p = 0; p < planes; p++) {
            SegmentInput plane = streams.next();
            int from = plane.skip(count);
            for (int i = 0; i < count; i++) {
                values[i] |= (plane.bytes[from + i] & 0xFFL) << p * 8;
            }
        }
        if (byDelta) {
            long value = base;
            for (int i = 0; i < count; i++) {
                if (i > 0) {
                    value += (SegmentOutput.unzigzag(values[i]) + stride) * factor;
                }
                values[i] = value;
            }
        } else {
            for (int i = 0; i < count; i++) {
                values[i] = base + values[i] * factor;
            }
        }
        return values;
    }

    private static long divide(long value, long factor) {
        return factor == 1 ? value : value / factor;
    }

    private static int planes(long[] residues) {
        long all = 0;
        for (long residue : residues) {
            all |= residue;
        }
        return (Long.SIZE - Long.numberOfLeadingZeros(all) + 7) / 8;
    }

    /** What divides all differences; 1 if one of them does not fit into a long. */
    private static long factor(long[] values, int count) {
        long factor = 0;
        for (int i = 1; i < count && factor != 1; i++) {
            long difference = values[i] - values[0];
            if (((values[i] ^ values[0]) & (values[i] ^ difference)) < 0
                    || difference == Long.MIN_VALUE
                    || Math.abs(difference) > Long.MAX_VALUE / 4) {
                return 1;
            }
            factor = gcd(Math.abs(difference), factor);
        }
        return factor == 0 ? 1 : factor;
    }

    private static long gcd(long a, long b) {
        long x = a;
        long y = b;
        while (y != 0) {
            long rest = x % y;
            x = y;
            y = rest;
        }
        return x;
    }

    /** The difference that more than half of the neighbours have (Boyer and Moore's vote), or 0. */
    private static long stride(long[] values, int count, long factor) {
        long candidate = 0;
        int votes = 0;
        for (int i = 1; i < count; i++) {
            long difference = values[i] - values[i - 1];
            if (votes == 0) {
                candidate = difference;
            }
            votes += difference == candidate ? 1 : -1;
        }
        int times = 0;
        for (int i = 1; i < count; i++) {
            if (values[i] - values[i - 1] == candidate) {
                times++;
            }
        }
        return times > (count - 1) / 2 ? divide(candidate, factor) : 0;
    }
}
