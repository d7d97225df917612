package io.heliosdb.replication.core.report;

import io.heliosdb.replication.core.apply.Conflict;
import io.heliosdb.replication.core.apply.QuarantinedRow;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.Tier;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The binary form of reports on the wire; they are in no checkpoint. */
public final class LaneReportCodec {

    private static final byte STATUS = 1;
    private static final byte COVERED = 2;
    private static final byte NOTE = 3;
    private static final byte TABLE = 4;
    private static final byte QUARANTINED = 5;
    private static final byte CONFLICTED = 6;
    private static final byte COMPRESSED = 7;

    private LaneReportCodec() {}

    public static void write(LaneReport report, DataOutput out) throws IOException {
        if (report instanceof LaneReport.Status status) {
            out.writeByte(STATUS);
            write(status.report(), out);
        } else if (report instanceof LaneReport.Covered covered) {
            out.writeByte(COVERED);
            LaneInputCodec.writeString(covered.replication().value(), out);
            out.writeLong(covered.checkpoint());
            out.writeLong(covered.lsn());
            out.writeLong(covered.rows());
            out.writeLong(covered.bytes());
            out.writeLong(covered.lagMicros());
            out.writeLong(covered.atEpochMillis());
        } else if (report instanceof LaneReport.Table table) {
            out.writeByte(TABLE);
            LaneInputCodec.writeString(table.replication().value(), out);
            LaneInputCodec.writeString(table.table().schema(), out);
            LaneInputCodec.writeString(table.table().name(), out);
            out.writeBoolean(table.done());
            out.writeLong(table.rows());
            out.writeLong(table.bytes());
            out.writeLong(table.atEpochMillis());
        } else if (report instanceof LaneReport.Quarantined refused) {
            out.writeByte(QUARANTINED);
            LaneInputCodec.writeString(refused.replication().value(), out);
            QuarantinedRow row = refused.row();
            out.writeLong(row.commitLsn());
            out.writeLong(row.ordinal());
            for (String text :
                    List.of(
                            row.table().schema(),
                            row.table().name(),
                            row.operation(),
                            row.sqlState(),
                            row.message(),
                            row.row())) {
                LaneInputCodec.writeString(text, out);
            }
            out.writeLong(refused.atEpochMillis());
        } else if (report instanceof LaneReport.Conflicted conflicted) {
            out.writeByte(CONFLICTED);
            Conflict conflict = conflicted.conflict();
            LaneInputCodec.writeString(conflict.replication().value(), out);
            out.writeLong(conflict.commitLsn());
            out.writeLong(conflict.ordinal());
            LaneInputCodec.writeString(conflict.table().schema(), out);
            LaneInputCodec.writeString(conflict.table().name(), out);
            LaneInputCodec.writeString(conflict.type().name(), out);
            LaneInputCodec.writeString(conflict.reason(), out);
            out.writeBoolean(conflict.row() != null);
            if (conflict.row() != null) {
                LaneInputCodec.writeString(conflict.row(), out);
            }
            out.writeLong(conflicted.atEpochMillis());
        } else if (report instanceof LaneReport.Compressed compressed) {
            out.writeByte(COMPRESSED);
            LaneInputCodec.writeString(compressed.replication().value(), out);
            LaneInputCodec.writeString(compressed.figures(), out);
            out.writeLong(compressed.atEpochMillis());
        } else if (report instanceof LaneReport.Note note) {
            out.writeByte(NOTE);
            LaneInputCodec.writeString(note.replication().value(), out);
            LaneInputCodec.writeString(note.type(), out);
            LaneInputCodec.writeString(note.severity(), out);
            LaneInputCodec.writeString(note.message(), out);
            LaneInputCodec.writeString(note.details(), out);
            out.writeLong(note.atEpochMillis());
        }
    }

    private static void write(ReplicationReport report, DataOutput out) throws IOException {
        LaneInputCodec.writeString(report.replication().value(), out);
        out.writeLong(report.version());
        LaneInputCodec.writeString(report.state().name(), out);
        LaneInputCodec.writeString(report.code() == null ? "" : report.code().name(), out);
        out.writeBoolean(report.reason() != null);
        if (report.reason() != null) {
            LaneInputCodec.writeString(report.reason(), out);
        }
        out.writeInt(report.conditions().size());
        for (ReplicationReport.Condition condition : report.conditions()) {
            LaneInputCodec.writeString(condition.code().name(), out);
            LaneInputCodec.writeString(condition.reason(), out);
        }
        ReplicationReport.Service service = report.service();
        out.writeBoolean(service != null);
        if (service != null) {
            LaneInputCodec.writeString(service.tier().name(), out);
            out.writeInt(service.priority());
            out.writeLong(service.maxLagMillis());
            out.writeBoolean(service.late());
            out.writeLong(service.violations());
        }
        ReplicationReport.Waiting backlog = report.backlog();
        LaneInputCodec.writeLongs(
                new long[] {
                    report.refusedLsn(),
                    report.progressLsn(),
                    report.lagMicros(),
                    report.lagBytes(),
                    backlog.transactions(),
                    backlog.rows(),
                    backlog.bytes(),
                    backlog.storedBytes(),
                    backlog.oldestMicros(),
                    backlog.encrypted() ? 1 : 0,
                    report.transactions(),
                    report.rows(),
                    report.bytes(),
                    report.conflicts(),
                    report.rowsCopied(),
                    report.bytesCopied(),
                    report.expectedRows(),
                    report.compressionPercent(),
                    report.atEpochMillis()
                },
                out);
    }

