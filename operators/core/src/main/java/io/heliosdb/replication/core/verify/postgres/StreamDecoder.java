package io.heliosdb.replication.core.verify.postgres;

import io.heliosdb.replication.core.verify.ChangeSink;
import io.heliosdb.replication.core.wire.PgOutput;
import io.heliosdb.replication.core.wire.PgOutputMessage;
import io.heliosdb.replication.core.wire.Tuples;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Gives the messages of a stream to a {@link ChangeSink}, one by one. */
final class StreamDecoder {

    private final PgOutputMessage message = new PgOutputMessage();
    private final ChangeSink sink;
    private boolean inTransaction;
    private long commitLsn;

    StreamDecoder(ChangeSink sink) {
        this.sink = sink;
    }

    boolean inTransaction() {
        return inTransaction;
    }

    /** Of the transaction that began last. */
    long commitLsn() {
        return commitLsn;
    }

    void accept(ByteBuffer buffer) {
        message.wrap(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
        int relation = message.relationOid();
        boolean whole = message.oldKind() == PgOutput.OLD_TUPLE;
        switch (message.type()) {
            case PgOutput.BEGIN -> {
                commitLsn = message.begun().commitLsn();
                inTransaction = true;
                sink.begin(commitLsn);
            }
            case PgOutput.COMMIT -> {
                inTransaction = false;
                sink.commit();
            }
            case PgOutput.RELATION -> sink.relation(message.relation());
            case PgOutput.INSERT -> sink.insert(relation, tuple(message.newTuple()));
            case PgOutput.UPDATE ->
                    sink.update(
                            relation,
                            whole,
                            message.oldKind() == 0 ? null : tuple(message.oldTuple()),
                            tuple(message.newTuple()));
            case PgOutput.DELETE -> sink.delete(relation, whole, tuple(message.oldTuple()));
            case PgOutput.TRUNCATE -> message.truncated().relations().forEach(sink::truncate);
            case PgOutput.ORIGIN, PgOutput.TYPE, PgOutput.MESSAGE -> {}
            default -> throw message.violation("is of no known type");
        }
    }

    private @Nullable byte[][] tuple(int offset) {
        byte[] bytes = message.bytes();
        byte[][] values = new byte[Tuples.columns(bytes, offset, message.end())][];
        for (int i = 0; i < values.length; i++) {
            long slice = Tuples.slice(bytes, offset, message.end(), i);
            if (slice == Tuples.UNCHANGED) {
                values[i] = ChangeSink.UNCHANGED;
            } else if (slice != Tuples.NULL) {
                int from = Tuples.offset(slice);
                values[i] = Arrays.copyOfRange(bytes, from, from + Tuples.length(slice));
            }
        }
        return values;
    }
}
