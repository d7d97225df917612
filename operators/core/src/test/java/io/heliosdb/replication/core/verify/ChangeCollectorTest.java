package io.heliosdb.replication.core.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChangeCollectorTest {

    private static final TableId TABLE = new TableId("public", "t");
    private static final String KEEP = "unchanged";
    private static final int OID = 7;

    private final VerifiedTable table =
            new VerifiedTable(
                    TABLE,
                    new TenantKey.Column("tenant"),
                    List.of("id"),
                    List.of("big", "id", "tenant"),
                    List.of("big", "id", "tenant"),
                    null);
    private final Tracked ahead = tracked("ahead", "a", 100, Position.after(new Lsn(200)));
    private final Tracked behind = tracked("behind", "b", 100, Position.after(new Lsn(50)));
    private final ChangeCollector collector = collector(1 << 20);

    private ChangeCollector collector(long budget) {
        ChangeCollector collector =
                new ChangeCollector(List.of(table), List.of(ahead, behind), budget);
        collector.relation(
                new RelationDescriptor(
                        OID,
                        TABLE,
                        'd',
                        List.of(
                                column("id", true),
                                column("tenant", false),
                                column("big", false))));
        return collector;
    }

    private static RelationDescriptor.Column column(String name, boolean identity) {
        return new RelationDescriptor.Column(name, identity, 25, -1);
    }

    private static Tracked tracked(String id, String tenant, long point, Position applied) {
        ReplicationSpec spec =
                new ReplicationSpec(
                        new ReplicationId(id),
                        new TenantId(tenant),
                        "target",
                        TableFilter.ALL,
                        Tier.STANDARD,
                        50,
                        false,
                        ExistingRows.FAIL);
        return new Tracked(spec, Set.of(TABLE), new Lsn(point), applied);
    }

    private static byte[][] row(String... values) {
        return Arrays.stream(values)
                .map(
                        value ->
                                value == null
                                        ? null
                                        : value.equals(KEEP)
                                                ? ChangeSink.UNCHANGED
                                                : value.getBytes(UTF_8))
                .toArray(byte[][]::new);
    }

    /** What is expected per key, readable: id to absent, present or the row with its base. */
    private Map<String, String> expected(Tracked replication) {
        Map<String, String> texts = new TreeMap<>();
        if (collector.of(replication, TABLE) instanceof KeyedChanges keyed) {
            keyed.expected().forEach((key, value) -> texts.put(key.values().get(0), text(value)));
        }
        return texts;
    }

    private static String text(Expected value) {
        if (!(value instanceof Expected.Image image)) {
            return value instanceof Expected.Absent ? "absent" : "present";
        }
        List<String> parts =
                Arrays.stream(image.values())
                        .map(each -> each == ChangeSink.UNCHANGED ? "?" : VerifiedTable.text(each))
                        .toList();
        return parts + (image.base() == null ? "" : " of " + image.base().values());
    }

    @Test
    void takesTheLastStateOfEachKeyUpToTheTarget() {
        collector.begin(150);
        collector.insert(OID, row("1", "a", "x"));
        collector.update(OID, false, null, row("1", "a", "y"));
        collector.insert(OID, row("2", "a", "z"));
        collector.delete(OID, false, row("2", null, null));
        collector.begin(200);
        collector.insert(OID, row("3", "a", "at the position"));
        collector.begin(201);
        collector.insert(OID, row("4", "a", "too late"));

        // Without the tenant in the identity a delete could not be routed at all.
        assertThat(expected(ahead))
                .containsEntry("1", "[y, 1, a]")
                .containsEntry("3", "[at the position, 3, a]")
                .doesNotContainKey("4");
    }

    @Test
    void findsTheValueThatAnUpdateLeftOut() {
        collector.begin(150);
        collector.update(OID, false, null, row("1", "a", KEEP));
        collector.insert(OID, row("2", "a", "long"));
        collector.update(OID, false, null, row("2", "a", KEEP));
        collector.update(OID, false, row("1", "a", null), row("11", "a", KEEP));
        collector.update(OID, false, row("11", "a", null), row("12", "a", KEEP));

        assertThat(expected(ahead))
                .containsOnly(
                        Map.entry("1", "absent"),
                        Map.entry("11", "absent"),
                        Map.entry("12", "[?, 12, a] of [1]"),
                        Map.entry("2", "[long, 2, a]"));
    }

    @Test
    void takesTheFirstChangeBehindTheTarget() {
        collector.begin(60);
        collector.insert(OID, row("1", "b", "x"));
        collector.update(OID, false, null, row("1", "b", "y"));
        collector.update(OID, false, null, row("2", "b", "y"));
        collector.delete(OID, true, row("3", "b", "was"));
        collector.insert(OID, row("3", "b", "is"));
        collector.update(OID, false, row("4", "b", null), row("5", "b", KEEP));
        collector.begin(100);
        collector.insert(OID, row("6", "b", "not in the source's snapshot either"));

        assertThat(expected(behind))
                .containsOnly(
                        Map.entry("1", "absent"),
                        Map.entry("2", "present"),
                        Map.entry("3", "[was, 3, b]"),
                        Map.entry("4", "present"),
                        Map.entry("5", "absent"));
    }

    @Test
    void movesARowFromTenantToTenant() {
        collector.begin(150);
        collector.update(OID, true, row("1", "c", "long"), row("1", "a", KEEP));
        collector.update(OID, true, row("2", "a", "long"), row("2", "c", KEEP));

        assertThat(expected(ahead))
                .containsOnly(Map.entry("1", "[long, 1, a]"), Map.entry("2", "absent"));
    }

    @Test
    void forgetsWhatWasThereBeforeATruncate() {
        collector.begin(150);
        collector.insert(OID, row("1", "a", "x"));
        collector.truncate(OID);
        collector.insert(OID, row("2", "a", "x"));

        assertThat(expected(ahead)).containsOnlyKeys("2");
        assertThat(collector.of(ahead, TABLE).cleared()).isTrue();
        assertThat(collector.of(behind, TABLE)).isNull();
    }

    @Test
    void givesUpInsteadOfTakingAllMemory() {
        ChangeCollector small = collector(10_000);
        small.begin(150);
        for (int i = 0; i < 1000; i++) {
            small.insert(OID, row("" + i, "a", "x".repeat(100)));
        }

        assertThat(small.of(ahead, TABLE).unknown()).contains("run again");
        assertThat(small.weight()).isLessThan(10_000);
    }

    @Test
    void givesUpOnATableThatWasRedefined() {
        collector.relation(
                new RelationDescriptor(
                        OID,
                        TABLE,
                        'd',
                        List.of(
                                column("id", true),
                                column("tenant", false),
                                column("big", false),
                                column("added", false))));
        collector.begin(150);
        collector.insert(OID, row("1", "a", "x", "y"));

        assertThat(collector.of(ahead, TABLE).unknown()).contains("redefined");
    }
}
