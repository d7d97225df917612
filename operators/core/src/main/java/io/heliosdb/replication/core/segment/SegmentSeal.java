package io.heliosdb.replication.core.segment;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.model.ReplicationId;
import java.nio.ByteBuffer;

/**
 * Encrypts the payloads of one backlog with the data key of its tenant, each bound to its place: to
 * the replication and where its stream began (another life of the same name is another one), to the
 * sequence of its first transaction, and to all of its header, format version included. So nothing
 * of a segment can be changed, nor can it stand in for another one.
 *
 * <pre>
 *   payload := as {@link SegmentCodec} has it, in AES-256-GCM by Tink: key id (5), IV (12), text, tag (16)
 *   bound   := replication in UTF-8  0  startLsn(8)  sequence(8)  header without checksum
 * </pre>
 */
public final class SegmentSeal {

    private final TenantCipher cipher;
    private final byte[] replication;
    private final long startLsn;

    public SegmentSeal(TenantCipher cipher, ReplicationId replication, long startLsn) {
        this.cipher = cipher;
        this.replication = replication.value().getBytes(UTF_8);
        this.startLsn = startLsn;
    }

    /** Whether the key was destroyed: then nothing can be written or read. */
    public boolean isBroken() {
        return cipher.isDestroyed();
    }

    /** What encryption adds to a payload. */
    static final int MORE_BYTES = 5 + 12 + 16;

    byte[] close(byte[] payload, SegmentHeader header, long sequence) {
        return cipher.encrypt(payload, binding(header, sequence));
    }

    byte[] open(byte[] sealed, SegmentHeader header, long sequence) {
        return cipher.decrypt(sealed, binding(header, sequence));
    }

    private byte[] binding(SegmentHeader header, long sequence) {
        byte[] own = header.toBytes();
        return ByteBuffer.allocate(replication.length + 1 + 2 * Long.BYTES + own.length)
                .put(replication)
                .put((byte) 0)
                .putLong(startLsn)
                .putLong(sequence)
                .put(own)
                .array();
    }
}
