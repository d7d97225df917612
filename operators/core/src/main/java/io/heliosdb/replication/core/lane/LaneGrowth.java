package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.TargetSession;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Tables that a lane carries since its filter became wider, and that still lack their first copy.
 *
 * <p>A table is one of them unless every filter since the lane was whole has accepted it: one that
 * was left out for a while lacks the changes of that while, whatever was copied of it before.
 *
 * @param before the filters that held, from the one under which the lane was whole on
 * @param startLsn from here on the stream holds the tables' changes
 * @param pendingXids as in {@link LaneInput.Update}
 */
record LaneGrowth(List<TableFilter> before, long startLsn, long[] pendingXids) {

    LaneGrowth {
        before = List.copyOf(before);
    }

    /**
     * What a lane lacks after this update; null for nothing.
     *
     * @param growth what it lacked before
     */
    static @Nullable LaneGrowth after(
            @Nullable LaneGrowth growth, TableFilter filter, LaneInput.Update update) {
        TableFilter now = update.spec().tables();
        if (now.equals(filter) || growth == null && now.isWithin(filter)) {
            return growth;
        }
        List<TableFilter> before = new ArrayList<>(growth == null ? List.of() : growth.before);
        before.add(filter);
        return new LaneGrowth(before, update.startLsn(), update.pendingXids());
    }

    /**
     * What a lane lacks if the target came to its progress under this filter, in a life that the
     * lane does not know of. What was left out then is not applied again; {@link #alsoPending} adds
     * it once the stream has told.
     */
    static @Nullable LaneGrowth since(TableFilter recorded, Lane lane) {
        LaneGrowth growth = lane.growth;
        if (lane.spec.tables().isWithin(recorded)
                || growth != null && growth.before.contains(recorded)) {
            return growth;
        }
        if (growth == null) {
            boolean goesOn = lane.restored && lane.synced;
            return new LaneGrowth(
                    List.of(recorded),
                    goesOn ? lane.acknowledgedLsn : lane.startLsn,
                    lane.pendingXids);
        }
        List<TableFilter> before = new ArrayList<>(growth.before);
        before.add(recorded);
        return new LaneGrowth(before, growth.startLsn, growth.pendingXids);
    }

    /** What a lane lacks when DDL has changed rows of tables that the filter now leaves out. */
    static LaneGrowth without(@Nullable LaneGrowth growth, TargetSession.CopyAnew copy) {
        List<TableFilter> before = new ArrayList<>(growth == null ? List.of() : growth.before);
        before.add(copy.recorded());
        return new LaneGrowth(before, copy.commitLsn(), copy.pendingXids());
    }

    boolean isNew(TableId table) {
        return !before.stream().allMatch(filter -> filter.accepts(table));
    }

    /** The copy must see these transactions too. */
    LaneGrowth alsoPending(long[] xids) {
        return new LaneGrowth(
                before,
                startLsn,
                LongStream.concat(LongStream.of(pendingXids), LongStream.of(xids)).toArray());
    }

    /** {@code count(4) filter* startLsn(8) pendingXids}. */
    void write(DataOutput out) throws IOException {
        out.writeInt(before.size());
        for (TableFilter filter : before) {
            LaneInputCodec.writeFilter(filter, out);
        }
        out.writeLong(startLsn);
        LaneInputCodec.writeLongs(pendingXids, out);
    }

    static LaneGrowth read(DataInput in) throws IOException {
        List<TableFilter> before = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            before.add(LaneInputCodec.readFilter(in));
        }
        return new LaneGrowth(before, in.readLong(), LaneInputCodec.readLongs(in));
    }
}
