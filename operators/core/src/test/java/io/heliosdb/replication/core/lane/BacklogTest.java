package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.testkit.changes.Sample;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BacklogTest {

    private static final ReplicationId ID = new ReplicationId("a");
    private static final BlockForm FORM =
            new BlockForm(ID, () -> CompressionLevel.LOW, null, new CompressionFigures());

    private final MemoryLaneStore store = new MemoryLaneStore();

    /**
     * Random appends, batches, acknowledgements, failures, evictions, checkpoints and restarts
     * against a plain queue: order and content.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void handsOutEverythingOnceInOrder(long seed) {
        Random random = new Random(seed);
        Backlog backlog = new Backlog(FORM, store.blocks(ID));
        Deque<TenantTransaction> expected = new ArrayDeque<>();
        List<TenantTransaction> handedOut = new ArrayList<>();
        int most = seed % 2 == 0 ? 60_000 : 3_000;
        long lsn = 0;
        int part = 0;
        for (int step = 0; step < 3000; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    boolean last = random.nextInt(4) != 0;
                    TenantTransaction transaction =
                            Stream.transaction("a", lsn, part, last, random.nextInt(most));
                    backlog.append(transaction);
                    expected.add(transaction);
                    part = last ? 0 : part + 1;
                    lsn = last ? lsn + 1 : lsn;
                }
                case 3, 4 -> {
                    if (backlog.hasNext()) {
                        Backlog.Batch batch =
                                backlog.next(random.nextInt(200_000), random.nextInt(20));
                        assertThat(batch.transactions()).isNotEmpty();
                        handedOut.addAll(batch.transactions());
                        boolean closed =
                                batch.transactions().get(batch.transactions().size() - 1).last();
                        assertThat(batch.complete()).isEqualTo(closed);
                        if (batch.complete() && random.nextBoolean()) {
                            handedOut.forEach(tx -> assertSame(tx, expected.pollFirst()));
                            handedOut.clear();
                            backlog.acknowledge();
                        }
                    }
                }
                case 5 -> {
                    backlog.rewind();
                    handedOut.clear();
                }
                case 6 -> {
                    long before = backlog.memoryBytes();
                    long wanted = random.nextInt(500_000);
                    boolean whole = random.nextBoolean();
                    long freed = backlog.evict(wanted, whole);
                    assertThat(backlog.memoryBytes()).isEqualTo(before - freed);
                    if (whole) {
                        assertThat(freed).isGreaterThanOrEqualTo(Math.min(wanted, before));
                    }
                }
                default -> {
                    backlog.persist();
                    if (random.nextInt(10) == 0) {
                        Backlog restored = new Backlog(FORM, store.blocks(ID));
                        restored.restore(
                                store.segments(ID),
                                backlog.nextSequence(),
                                backlog.closedSequence());
                        skipAcknowledged(restored, expected);
                        backlog = restored;
                        handedOut.clear();
                    }
                }
            }
            assertThat(backlog.memoryBytes()).isNotNegative();
            assertThat(backlog.rows()).isGreaterThanOrEqualTo(backlog.transactions());
            if (step % 10 == 0) {
                backlog.persist();
                assertThat(backlog.size()).isEqualTo(store.segmentBytes());
            }
            assertThat(backlog.transactions()).isGreaterThanOrEqualTo(expected.size());
        }
        backlog.rewind();
        while (backlog.hasNext()) {
            backlog.next(100_000, 1000)
                    .transactions()
                    .forEach(tx -> assertSame(tx, expected.pollFirst()));
        }
        assertThat(expected).allMatch(tx -> tx.commitLsn() == expected.peekFirst().commitLsn());
        backlog.clear();
        assertThat(backlog.memoryBytes()).isZero();
        assertThat(backlog.bytes()).isZero();
        assertThat(backlog.rows()).isZero();
        assertThat(backlog.size()).isZero();
        assertThat(backlog.transactions()).isZero();
        assertThat(store.segmentCount()).isZero();
    }

    private static void assertSame(TenantTransaction actual, TenantTransaction expected) {
        assertThat(key(actual)).isEqualTo(key(expected));
        assertThat(actual.last()).isEqualTo(expected.last());
        assertThat(actual.changes()).isEqualTo(expected.changes());
    }

    private static long key(TenantTransaction transaction) {
        return transaction.commitLsn() * 1000 + transaction.part();
    }

    /**
     * A restart hands out again what its first block held before the checkpoint; progress tells the
     * lane to leave that out.
     */
    private static void skipAcknowledged(Backlog backlog, Deque<TenantTransaction> expected) {
        if (expected.isEmpty()) {
            while (backlog.hasNext()) {
                backlog.next(1, 1);
            }
            backlog.acknowledge();
            return;
        }
        while (backlog.hasNext() && key(backlog.peek()) < key(expected.peekFirst())) {
            backlog.next(1, 1);
        }
        backlog.acknowledge();
    }

    @Test
    void holdsBackATransactionWhoseEndIsMissing() {
        Backlog backlog = new Backlog(FORM, store.blocks(ID));
        backlog.append(Stream.transaction("a", 1, 0, true, 10));
        backlog.append(Stream.transaction("a", 2, 0, false, 10));
        assertThat(backlog.next(1000, 1000).transactions()).hasSize(1);
        assertThat(backlog.hasNext()).isFalse();
        backlog.append(Stream.transaction("a", 2, 1, true, 10));
        assertThat(backlog.next(1000, 1000).transactions()).hasSize(2);
        backlog.acknowledge();
        assertThat(backlog.isEmpty()).isTrue();
        assertThat(backlog.bytes()).isZero();
        assertThat(backlog.transactions()).isZero();
    }

    @Test
    void keepsMemoryBoundedWhileALargeTransactionIsHandedOut() {
        Backlog backlog = new Backlog(FORM, store.blocks(ID));
        for (int part = 0; part < 100; part++) {
            backlog.append(Stream.transaction("a", 1, part, part == 99, 100_000));
            backlog.evict(Math.max(0, backlog.memoryBytes() - 1_000_000), false);
        }
        int parts = 0;
        while (backlog.hasNext()) {
            Backlog.Batch batch = backlog.next(400_000, 1000);
            parts += batch.transactions().size();
            backlog.evict(Math.max(0, backlog.memoryBytes() - 1_000_000), false);
            assertThat(backlog.memoryBytes()).isLessThan(1_500_000);
        }
        assertThat(parts).isEqualTo(100);
        backlog.acknowledge();
        assertThat(store.segmentCount()).isZero();
    }

    @Test
    void whatIsStoredInSmallPiecesBecomesFewBlocksAtAFewTimesTheWriting() {
        Backlog backlog = new Backlog(FORM, store.blocks(ID));
        Random random = new Random(5);
        int pieces = 5_000;
        long bytes = 0;
        for (int lsn = 0; lsn < pieces; lsn++) {
            TenantTransaction transaction =
                    Stream.transaction("a", lsn, 0, true, 100 + random.nextInt(1_000));
            bytes += transaction.weight();
            backlog.append(transaction);
            backlog.persist();
            if (random.nextBoolean()) {
                backlog.evict(Long.MAX_VALUE, true);
            }
        }
        assertThat((long) store.segmentCount()).isLessThan(bytes / (Blocks.BLOCK_BYTES / 3) + 12);
        assertThat(store.transactionsWritten).isLessThan(12L * pieces);
        for (int lsn = 0; lsn < pieces; lsn++) {
            assertThat(backlog.next(1, 1).transactions().get(0).commitLsn()).isEqualTo(lsn);
        }
    }

    @Test
    void readsAheadWhatIsNeededNext() {
        Backlog backlog = new Backlog(FORM, store.blocks(ID));
        for (int lsn = 0; lsn < 100; lsn++) {
            backlog.append(Stream.transaction("a", lsn, 0, true, 50_000));
        }
        backlog.evict(Long.MAX_VALUE, true);
        assertThat(backlog.lacksSoon()).isTrue();
        backlog.next(1, 1);
        assertThat(store.reads).isEqualTo(1);

        long more = backlog.readAhead();

        assertThat(more).isBetween(600_000L, 1_000_000L);
        assertThat(store.reads).isEqualTo(4);
        assertThat(backlog.lacksSoon()).isFalse();
        assertThat(backlog.next(900_000, 1000).transactions()).hasSize(17);
        assertThat(store.reads).as("nothing had to be waited for").isEqualTo(4);
        while (backlog.hasNext()) {
            backlog.next(900_000, 1000);
            backlog.readAhead();
        }
        assertThat(backlog.readAhead()).isZero();
    }

    /** Which tables become how small, beside Zstd alone. */
    @Test
    void tellsHowSmallItHasBecome() throws Exception {
        CompressionFigures figures = new CompressionFigures();
        Backlog backlog =
                new Backlog(
                        new BlockForm(ID, () -> CompressionLevel.LOW, null, figures),
                        store.blocks(ID));
        List<TenantTransaction> transactions = Sample.PGBENCH.transactions(2000, 1);
        transactions.forEach(backlog::append);
        backlog.persist();
        Map<Long, RelationDescriptor> relations = new HashMap<>();
        for (long fingerprint : transactions.get(0).relations()) {
            String table = "t" + relations.size();
            relations.put(
                    fingerprint,
                    new RelationDescriptor(1, new TableId("public", table), 'd', List.of()));
        }

        String text = figures.newText(relations);

        assertThat(CompressionFigures.ratio(text))
                .isEqualTo(Math.round(100.0 * figures.rawBytes() / figures.storedBytes()) / 100.0)
                .isGreaterThan(5);
        JsonNode tables = new ObjectMapper().readTree(text).get("tables");
        assertThat(tables).hasSize(relations.size());
        for (JsonNode table : tables) {
            assertThat(table.get("table").asText()).startsWith("public.t");
            assertThat(table.get("ratio").asDouble())
                    .as(table.toString())
                    .isGreaterThan(table.get("zstdRatio").asDouble());
            assertThat(table.get("raw").asLong()).isGreaterThan(table.get("zstd").asLong());
        }
        assertThat(figures.newText(relations)).as("nothing has changed").isEmpty();
    }
}
