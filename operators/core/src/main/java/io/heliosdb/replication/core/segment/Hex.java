package io.heliosdb.replication.core.segment;

/** bytea as PostgreSQL writes it: {@code \x} and lower-case hexadecimal digits. */
final class Hex {

    private Hex() {}

    /** Puts the bytes that a text stands for; returns how many, or -1 if it is no such text. */
    static int parse(byte[] text, int from, int to, byte[] bytes, int at) {
        int digits = to - from - 2;
        if (digits < 0 || (digits & 1) != 0 || text[from] != '\\' || text[from + 1] != 'x') {
            return -1;
        }
        for (int i = 0; i < digits; i += 2) {
            int high = digit(text[from + 2 + i]);
            int low = digit(text[from + 3 + i]);
            if (high < 0 || low < 0) {
                return -1;
            }
            bytes[at + i / 2] = (byte) (high << 4 | low);
        }
        return digits / 2;
    }

    static int digit(byte text) {
        if (text >= '0' && text <= '9') {
            return text - '0';
        }
        return text >= 'a' && text <= 'f' ? text - 'a' + 10 : -1;
    }

    static byte text(int digit) {
        return (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
    }
}
