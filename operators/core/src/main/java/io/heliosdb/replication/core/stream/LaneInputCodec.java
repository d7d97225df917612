package io.heliosdb.replication.core.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The binary form of everything on the keyed stream and in lane state. Big-endian; strings and byte
 * arrays carry a 4-byte length. The layout is part of checkpoints: a change needs a new version in
 * whoever stores it.
 */
public final class LaneInputCodec {

    private static final byte TRANSACTION = 1;
    private static final byte RELATIONS = 2;
    private static final byte START = 3;
    private static final byte UPDATE = 4;
    private static final byte STOP = 5;
    private static final byte FAIL = 6;
    private static final byte TICK = 7;
    private static final byte RESYNC = 8;
    private static final byte RETRY = 9;
    private static final byte SKIP = 10;
    private static final byte SEQUENCES = 11;
    private static final byte SKIP_DDL = 12;
    private static final byte OBSERVED = 13;
    private static final byte ENDED = 14;
    private static final byte TARGET_OF_VERSION_2 = 15;
    private static final byte SYNCHRONISM = 16;
    private static final byte TARGET = 17;

    private LaneInputCodec() {}

    public static void write(LaneInput input, DataOutput out) throws IOException {
        if (input instanceof LaneInput.Transaction transaction) {
            out.writeByte(TRANSACTION);
            writeString(transaction.key(), out);
            writeTransaction(transaction.transaction(), out);
        } else if (input instanceof LaneInput.Tick tick) {
            out.writeByte(TICK);
            writeString(tick.key(), out);
            out.writeLong(tick.lsn());
            out.writeLong(tick.sourceEpochMicros());
        } else if (input instanceof LaneInput.Relations relations) {
            out.writeByte(RELATIONS);
            writeString(relations.key(), out);
            out.writeInt(relations.descriptors().size());
            for (RelationDescriptor descriptor : relations.descriptors()) {
                writeRelation(descriptor, out);
            }
        } else if (input instanceof LaneInput.Start start) {
            out.writeByte(START);
            writeSpec(start.spec(), out);
            out.writeLong(start.startLsn());
            writeLongs(start.pendingXids(), out);
        } else if (input instanceof LaneInput.Update update) {
            out.writeByte(UPDATE);
            writeSpec(update.spec(), out);
            out.writeLong(update.startLsn());
            writeLongs(update.pendingXids(), out);
        } else if (input instanceof LaneInput.Stop stop) {
            out.writeByte(STOP);
            writeString(stop.key(), out);
        } else if (input instanceof LaneInput.Fail fail) {
            out.writeByte(FAIL);
            writeString(fail.key(), out);
            writeString(fail.code().name(), out);
            writeString(fail.reason(), out);
        } else {
            writeCommand(input, out);
        }
    }

    private static void writeCommand(LaneInput input, DataOutput out) throws IOException {
        if (input instanceof LaneInput.Resync resync) {
            out.writeByte(RESYNC);
            writeString(resync.key(), out);
            writeStrings(resync.tables(), out);
            out.writeLong(resync.startLsn());
            writeLongs(resync.pendingXids(), out);
            writeString(resync.why(), out);
        } else if (input instanceof LaneInput.Retry retry) {
            out.writeByte(RETRY);
            writeString(retry.key(), out);
        } else if (input instanceof LaneInput.Skip skip) {
            out.writeByte(skip.ddl() ? SKIP_DDL : SKIP);
            writeString(skip.key(), out);
            out.writeLong(skip.commitLsn());
            writeString(skip.who(), out);
            writeString(skip.reason(), out);
        } else if (input instanceof LaneInput.Sequences sequences) {
            out.writeByte(SEQUENCES);
            writeString(sequences.key(), out);
            writeString(sequences.target(), out);
            out.writeInt(sequences.goals().size());
            for (SequenceGoal goal : sequences.goals()) {
                writeGoal(goal, out);
            }
        } else if (input instanceof LaneInput.Observed observed) {
            out.writeByte(OBSERVED);
            writeString(observed.key(), out);
            out.writeLong(observed.version());
        } else if (input instanceof LaneInput.Ended ended) {
            out.writeByte(ENDED);
            writeSpec(ended.spec(), out);
            out.writeLong(ended.version());
            out.writeBoolean(ended.cleanup());
        } else if (input instanceof LaneInput.Target target) {
            out.writeByte(TARGET);
            writeString(target.key(), out);
            FeedCodec.writeTarget(target.target(), out);
        } else if (input instanceof LaneInput.Synchronism synchronism) {
            out.writeByte(SYNCHRONISM);
            writeString(synchronism.key(), out);
            writeStrings(
                    synchronism.degraded() == null ? List.of() : List.of(synchronism.degraded()),
                    out);
        }
    }

