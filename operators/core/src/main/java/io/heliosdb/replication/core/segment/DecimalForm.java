package io.heliosdb.replication.core.segment;

/**
 * Decimals of at most 18 digits, as a whole number of units of their last place. Either all have
 * the same number of decimals (integers, {@code numeric(12,2)}), or each has no more than it needs,
 * up to so many (floats).
 */
final class DecimalForm implements NumberForm {

    static final int MOST_DIGITS = 18;

    private static final long[] POWERS = new long[MOST_DIGITS + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = POWERS[i - 1] * 10;
        }
    }

    final int scale;
    final boolean trimmed;

    /**
     * @param trimmed whether decimals are left out that are not needed
     */
    DecimalForm(int scale, boolean trimmed) {
        if (scale < 0 || scale >= MOST_DIGITS) {
            throw SegmentCodec.damaged("scale " + scale);
        }
        this.scale = scale;
        this.trimmed = trimmed;
    }

    @Override
    public long parse(byte[] bytes, int from, int to) {
        int at = from;
        boolean negative = at < to && bytes[at] == '-';
        if (negative) {
            at++;
        }
        int firstDigit = at;
        long number = 0;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            if (at - firstDigit >= MOST_DIGITS - scale) {
                return NONE;
            }
            number = number * 10 + bytes[at] - '0';
            at++;
        }
        int digits = at - firstDigit;
        if (digits == 0 || digits > 1 && bytes[firstDigit] == '0') {
            return NONE;
        }
        int decimals = 0;
        if (at < to) {
            if (bytes[at] != '.') {
                return NONE;
            }
            at++;
            decimals = to - at;
            if (decimals == 0 || decimals > scale || trimmed && bytes[to - 1] == '0') {
                return NONE;
            }
            for (; at < to; at++) {
                if (bytes[at] < '0' || bytes[at] > '9') {
                    return NONE;
                }
                number = number * 10 + bytes[at] - '0';
            }
        }
        if (!trimmed && decimals != scale || negative && number == 0) {
            return NONE;
        }
        number *= POWERS[scale - decimals];
        return negative ? -number : number;
    }

    @Override
    public int write(long number, byte[] bytes, int from) {
        int at = from;
        long rest = number;
        if (rest < 0) {
            bytes[at++] = '-';
            rest = -rest;
        }
        long decimals = rest % POWERS[scale];
        at = digits(rest / POWERS[scale], bytes, at);
        if (scale == 0 || trimmed && decimals == 0) {
            return at;
        }
        bytes[at] = '.';
        int end = at + scale;
        for (int i = end; i > at; i--) {
            bytes[i] = (byte) ('0' + decimals % 10);
            decimals /= 10;
        }
        while (trimmed && bytes[end] == '0') {
            end--;
        }
        return end + 1;
    }

    private static int digits(long number, byte[] bytes, int from) {
        int length = 1;
        while (length <= MOST_DIGITS && number >= POWERS[length]) {
            length++;
        }
        long rest = number;
        for (int i = from + length - 1; i >= from; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return from + length;
    }
}
