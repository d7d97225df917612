package io.heliosdb.replication.core.wire;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;

/**
 * A view of one pgoutput message (protocol version 1) in somebody else's array; reused from message
 * to message, so that reading rows creates no objects.
 *
 * <pre>
 *   Begin     B  commitLsn(8) commitTime(8) xid(4)
 *   Commit    C  flags(1) commitLsn(8) endLsn(8) commitTime(8)
 *   Origin    O  commitLsn(8) name\0
 *   Relation  R  oid(4) schema\0 name\0 identity(1) columns(2) { flags(1) name\0 type(4) modifier(4) }*
 *   Type      Y  oid(4) schema\0 name\0
 *   Insert    I  relation(4) 'N' tuple
 *   Update    U  relation(4) [ 'K'|'O' tuple ] 'N' tuple
 *   Delete    D  relation(4) 'K'|'O' tuple
 *   Truncate  T  relations(4) flags(1) { relation(4) }*
 *   Message   M  flags(1) lsn(8) prefix\0 length(4) content(length)
 * </pre>
 *
 * <p>What cannot be read fails with {@link ErrorCode#PROTOCOL_VIOLATION}, naming the message and
 * the place in it; never with an index out of bounds. Every byte of a message must be accounted
 * for. Not thread-safe.
 */
public final class PgOutputMessage {

    private byte[] bytes = new byte[0];
    private int begin;
    private int end;
    private byte type;

    private int relation;
    private byte oldKind;
    private int oldTuple;
    private int oldEnd;
    private int newTuple;

    /** Begin of a transaction; its commit LSN is known, for it is decoded once it has committed. */
    public record Begin(long commitLsn, long commitEpochMicros, long xid) {}

    /** End of a transaction; {@code endLsn} is where the next record begins. */
    public record Commit(long commitLsn, long endLsn, long commitEpochMicros) {}

    /** The transaction was replicated to the source from elsewhere. */
    public record Origin(long commitLsn, String name) {}

    /** A type that is not built in. */
    public record TypeName(int oid, String schema, String name) {}

    /** Tables that were emptied by one statement. */
    public record Truncate(List<Integer> relations, boolean cascade, boolean restartIdentity) {}

    /** A logical message; its content are {@code length} bytes of the array from {@code offset}. */
    public record LogicalMessage(
            boolean transactional, long lsn, String prefix, int offset, int length) {}

