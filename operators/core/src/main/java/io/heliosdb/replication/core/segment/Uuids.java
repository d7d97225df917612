package io.heliosdb.replication.core.segment;

/** UUIDs as PostgreSQL writes them: lower case, with dashes. */
final class Uuids {

    static final int TEXT_BYTES = 36;

    private Uuids() {}

    /** Puts both halves at an index; false if the text is no UUID, or written in another way. */
    static boolean parse(byte[] bytes, int from, int to, long[] upper, long[] lower, int index) {
        if (to - from != TEXT_BYTES) {
            return false;
        }
        long high = 0;
        long low = 0;
        int digits = 0;
        for (int i = 0; i < TEXT_BYTES; i++) {
            byte b = bytes[from + i];
            if (isDash(i)) {
                if (b != '-') {
                    return false;
                }
                continue;
            }
            int digit = Hex.digit(b);
            if (digit < 0) {
                return false;
            }
            if (digits++ < 16) {
                high = high << 4 | digit;
            } else {
                low = low << 4 | digit;
            }
        }
        upper[index] = high;
        lower[index] = low;
        return true;
    }

    static void write(long upper, long lower, byte[] bytes, int at) {
        int digits = 0;
        for (int i = 0; i < TEXT_BYTES; i++) {
            if (isDash(i)) {
                bytes[at + i] = '-';
            } else {
                long half = digits < 16 ? upper : lower;
                bytes[at + i] = Hex.text((int) (half >>> 60 - 4 * (digits & 15)) & 0xF);
                digits++;
            }
        }
    }

    private static boolean isDash(int index) {
        return index == 8 || index == 13 || index == 18 || index == 23;
    }
}
