package io.heliosdb.replication.core.apply.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetChangesTest {

    private static final String KEEP = ChangeSet.UNCHANGED;

    private final RelationDescriptor item =
            new RelationDescriptor(
                    1,
                    new TableId("public", "item"),
                    'd',
                    List.of(
                            new RelationDescriptor.Column("a", false, 25, -1),
                            new RelationDescriptor.Column("id", true, 25, -1),
                            new RelationDescriptor.Column("b", false, 25, -1)));
    private final Segments segments = new Segments();

    @Test
    void foldsAnInsertAndItsUpdatesIntoOneInsert() {
        NetChanges net =
                fold(
                        new ChangeSet()
                                .insert(item, "1", "k", "toast")
                                .update(item, "2", "k", KEEP)
                                .update(item, KEEP, "k", KEEP));

        assertThat(rows(net.inserts())).containsExactly("2|k|toast");
        assertThat(net.updates()).isEmpty();
        assertThat(net.deletes().size()).isZero();
    }

    @Test
    void mergesUpdatesColumnByColumn() {
        NetChanges net =
                fold(
                        new ChangeSet()
                                .update(item, "1", "k", KEEP)
                                .update(item, KEEP, "k", "2")
                                .update(item, "3", "l", KEEP)
                                .update(item, "4", "l", KEEP));

        Map<BitSet, References> updates = net.updates();
        assertThat(updates).hasSize(2);
        assertThat(rows(updates.get(new BitSet()))).containsExactly("1|k|2");
        assertThat(rows(updates.get(BitSet.valueOf(new long[] {0b100})))).containsExactly("4|l|~");
    }

    @Test
    void forgetsWhatWasInsertedAndDeleted() {
        NetChanges net =
                fold(
                        new ChangeSet()
                                .insert(item, "1", "k", "2")
                                .delete(item, 'K', null, "k", null));

        assertThat(net.inserts().size() + net.deletes().size() + net.updates().size()).isZero();
        assertThat(net.lost()).isEmpty();
    }

    @Test
    void replacesWhatWasDeletedAndInserted() {
        NetChanges net =
                fold(
                        new ChangeSet()
                                .update(item, "0", "k", "0")
                                .delete(item, 'K', null, "k", null)
                                .insert(item, "1", "k", "2")
                                .update(item, "3", "k", KEEP));

        assertThat(rows(net.deletes())).hasSize(1);
        assertThat(rows(net.inserts())).containsExactly("3|k|2");
    }

    @Test
    void countsChangesOfRowsThatAreGone() {
        NetChanges net =
                fold(
                        new ChangeSet()
                                .delete(item, 'K', null, "k", null)
                                .update(item, "1", "k", "1")
                                .delete(item, 'K', null, "k", null));

        assertThat(net.lost()).hasSize(2);
        assertThat(rows(net.deletes())).hasSize(1);
    }

    @Test
    void givesUpOnASecondInsertOfAKey() {
        byte[] bytes =
                new ChangeSet()
                        .insert(item, "1", "k", "2")
                        .insert(item, "1", "k", "2")
                        .transaction("r", 1)
                        .changes();
        int segment = segments.add(bytes, 0, null);
        NetChanges net = new NetChanges(segments, new int[] {1}, 3, 2);

        assertThat(net.add(Segments.reference(segment, 0))).isTrue();
        assertThat(net.add(Segments.reference(segment, Changes.changeEnd(bytes, 0)))).isFalse();
    }

    @Test
    void keepsLanesApart() {
        ChangeSet insert = new ChangeSet().insert(item, "1", "k", "2");
        ChangeSet delete = new ChangeSet().delete(item, 'K', null, "k", null);
        int one = segments.add(insert.transaction("r", 1).changes(), 0, null);
        int two = segments.add(delete.transaction("r", 1).changes(), 1, null);
        NetChanges net = new NetChanges(segments, new int[] {1}, 3, 2);

        net.add(Segments.reference(one, 0));
        net.add(Segments.reference(two, 0));

        assertThat(net.inserts().size()).isEqualTo(1);
        assertThat(net.deletes().size()).isEqualTo(1);
    }

    @Test
    void holdsManyKeys() {
        ChangeSet changes = new ChangeSet();
        for (int i = 0; i < 5000; i++) {
            changes.insert(item, "1", "k" + i % 2500, "2");
            changes.delete(item, 'K', null, "k" + i % 2500, null);
        }
        assertThat(fold(changes).inserts().size()).isZero();
    }

    private NetChanges fold(ChangeSet changes) {
        byte[] bytes = changes.transaction("r", 1).changes();
        int segment = segments.add(bytes, 0, null);
        NetChanges net = new NetChanges(segments, new int[] {1}, 3, changes.rows());
        for (int at = 0; at < bytes.length; at = Changes.changeEnd(bytes, at)) {
            long unchanged =
                    bytes[at] == Changes.DELETE
                            ? 0
                            : Changes.scan(bytes, Changes.newTuple(bytes, at))
                                    & Changes.HAS_UNCHANGED;
            assertThat(net.add(unchanged | Segments.reference(segment, at))).isTrue();
        }
        return net;
    }

    private List<String> rows(References references) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < references.size(); i++) {
            byte[] bytes = segments.bytes(references.get(i));
            int at = Segments.offset(references.get(i)) + 2;
            StringBuilder row = new StringBuilder();
            for (int c = 0; c < 3; c++) {
                int end = Changes.columnEnd(bytes, at);
                row.append(c == 0 ? "" : "|");
                row.append(
                        bytes[at] == Changes.UNCHANGED
                                ? "~"
                                : bytes[at] == Changes.NULL
                                        ? "-"
                                        : new String(
                                                bytes,
                                                at + 5,
                                                end - at - 5,
                                                StandardCharsets.UTF_8));
                at = end;
            }
            rows.add(row.toString());
        }
        return rows;
    }
}
