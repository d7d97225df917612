package io.heliosdb.replication.core.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentCodecTest {

    private static final ReplicationId REPLICATION = new ReplicationId("r");

    private static List<TenantTransaction> random(Random random) {
        List<TenantTransaction> transactions = new ArrayList<>();
        int count = random.nextInt(20);
        for (int i = 0; i < count; i++) {
            byte[] changes = new byte[random.nextInt(500)];
            if (random.nextBoolean()) {
                random.nextBytes(changes);
            }
            long[] relations = random.longs(random.nextInt(4)).toArray();
            transactions.add(
                    new TenantTransaction(
                            REPLICATION,
                            random.nextLong(),
                            random.nextLong(),
                            random.nextInt() & 0xFFFF_FFFFL,
                            random.nextInt(5),
                            random.nextBoolean(),
                            random.nextInt(100),
                            random.nextInt(100),
                            relations,
                            changes));
        }
        return transactions;
    }

    @Test
    void decodesWhatItEncoded() {
        Random random = new Random(1);
        for (int i = 0; i < 500; i++) {
            List<TenantTransaction> transactions = random(random);
            byte[] segment = SegmentCodec.encode(transactions);
            assertThat(SegmentCodec.decode(REPLICATION, segment))
                    .usingRecursiveComparison()
                    .isEqualTo(transactions);
            assertThat(SegmentCodec.count(segment)).isEqualTo(transactions.size());
        }
    }

    @Test
    void detectsEveryFlippedBit() {
        Random random = new Random(2);
        byte[] segment = SegmentCodec.encode(random(random));
        for (int bit = 0; bit < segment.length * 8; bit++) {
            byte[] damaged = segment.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> SegmentCodec.decode(REPLICATION, damaged))
                    .as("bit " + bit)
                    .hasMessageContaining("damaged");
        }
    }
}
