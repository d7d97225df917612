package io.heliosdb.replication.core.stream;

import io.heliosdb.replication.core.feed.DesiredReplication;
import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.feed.SpecUpserts;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary form of what the store wants, on the wire and in the state of its source. As at {@link
 * LaneInputCodec}, a change needs a new version in whoever stores it.
 *
 * <pre>
 *   upserts     := targets(4) target*  replications(4) replication*
 *   target      := name url user  secret(4 bytes)  lanes(4)  bytesPerSecond(8)  version(8)
 *   replication := spec  version(8)  resync(4)  retry(4)  skipLsn(8)  skipDdl(1)  ended(1)  cleanup(1)
 * </pre>
 *
 * Version 1 had no {@code skipDdl}, version 2 no {@code bytesPerSecond}.
 */
public final class FeedCodec {

    public static final int VERSION = 3;

    private FeedCodec() {}

    public static void write(SpecUpserts upserts, DataOutput out) throws IOException {
        out.writeInt(upserts.targets().size());
        for (SealedTarget target : upserts.targets()) {
            writeTarget(target, out);
        }
        out.writeInt(upserts.replications().size());
        for (DesiredReplication wanted : upserts.replications()) {
            LaneInputCodec.writeSpec(wanted.spec(), out);
            out.writeLong(wanted.version());
            out.writeInt(wanted.resyncGeneration());
            out.writeInt(wanted.retryGeneration());
            out.writeLong(wanted.skipLsn());
            out.writeBoolean(wanted.skipDdl());
            out.writeBoolean(wanted.ended());
            out.writeBoolean(wanted.cleanup());
        }
    }

    public static SpecUpserts read(DataInput in) throws IOException {
        return read(in, VERSION);
    }

    /** What was written by this version of the form, or an older one. */
    public static SpecUpserts read(DataInput in, int version) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException("specifications of version " + version);
        }
        List<SealedTarget> targets = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            targets.add(readTarget(in, version));
        }
        List<DesiredReplication> replications = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            replications.add(
                    new DesiredReplication(
                            LaneInputCodec.readSpec(in),
                            in.readLong(),
                            in.readInt(),
                            in.readInt(),
                            in.readLong(),
                            version > 1 && in.readBoolean(),
                            in.readBoolean(),
                            in.readBoolean()));
        }
        return new SpecUpserts(targets, replications);
    }

    static void writeTarget(SealedTarget target, DataOutput out) throws IOException {
        LaneInputCodec.writeString(target.name(), out);
        LaneInputCodec.writeString(target.url(), out);
        LaneInputCodec.writeString(target.user(), out);
        out.writeInt(target.secret().length);
        out.write(target.secret());
        out.writeInt(target.lanes());
        out.writeLong(target.bytesPerSecond());
        out.writeLong(target.version());
    }

    static SealedTarget readTarget(DataInput in, int version) throws IOException {
        String name = LaneInputCodec.readString(in);
        String url = LaneInputCodec.readString(in);
        String user = LaneInputCodec.readString(in);
        byte[] secret = new byte[in.readInt()];
        in.readFully(secret);
        return new SealedTarget(
                name,
                url,
                user,
                secret,
                in.readInt(),
                version > 2 ? in.readLong() : 0,
                in.readLong());
    }
}
