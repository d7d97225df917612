package io.heliosdb.replication.core.segment;

import java.nio.charset.StandardCharsets;

/**
 * Doubles as PostgreSQL writes them (shortest digits; an exponent below 1e-4 and from 1e15 on), as
 * their bits. What Java's own digits do not reproduce does not have the form.
 */
final class FloatForm implements NumberForm {

    private static final int MOST_FIXED = 15;
    private static final int LEAST_FIXED = -4;
    private static final int MOST_LENGTH = 24;

    @Override
    public long parse(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length == 0 || length > MOST_LENGTH || !looksRight(bytes, from, to)) {
            return NONE;
        }
        double value;
        try {
            value = Double.parseDouble(new String(bytes, from, length, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return NONE;
        }
        long bits = Double.doubleToRawLongBits(value);
        String text = text(value);
        if (text.length() != length) {
            return NONE;
        }
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) != bytes[from + i]) {
                return NONE;
            }
        }
        return bits;
    }

    /** Java's parser takes more than digits: hexadecimal, suffixes, blanks. */
    private static boolean looksRight(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if ((b < '0' || b > '9') && b != '-' && b != '.' && b != 'e' && b != '+') {
                return false;
            }
        }
        return true;
    }

    @Override
    public int write(long number, byte[] bytes, int at) {
        String text = text(Double.longBitsToDouble(number));
        if (text.length() > MOST_BYTES) {
            throw SegmentCodec.damaged("a float of " + text.length() + " characters");
        }
        for (int i = 0; i < text.length(); i++) {
            bytes[at + i] = (byte) text.charAt(i);
        }
        return at + text.length();
    }

    private static String text(double value) {
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
            // Minus zero is NONE; the others have no digits.
            return value == 0 ? "0" : "";
        }
        String java = Double.toString(Math.abs(value));
        int e = java.indexOf('E');
        int exponent = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
        String mantissa = e < 0 ? java : java.substring(0, e);
        int point = mantissa.indexOf('.');
        String all = mantissa.substring(0, point) + mantissa.substring(point + 1);
        int first = 0;
        while (all.charAt(first) == '0') {
            first++;
        }
        int last = all.length();
        while (all.charAt(last - 1) == '0') {
            last--;
        }
        // value = 0.digits * 10^(scientific + 1)
        String digits = all.substring(first, last);
        int scientific = point - 1 - first + exponent;
        StringBuilder text = new StringBuilder(MOST_LENGTH);
        if (value < 0) {
            text.append('-');
        }
        if (scientific < LEAST_FIXED || scientific >= MOST_FIXED) {
            withExponent(digits, scientific, text);
        } else if (scientific < 0) {
            text.append("0.").append("0".repeat(-scientific - 1)).append(digits);
        } else if (digits.length() <= scientific + 1) {
            text.append(digits).append("0".repeat(scientific + 1 - digits.length()));
        } else {
            text.append(digits, 0, scientific + 1)
                    .append('.')
                    .append(digits, scientific + 1, digits.length());
        }
        return text.toString();
    }

    private static void withExponent(String digits, int exponent, StringBuilder text) {
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        int size = Math.abs(exponent);
        text.append('e').append(exponent < 0 ? '-' : '+').append(size < 10 ? "0" : "").append(size);
    }
}
