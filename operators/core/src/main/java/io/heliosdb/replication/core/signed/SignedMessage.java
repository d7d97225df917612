package io.heliosdb.replication.core.signed;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The content of a transactional logical message that somebody with the source's secret wrote.
 * Whoever may log in to the source may write any logical message; what steers the replication or
 * runs at a target must be signed.
 *
 * <pre>
 *   content := "1 " keyId(16 hex) " " mac(64 hex) " " body(UTF-8)
 *   mac     := HMAC-SHA256(secret, prefix "\n" xid "\n" body)      xid: 32 bits, decimal
 * </pre>
 *
 * <p>The transaction id is signed too, so a message that somebody has seen is worth nothing in
 * another transaction.
 *
 * <p>To send one, in SQL at the source, in the transaction that it shall be part of: {@code SELECT
 * heliosdb.emit('heliosdb.command', '…')} (needs the right to read {@code heliosdb.signing_key},
 * which the role of {@code source.user} has; {@code SigningSql.install} makes both). To receive it:
 * give it a prefix of your own in {@code route.SignedMessages}, which calls {@link #body} with the
 * id of the transaction from its BEGIN.
 */
public final class SignedMessage {

    private static final String VERSION = "1 ";
    private static final int ID = 16;
    private static final int MAC = 64;
    private static final int ID_AT = VERSION.length();
    private static final int MAC_AT = ID_AT + ID + 1;
    private static final int BODY_AT = MAC_AT + MAC + 1;

    private SignedMessage() {}

    /**
     * The body of a message, or null if it is not signed by a key of the source for this prefix and
     * transaction.
     *
     * @param xid 32-bit id of the message's transaction, as an unsigned value
     * @param lsn of its commit
     */
    public static @Nullable String body(
            String prefix,
            long xid,
            long lsn,
            byte[] bytes,
            int offset,
            int length,
            SigningKeys keys) {
        if (length < BODY_AT
                || !new String(bytes, offset, ID_AT, US_ASCII).equals(VERSION)
                || bytes[offset + MAC_AT - 1] != ' '
                || bytes[offset + BODY_AT - 1] != ' ') {
            return null;
        }
        String id = new String(bytes, offset + ID_AT, ID, US_ASCII);
        SigningKey key = id.matches("[0-9a-f]{16}") ? keys.key(id, lsn) : null;
        if (key == null) {
            return null;
        }
        byte[] body = Arrays.copyOfRange(bytes, offset + BODY_AT, offset + length);
        byte[] claimed = Arrays.copyOfRange(bytes, offset + MAC_AT, offset + MAC_AT + MAC);
        byte[] wanted = HexFormat.of().formatHex(mac(prefix, xid, body, key)).getBytes(US_ASCII);
        return MessageDigest.isEqual(claimed, wanted) ? new String(body, UTF_8) : null;
    }

    /** The content of a message, as {@code heliosdb.emit} makes it. */
    public static byte[] sign(String prefix, long xid, String body, SigningKey key) {
        byte[] text = body.getBytes(UTF_8);
        byte[] head =
                (VERSION
                                + key.id()
                                + " "
                                + HexFormat.of().formatHex(mac(prefix, xid, text, key))
                                + " ")
                        .getBytes(US_ASCII);
        byte[] content = Arrays.copyOf(head, head.length + text.length);
        System.arraycopy(text, 0, content, head.length, text.length);
        return content;
    }

    private static byte[] mac(String prefix, long xid, byte[] body, SigningKey key) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key.secret(), "HmacSHA256"));
            mac.update((prefix + "\n" + Long.toUnsignedString(xid) + "\n").getBytes(UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }
}