    private static void writeGoal(SequenceGoal goal, DataOutput out) throws IOException {
        writeTable(goal.sequence(), out);
        writeTable(goal.table(), out);
        writeString(goal.column(), out);
        out.writeLong(goal.atLeast());
        out.writeLong(goal.value());
        out.writeBoolean(goal.upward());
        out.writeBoolean(goal.cycles());
    }

    private static List<SequenceGoal> readGoals(DataInput in) throws IOException {
        List<SequenceGoal> goals = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            goals.add(
                    new SequenceGoal(
                            readTable(in),
                            readTable(in),
                            readString(in),
                            in.readLong(),
                            in.readLong(),
                            in.readBoolean(),
                            in.readBoolean()));
        }
        return goals;
    }

    private static void writeTable(TableId table, DataOutput out) throws IOException {
        writeString(table.schema(), out);
        writeString(table.name(), out);
    }

    private static TableId readTable(DataInput in) throws IOException {
        return new TableId(readString(in), readString(in));
    }

    public static LaneInput read(DataInput in) throws IOException {
        byte tag = in.readByte();
        return switch (tag) {
            case TRANSACTION -> {
                ReplicationId replication = new ReplicationId(readString(in));
                yield new LaneInput.Transaction(readTransaction(replication, in));
            }
            case TICK -> new LaneInput.Tick(readString(in), in.readLong(), in.readLong());
            case RELATIONS -> {
                ReplicationId replication = new ReplicationId(readString(in));
                int count = in.readInt();
                List<RelationDescriptor> descriptors = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    descriptors.add(readRelation(in));
                }
                yield new LaneInput.Relations(replication, descriptors);
            }
            case START -> new LaneInput.Start(readSpec(in), in.readLong(), readLongs(in));
            case UPDATE -> new LaneInput.Update(readSpec(in), in.readLong(), readLongs(in));
            case STOP -> new LaneInput.Stop(new ReplicationId(readString(in)));
            case FAIL ->
                    new LaneInput.Fail(
                            new ReplicationId(readString(in)),
                            ErrorCode.valueOf(readString(in)),
                            readString(in));
            case RESYNC ->
                    new LaneInput.Resync(
                            new ReplicationId(readString(in)),
                            readStrings(in),
                            in.readLong(),
                            readLongs(in),
                            readString(in));
            case RETRY -> new LaneInput.Retry(new ReplicationId(readString(in)));
            case SKIP, SKIP_DDL ->
                    new LaneInput.Skip(
                            new ReplicationId(readString(in)),
                            in.readLong(),
                            tag == SKIP_DDL,
                            readString(in),
                            readString(in));
            case SEQUENCES ->
                    new LaneInput.Sequences(readString(in), readString(in), readGoals(in));
            case OBSERVED ->
                    new LaneInput.Observed(new ReplicationId(readString(in)), in.readLong());
            case ENDED -> new LaneInput.Ended(readSpec(in), in.readLong(), in.readBoolean());
            case TARGET ->
                    new LaneInput.Target(
                            readString(in), FeedCodec.readTarget(in, FeedCodec.VERSION));
            case TARGET_OF_VERSION_2 ->
                    new LaneInput.Target(readString(in), FeedCodec.readTarget(in, 2));
            case SYNCHRONISM -> {
                ReplicationId replication = new ReplicationId(readString(in));
                List<String> degraded = readStrings(in);
                yield new LaneInput.Synchronism(
                        replication, degraded.isEmpty() ? null : degraded.get(0));
            }
            default -> throw new IOException("unknown lane input tag " + tag);
        };
    }

    /** What a transaction takes beside 8 bytes per relation and its changes. */
    public static final int TRANSACTION_BYTES = 45;

    /** Everything but the replication, which the reader knows. */
    public static void writeTransaction(TenantTransaction transaction, DataOutput out)
            throws IOException {
        out.writeLong(transaction.commitLsn());
        out.writeLong(transaction.commitEpochMicros());
        out.writeInt((int) transaction.xid());
        out.writeInt(transaction.part());
        out.writeBoolean(transaction.last());
        out.writeLong(transaction.firstOrdinal());
        out.writeInt(transaction.rows());
        writeLongs(transaction.relations(), out);
        out.writeInt(transaction.changes().length);
        out.write(transaction.changes());
    }

    public static TenantTransaction readTransaction(ReplicationId replication, DataInput in)
            throws IOException {
        long commitLsn = in.readLong();
        long commitEpochMicros = in.readLong();
        long xid = Integer.toUnsignedLong(in.readInt());
        int part = in.readInt();
        boolean last = in.readBoolean();
        long firstOrdinal = in.readLong();
        int rows = in.readInt();
        long[] relations = readLongs(in);
        byte[] changes = new byte[in.readInt()];
        in.readFully(changes);
        return new TenantTransaction(
                replication,
                commitLsn,
                commitEpochMicros,
                xid,
                part,
                last,
                firstOrdinal,
                rows,
                relations,
                changes);
    }

    public static void writeRelation(RelationDescriptor descriptor, DataOutput out)
            throws IOException {
        out.writeInt(descriptor.oid());
        writeString(descriptor.table().schema(), out);
        writeString(descriptor.table().name(), out);
        out.writeByte(descriptor.replicaIdentity());
        out.writeShort(descriptor.columns().size());
        for (RelationDescriptor.Column column : descriptor.columns()) {
            writeString(column.name(), out);
            out.writeBoolean(column.identity());
            out.writeInt(column.typeOid());
            out.writeInt(column.typeModifier());
        }
    }

    public static RelationDescriptor readRelation(DataInput in) throws IOException {
        int oid = in.readInt();
        TableId table = new TableId(readString(in), readString(in));
        char identity = (char) in.readByte();
        int count = in.readUnsignedShort();
        List<RelationDescriptor.Column> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(
                    new RelationDescriptor.Column(
                            readString(in), in.readBoolean(), in.readInt(), in.readInt()));
        }
        return new RelationDescriptor(oid, table, identity, columns);
    }

    public static void writeSpec(ReplicationSpec spec, DataOutput out) throws IOException {
        writeString(spec.id().value(), out);
        writeString(spec.tenant().value(), out);
        writeString(spec.target(), out);
        writeFilter(spec.tables(), out);
        writeString(spec.tier().name(), out);
        out.writeByte(spec.priority());
        out.writeBoolean(spec.paused());
        writeString(policies(spec), out);
    }

    /**
     * {@code existingRows} or {@code existingRows/ddl}, then {@code |backlog} and {@code |service}
     * unless they are the default: older states have no rules for DDL, no backlog and no service.
     */
    private static String policies(ReplicationSpec spec) {
        String rows = spec.existingRows().name();
        String policies = spec.ddl().equals(DdlRules.APPLY) ? rows : rows + "/" + spec.ddl().text();
        if (!spec.service().equals(ServiceConfig.DEFAULT)) {
            return policies + "|" + spec.backlog().text() + "|" + spec.service().text();
        }
        return spec.backlog().equals(BacklogConfig.DEFAULT)
                ? policies
                : policies + "|" + spec.backlog().text();
    }

    public static ReplicationSpec readSpec(DataInput in) throws IOException {
        ReplicationId id = new ReplicationId(readString(in));
        TenantId tenant = new TenantId(readString(in));
        String target = readString(in);
        TableFilter tables = readFilter(in);
        Tier tier = Tier.valueOf(readString(in));
        int priority = in.readByte();
        boolean paused = in.readBoolean();
        String[] texts = readString(in).split("\\|");
        String[] policies = texts[0].split("/", 2);
        return new ReplicationSpec(
                id,
                tenant,
                target,
                tables,
                tier,
                priority,
                paused,
                ExistingRows.valueOf(policies[0]),
                policies.length > 1 ? DdlRules.parse(policies[1]) : DdlRules.APPLY,
                texts.length > 1 ? BacklogConfig.parse(texts[1]) : BacklogConfig.DEFAULT,
                texts.length > 2 ? ServiceConfig.parse(texts[2]) : ServiceConfig.DEFAULT);
    }

    public static void writeFilter(TableFilter filter, DataOutput out) throws IOException {
        writeStrings(filter.include(), out);
        writeStrings(filter.exclude(), out);
    }

    public static TableFilter readFilter(DataInput in) throws IOException {
        return new TableFilter(readStrings(in), readStrings(in));
    }

    public static void writeString(String text, DataOutput out) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static String readString(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return new String(bytes, UTF_8);
    }

    public static void writeStrings(List<String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            writeString(text, out);
        }
    }

    public static List<String> readStrings(DataInput in) throws IOException {
        int count = in.readInt();
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(readString(in));
        }
        return texts;
    }

    public static void writeLongs(long[] values, DataOutput out) throws IOException {
        out.writeInt(values.length);
        for (long value : values) {
            out.writeLong(value);
        }
    }

    public static long[] readLongs(DataInput in) throws IOException {
        long[] values = new long[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        return values;
    }
}