    public static LaneReport read(DataInput in) throws IOException {
        byte tag = in.readByte();
        return switch (tag) {
            case STATUS -> new LaneReport.Status(readReport(in));
            case COVERED ->
                    new LaneReport.Covered(
                            new ReplicationId(LaneInputCodec.readString(in)),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong());
            case NOTE ->
                    new LaneReport.Note(
                            new ReplicationId(LaneInputCodec.readString(in)),
                            LaneInputCodec.readString(in),
                            LaneInputCodec.readString(in),
                            LaneInputCodec.readString(in),
                            LaneInputCodec.readString(in),
                            in.readLong());
            case COMPRESSED ->
                    new LaneReport.Compressed(
                            new ReplicationId(LaneInputCodec.readString(in)),
                            LaneInputCodec.readString(in),
                            in.readLong());
            case TABLE ->
                    new LaneReport.Table(
                            new ReplicationId(LaneInputCodec.readString(in)),
                            new TableId(
                                    LaneInputCodec.readString(in), LaneInputCodec.readString(in)),
                            in.readBoolean(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong());
            case QUARANTINED ->
                    new LaneReport.Quarantined(
                            new ReplicationId(LaneInputCodec.readString(in)),
                            new QuarantinedRow(
                                    in.readLong(),
                                    in.readLong(),
                                    new TableId(
                                            LaneInputCodec.readString(in),
                                            LaneInputCodec.readString(in)),
                                    LaneInputCodec.readString(in),
                                    LaneInputCodec.readString(in),
                                    LaneInputCodec.readString(in),
                                    LaneInputCodec.readString(in)),
                            in.readLong());
            case CONFLICTED ->
                    new LaneReport.Conflicted(
                            new Conflict(
                                    new ReplicationId(LaneInputCodec.readString(in)),
                                    in.readLong(),
                                    in.readLong(),
                                    new TableId(
                                            LaneInputCodec.readString(in),
                                            LaneInputCodec.readString(in)),
                                    Conflict.Type.valueOf(LaneInputCodec.readString(in)),
                                    LaneInputCodec.readString(in),
                                    in.readBoolean() ? LaneInputCodec.readString(in) : null),
                            in.readLong());
            default -> throw new IOException("unknown report tag " + tag);
        };
    }

    private static ReplicationReport readReport(DataInput in) throws IOException {
        ReplicationId id = new ReplicationId(LaneInputCodec.readString(in));
        long version = in.readLong();
        ReplicationState state = ReplicationState.valueOf(LaneInputCodec.readString(in));
        String code = LaneInputCodec.readString(in);
        String reason = in.readBoolean() ? LaneInputCodec.readString(in) : null;
        List<ReplicationReport.Condition> conditions = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            conditions.add(
                    new ReplicationReport.Condition(
                            ErrorCode.valueOf(LaneInputCodec.readString(in)),
                            LaneInputCodec.readString(in)));
        }
        ReplicationReport.Service service =
                in.readBoolean()
                        ? new ReplicationReport.Service(
                                Tier.valueOf(LaneInputCodec.readString(in)),
                                in.readInt(),
                                in.readLong(),
                                in.readBoolean(),
                                in.readLong())
                        : null;
        long[] figures = LaneInputCodec.readLongs(in);
        return new ReplicationReport(
                id,
                version,
                state,
                code.isEmpty() ? null : ErrorCode.valueOf(code),
                reason,
                figures[0],
                conditions,
                figures[1],
                figures[2],
                figures[3],
                new ReplicationReport.Waiting(
                        figures[4],
                        figures[5],
                        figures[6],
                        figures[7],
                        figures[8],
                        figures[9] != 0),
                figures[10],
                figures[11],
                figures[12],
                figures[13],
                figures[14],
                figures[15],
                figures[16],
                figures[17],
                service,
                figures[18]);
    }
}
