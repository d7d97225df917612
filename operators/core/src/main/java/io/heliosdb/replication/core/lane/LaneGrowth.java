package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Resync;
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
 * Tables that a lane carries since its filter became wider, or that are to be copied again, and
 * that still lack that copy.
 *
 * <p>A table is one of them unless every filter since the lane was whole has accepted it: one that
 * was left out for a while lacks the changes of that while, whatever was copied of it before.
 *
 * @param before the filters that held, from the one under which the lane was whole on
 * @param startLsn from here on the stream holds the tables' changes
 * @param pendingXids as in {@link LaneInput.Update}
 * @param resync what is copied again, comparing and mending; its tables count as left out before
 */
record LaneGrowth(
        List<TableFilter> before, long startLsn, long[] pendingXids, @Nullable Resync resync) {

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
        return new LaneGrowth(
                before,
                update.startLsn(),
                update.pendingXids(),
                growth == null ? null : growth.resync);
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
                    lane.pendingXids,
                    null);
        }
        List<TableFilter> before = new ArrayList<>(growth.before);
        before.add(recorded);
        return new LaneGrowth(before, growth.startLsn, growth.pendingXids, growth.resync);
    }

    /** What a lane lacks when DDL has changed rows of tables that the filter now leaves out. */
    static LaneGrowth without(@Nullable LaneGrowth growth, TargetSession.CopyAnew copy) {
        List<TableFilter> before = new ArrayList<>(growth == null ? List.of() : growth.before);
        before.add(copy.recorded());
        return new LaneGrowth(
                before,
                copy.commitLsn(),
                copy.pendingXids(),
                growth == null ? null : growth.resync);
    }

    boolean isNew(TableId table) {
        return !before.stream().allMatch(filter -> filter.accepts(table));
    }

    /** Whether everything is copied again: whatever the target lacks is in that. */
    boolean isWhole() {
        return resync != null && resync.isWhole();
    }

    /** The copy must see these transactions too. */
    LaneGrowth alsoPending(long[] xids) {
        return new LaneGrowth(
                before,
                startLsn,
                LongStream.concat(LongStream.of(pendingXids), LongStream.of(xids)).toArray(),
                resync);
    }

    /** What a lane lacks that is to be copied again, from where this was asked for. */
    static LaneGrowth after(@Nullable LaneGrowth growth, Resync resync, LaneInput.Resync command) {
        return with(growth, resync, command.startLsn(), command.pendingXids());
    }

    /** As above, of a wish that the target tells of and the stream does not. */
    static LaneGrowth told(Resync resync, Lane lane) {
        boolean goesOn = lane.restored && lane.synced;
        return with(
                lane.growth,
                resync,
                goesOn ? lane.acknowledgedLsn : lane.startLsn,
                lane.pendingXids);
    }

    private static LaneGrowth with(
            @Nullable LaneGrowth growth, Resync resync, long startLsn, long[] pendingXids) {
        LaneGrowth without = growth == null ? null : growth.withoutResync();
        List<TableFilter> before = new ArrayList<>(without == null ? List.of() : without.before);
        before.add(resync.spared());
        return new LaneGrowth(before, startLsn, pendingXids, resync);
    }

    /** What is lacked beside the resync; null for nothing. */
    @Nullable LaneGrowth withoutResync() {
        if (resync == null) {
            return this;
        }
        List<TableFilter> others = new ArrayList<>(before);
        others.remove(resync.spared());
        return others.isEmpty() ? null : new LaneGrowth(others, startLsn, pendingXids, null);
    }

    /** {@code count(4) filter* startLsn(8) pendingXids resync(1) [tables commandLsn(8) why]}. */
    void write(DataOutput out) throws IOException {
        out.writeInt(before.size());
        for (TableFilter filter : before) {
            LaneInputCodec.writeFilter(filter, out);
        }
        out.writeLong(startLsn);
        LaneInputCodec.writeLongs(pendingXids, out);
        out.writeBoolean(resync != null);
        if (resync != null) {
            LaneInputCodec.writeStrings(resync.tables(), out);
            out.writeLong(resync.commandLsn());
            LaneInputCodec.writeString(resync.why(), out);
        }
    }

    /**
     * @param withResync whether what was written tells of a resync
     */
    static LaneGrowth read(DataInput in, boolean withResync) throws IOException {
        List<TableFilter> before = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            before.add(LaneInputCodec.readFilter(in));
        }
        return new LaneGrowth(
                before,
                in.readLong(),
                LaneInputCodec.readLongs(in),
                withResync && in.readBoolean()
                        ? new Resync(
                                LaneInputCodec.readStrings(in),
                                in.readLong(),
                                LaneInputCodec.readString(in))
                        : null);
    }
}
