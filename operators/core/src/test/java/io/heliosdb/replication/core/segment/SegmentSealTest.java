package io.heliosdb.replication.core.segment;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.core.secret.TenantCipher;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentSealTest {

    private final TenantCipher cipher = TenantCipher.ofItsOwn(new TenantId("acme"));
    private final List<TenantTransaction> transactions = Sample.DOCUMENTS.transactions(30, 1);
    private final ReplicationId id = transactions.get(0).replication();

    private byte[] encode(SegmentSeal seal, long sequence) {
        return SegmentCodec.encode(transactions, CompressionLevel.NONE, seal, sequence);
    }

    @Test
    void showsNothingOfTheRows() {
        SegmentSeal seal = new SegmentSeal(cipher, id, 1);
        byte[] sealed = encode(seal, 0);
        byte[] plain = SegmentCodec.encode(transactions, CompressionLevel.NONE);

        assertThat(new String(plain, ISO_8859_1)).contains("\"");
        assertThat(SegmentHeader.read(sealed).sealed()).isTrue();
        assertThat(sealed.length).isEqualTo(plain.length + SegmentSeal.MORE_BYTES);
        String words = new String(transactions.get(3).changes(), ISO_8859_1).substring(20, 60);
        assertThat(new String(plain, ISO_8859_1)).contains(words);
        assertThat(new String(sealed, ISO_8859_1)).doesNotContain(words);
        assertThat(SegmentCodec.decode(id, sealed, seal, 0)).hasSize(30);
        assertThatThrownBy(() -> SegmentCodec.decode(id, sealed))
                .hasMessageContaining("job.encryption is missing");
    }

    @Test
    void isReadInItsOwnPlaceOnly() {
        byte[] sealed = encode(new SegmentSeal(cipher, id, 1), 7);

        refuses(sealed, new SegmentSeal(cipher, id, 1), 8);
        refuses(sealed, new SegmentSeal(cipher, id, 2), 7);
        refuses(sealed, new SegmentSeal(cipher, new ReplicationId("other"), 1), 7);
        TenantCipher others = TenantCipher.ofItsOwn(new TenantId("acme"));
        refuses(sealed, new SegmentSeal(others, id, 1), 7);
    }

    /** The checksum is no secret: whoever changes a header can make it right again. */
    @Test
    void detectsAHeaderThatWasChangedWithItsChecksum() {
        SegmentSeal seal = new SegmentSeal(cipher, id, 1);
        byte[] sealed = encode(seal, 7);
        SegmentHeader was = SegmentHeader.read(sealed);
        byte[] payload = java.util.Arrays.copyOfRange(sealed, was.bytes(), sealed.length);
        SegmentHeader other =
                SegmentHeader.of(
                        was.codec(),
                        true,
                        was.count() - 1,
                        was.rawBytes(),
                        was.rows(),
                        was.payloadBytes(),
                        was.firstCommitMicros());

        refuses(other.before(payload), seal, 7);
    }

    private void refuses(byte[] segment, SegmentSeal seal, long sequence) {
        assertThatThrownBy(() -> SegmentCodec.decode(id, segment, seal, sequence))
                .hasMessageContaining("damaged");
    }
}
