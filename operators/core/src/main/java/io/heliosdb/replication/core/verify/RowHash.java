package io.heliosdb.replication.core.verify;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The 64-bit hash of a row: the first 8 bytes of the SHA-256 of PostgreSQL's text form of {@code
 * ROW(…)}, in UTF-8.
 *
 * <p>{@code ROW(a, b)::text} calls each type's output function, which is what pgoutput sends, and
 * tells NULL (nothing) from the empty string ({@code ""}). So SQL computes it in one expression
 * ({@link #sql}) and {@link #of} computes the same from a pgoutput tuple. Neither collation nor
 * server encoding comes into it. SHA-256, because MD5 fails on servers in FIPS mode, and hashtext()
 * may differ between platforms; measured 1.9 µs per 7-column row (md5: 1.6).
 */
public final class RowHash {

    private final MessageDigest digest;

    public RowHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The SQL expression of type bigint for these (quoted) column expressions. */
    public static String sql(List<String> columns) {
        return "('x' || encode(sha256(convert_to(ROW("
                + String.join(", ", columns)
                + ")::text, 'UTF8')), 'hex'))::bit(64)::bigint";
    }

    /** The hash of a row with these values in UTF-8, null for NULL. */
    public long of(@Nullable byte[][] values) {
        return ByteBuffer.wrap(digest.digest(text(values))).getLong();
    }

    /** PostgreSQL's record_out. */
    static byte[] text(@Nullable byte[][] values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(64);
        out.write('(');
        for (int i = 0; i < values.length; i++) {
            if (i > 0) {
                out.write(',');
            }
            byte[] value = values[i];
            if (value != null) {
                appendField(out, value);
            }
        }
        out.write(')');
        return out.toByteArray();
    }

    private static void appendField(ByteArrayOutputStream out, byte[] value) {
        if (!needsQuotes(value)) {
            out.write(value, 0, value.length);
            return;
        }
        out.write('"');
        for (byte b : value) {
            if (b == '"' || b == '\\') {
                out.write(b);
            }
            out.write(b);
        }
        out.write('"');
    }

    private static boolean needsQuotes(byte[] value) {
        for (byte b : value) {
            switch (b) {
                case '"', '\\', '(', ')', ',', ' ', '\t', '\n', 0x0B, '\f', '\r' -> {
                    return true;
                }
                default -> {}
            }
        }
        return value.length == 0;
    }
}