    /**
     * Looks at the message of {@code length} bytes at {@code offset}, its type byte first. Rows are
     * read and checked at once, other messages when they are asked for.
     */
    public PgOutputMessage wrap(byte[] array, int offset, int length) {
        if (offset < 0 || length < 1 || length > array.length - offset) {
            throw new ReplicationException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "message of " + length + " bytes at offset " + offset + " of " + array.length);
        }
        bytes = array;
        begin = offset;
        end = offset + length;
        type = array[offset];
        switch (type) {
            case PgOutput.INSERT -> insert();
            case PgOutput.UPDATE -> update();
            case PgOutput.DELETE -> delete();
            default -> clearRow();
        }
        return this;
    }

    /** Looks at the message behind the {@code length(4)} at {@code offset}, see WalChunk. */
    public PgOutputMessage wrapFramed(byte[] array, int offset, int limit) {
        int length = limit - offset < 4 ? -1 : Tuples.int32(array, offset);
        if (length > limit - offset - 4) {
            throw new ReplicationException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "message of " + length + " bytes at offset " + offset + " of " + limit);
        }
        return wrap(array, offset + 4, length);
    }

    private void clearRow() {
        relation = 0;
        oldKind = 0;
        oldTuple = 0;
        oldEnd = 0;
        newTuple = 0;
    }

    private void insert() {
        readRelation();
        oldKind = 0;
        readNewTuple(begin + 5);
        oldTuple = newTuple;
        oldEnd = newTuple;
    }

    private void update() {
        readRelation();
        if (bytes[begin + 5] == PgOutput.NEW_TUPLE) {
            oldKind = 0;
            readNewTuple(begin + 5);
            oldTuple = newTuple;
            oldEnd = newTuple;
        } else {
            readOldTuple();
            readNewTuple(oldEnd);
        }
    }

    private void delete() {
        readRelation();
        readOldTuple();
        newTuple = 0;
        requireEnd(oldEnd);
    }

    private void readRelation() {
        if (end - begin < 6) {
            throw violation(end, "ends, relation and tuple expected");
        }
        relation = Tuples.int32(bytes, begin + 1);
    }

    private void readOldTuple() {
        oldKind = bytes[begin + 5];
        if (oldKind != PgOutput.KEY_TUPLE && oldKind != PgOutput.OLD_TUPLE) {
            throw violation(begin + 5, "has a tuple of kind '" + (char) oldKind + "'");
        }
        oldTuple = begin + 6;
        oldEnd = tupleEnd(oldTuple);
    }

    private void readNewTuple(int at) {
        if (at >= end || bytes[at] != PgOutput.NEW_TUPLE) {
            throw violation(at, "has no tuple of kind 'N' here");
        }
        newTuple = at + 1;
        requireEnd(tupleEnd(newTuple));
    }

    private void requireEnd(int at) {
        if (at != end) {
            throw violation(at, "has " + (end - at) + " bytes behind its tuple");
        }
    }

    private int tupleEnd(int at) {
        try {
            return Tuples.end(bytes, at, end);
        } catch (ReplicationException e) {
            throw violation(at, "has a tuple that cannot be read: " + e.getMessage());
        }
    }

    public byte type() {
        return type;
    }

    /** The array that the message is in. */
    public byte[] bytes() {
        return bytes;
    }

    /** Offset of the type byte. */
    public int begin() {
        return begin;
    }

    /** Offset of the first byte behind the message. */
    public int end() {
        return end;
    }

    /** OID of the table of an Insert, Update or Delete. */
    public int relationOid() {
        return relation;
    }

    /** {@link PgOutput#KEY_TUPLE} or {@link PgOutput#OLD_TUPLE}, or 0 if no old row was sent. */
    public byte oldKind() {
        return oldKind;
    }

    /** Offset of the old row, if there is one; its kind is the byte before it. */
    public int oldTuple() {
        return oldTuple;
    }

    /** Offset of the first byte behind the old row; equals {@link #oldTuple()} if there is none. */
    public int oldEnd() {
        return oldEnd;
    }

    /** Offset of the new row of an Insert or Update; it goes to {@link #end()}. */
    public int newTuple() {
        return newTuple;
    }

    public Begin begun() {
        Fields fields = fields(PgOutput.BEGIN);
        return fields.whole(
                new Begin(
                        fields.int64(),
                        PgOutput.epochMicros(fields.int64()),
                        Integer.toUnsignedLong(fields.int32())));
    }

    public Commit committed() {
        Fields fields = fields(PgOutput.COMMIT);
        fields.int8();
        return fields.whole(
                new Commit(fields.int64(), fields.int64(), PgOutput.epochMicros(fields.int64())));
    }

    public Origin origin() {
        Fields fields = fields(PgOutput.ORIGIN);
        return fields.whole(new Origin(fields.int64(), fields.text()));
    }

    public TypeName typeName() {
        Fields fields = fields(PgOutput.TYPE);
        return fields.whole(new TypeName(fields.int32(), schema(fields), fields.text()));
    }

    public RelationDescriptor relation() {
        Fields fields = fields(PgOutput.RELATION);
        int oid = fields.int32();
        String schema = schema(fields);
        String name = fields.text();
        if (name.isEmpty()) {
            throw fields.violation("has no table name");
        }
        char identity = (char) fields.int8();
        int count = fields.uint16();
        List<RelationDescriptor.Column> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean key = (fields.int8() & 1) != 0;
            columns.add(
                    new RelationDescriptor.Column(
                            fields.text(), key, fields.int32(), fields.int32()));
        }
        return fields.whole(
                new RelationDescriptor(oid, new TableId(schema, name), identity, columns));
    }

    public Truncate truncated() {
        Fields fields = fields(PgOutput.TRUNCATE);
        int count = fields.int32();
        int flags = fields.int8();
        if (count != fields.remaining() / 4) {
            throw fields.violation(
                    "names " + count + " tables in " + fields.remaining() + " bytes");
        }
        List<Integer> relations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            relations.add(fields.int32());
        }
        return fields.whole(
                new Truncate(
                        List.copyOf(relations),
                        (flags & PgOutput.TRUNCATE_CASCADE) != 0,
                        (flags & PgOutput.TRUNCATE_RESTART_IDENTITY) != 0));
    }

    public LogicalMessage logicalMessage() {
        Fields fields = fields(PgOutput.MESSAGE);
        boolean transactional = (fields.int8() & PgOutput.MESSAGE_TRANSACTIONAL) != 0;
        long lsn = fields.int64();
        String prefix = fields.text();
        int length = fields.int32();
        if (length != fields.remaining()) {
            throw fields.violation(
                    "has " + fields.remaining() + " bytes of content where it says " + length);
        }
        return new LogicalMessage(transactional, lsn, prefix, fields.at(), length);
    }

    /** pgoutput leaves the name of pg_catalog out. */
    private static String schema(Fields fields) {
        String schema = fields.text();
        return schema.isEmpty() ? "pg_catalog" : schema;
    }

    /** What to throw if the message can be read and yet makes no sense where it is. */
    public ReplicationException violation(String problem) {
        return violation(begin, problem);
    }

    private Fields fields(byte wanted) {
        if (type != wanted) {
            throw violation(begin, "is no " + PgOutput.name(wanted));
        }
        return new Fields(bytes, begin, end);
    }

    private ReplicationException violation(int at, String problem) {
        return Fields.violation(bytes, begin, end, at, problem);
    }
}
