package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.SkipOrder;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of a lane beside its backlog and its relations.
 *
 * <pre>
 *   meta := version(1) = 6  spec  startLsn(8)  synced(1)  pendingXids  acknowledgedLsn(8)  nextSequence(8)  closedSequence(8)
 *           broken(1) [code reason]  epoch(8)  growth(1) [growth]
 *           skips(4) (commitLsn(8) ddl(1) who reason)*  specVersion(8)  appliedBytes(8)
 * </pre>
 *
 * @param startLsn the stream of this lane holds everything that committed after it
 * @param synced whether the first copy is complete
 * @param pendingXids as in the start record; needed until {@code synced}
 * @param acknowledgedLsn commit LSN up to which the target has acknowledged; 0 for nothing
 * @param epoch the newest that is known to have been held; 0 for none, as in version 1
 * @param growth tables that still lack their first copy; not in versions 1 and 2, without resync in
 *     3
 * @param skips transactions to leave out, once they are next; from version 4 on, DDL alone from 5
 *     on
 * @param version of the specification; 0 before version 6
 * @param appliedBytes of changes; 0 before version 6
 */
record LaneMeta(
        ReplicationSpec spec,
        long startLsn,
        boolean synced,
        long[] pendingXids,
        long acknowledgedLsn,
        long nextSequence,
        long closedSequence,
        @Nullable Broken broken,
        long epoch,
        @Nullable LaneGrowth growth,
        List<SkipOrder> skips,
        long version,
        long appliedBytes) {

    /** The stream went on without this replication: it must be copied anew. */
    record Broken(ErrorCode code, String reason) {}

    private static final byte VERSION = 6;

    byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            LaneInputCodec.writeSpec(spec, out);
            out.writeLong(startLsn);
            out.writeBoolean(synced);
            LaneInputCodec.writeLongs(pendingXids, out);
            out.writeLong(acknowledgedLsn);
            out.writeLong(nextSequence);
            out.writeLong(closedSequence);
            out.writeBoolean(broken != null);
            if (broken != null) {
                LaneInputCodec.writeString(broken.code().name(), out);
                LaneInputCodec.writeString(broken.reason(), out);
            }
            out.writeLong(epoch);
            out.writeBoolean(growth != null);
            if (growth != null) {
                growth.write(out);
            }
            out.writeInt(skips.size());
            for (SkipOrder skip : skips) {
                out.writeLong(skip.commitLsn());
                out.writeBoolean(skip.ddl());
                LaneInputCodec.writeString(skip.who(), out);
                LaneInputCodec.writeString(skip.reason(), out);
            }
            out.writeLong(version);
            out.writeLong(appliedBytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static LaneMeta decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version < 1 || version > VERSION) {
                throw new IOException(
                        "lane state of version " + version + ", newest known is " + VERSION);
            }
            return new LaneMeta(
                    LaneInputCodec.readSpec(in),
                    in.readLong(),
                    in.readBoolean(),
                    LaneInputCodec.readLongs(in),
                    in.readLong(),
                    in.readLong(),
                    in.readLong(),
                    in.readBoolean()
                            ? new Broken(
                                    ErrorCode.valueOf(LaneInputCodec.readString(in)),
                                    LaneInputCodec.readString(in))
                            : null,
                    version >= 2 ? in.readLong() : 0,
                    version >= 3 && in.readBoolean() ? LaneGrowth.read(in, version >= 4) : null,
                    version >= 4 ? readSkips(in, version >= 5) : List.of(),
                    version >= 6 ? in.readLong() : 0,
                    version >= 6 ? in.readLong() : 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<SkipOrder> readSkips(DataInputStream in, boolean ddlToo)
            throws IOException {
        List<SkipOrder> skips = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            skips.add(
                    new SkipOrder(
                            in.readLong(),
                            ddlToo && in.readBoolean(),
                            LaneInputCodec.readString(in),
                            LaneInputCodec.readString(in)));
        }
        return skips;
    }
}
