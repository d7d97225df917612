package io.heliosdb.replication.core.segment;

import com.github.luben.zstd.Zstd;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.CompressionLevel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Transactions column by column: what stands at the same place of each transaction, change or row
 * lies together, in the form that fits it.
 *
 * <pre>
 *   payload := streams (see {@link StreamWriter}); the last one is the head
 *   head    := numbers of commitLsn, commitEpochMicros, xid, part &lt;&lt; 1 | last, firstOrdinal, rows,
 *              relations of each transaction; count of different relations, their fingerprints (8 bytes each);
 *              numbers of the relations of all transactions as indexes into these;
 *              numbers of the relation of each change as its index in the transaction;
 *              per different relation its {@link TableColumns}
 *   streams: those of the above in this order, and after the relations one byte per change (op)
 *   op      := 0 I | 1 U N | 2 U K | 3 U O | 4 D K | 5 D O | 6.. T with flags 0..
 * </pre>
 */
final class ColumnarCodec {

    private static final int INSERT = 0;
    private static final int UPDATE = 1;
    private static final int UPDATE_OLD_KEY = 2;
    private static final int UPDATE_OLD_ROW = 3;
    private static final int DELETE_KEY = 4;
    private static final int DELETE_ROW = 5;
    private static final int TRUNCATE = 6;
    private static final int FIELDS = 7;

    private ColumnarCodec() {}

    /** Null if the transactions are not what can be taken apart. */
    static byte @Nullable [] encode(List<TenantTransaction> transactions, CompressionLevel level) {
        try {
            return new Encoder(transactions).encode(level);
        } catch (ReplicationException e) {
            // Changes that end early or have unknown parts: they are kept as they are.
            return null;
        }
    }

    /** What each table takes; empty if the transactions are not what can be taken apart. */
    static List<TableSample> measure(List<TenantTransaction> transactions, CompressionLevel level) {
        try {
            return new Encoder(transactions).measure(level);
        } catch (ReplicationException e) {
            return List.of();
        }
    }

    /** What was written so far: by itself, and what is compressed together at the end. */
    private record Size(long stored, long joint) {

        static Size of(StreamWriter streams, SegmentOutput head) {
            return new Size(streams.storedBytes(), streams.jointBytes() + head.size);
        }

        Size less(Size before) {
            return new Size(stored - before.stored, joint - before.joint);
        }

        double bytes(double jointRatio) {
            return stored + joint * jointRatio;
        }
    }

    private static final class Encoder {

        private final List<TenantTransaction> transactions;
        private final Map<Long, TableColumns> tables = new LinkedHashMap<>();
        private final SegmentOutput ops = new SegmentOutput(256);
        private long[] relations = new long[256];
        private int changes;

        Encoder(List<TenantTransaction> transactions) {
            this.transactions = transactions;
        }

        private void findTables() {
            for (TenantTransaction transaction : transactions) {
                for (long fingerprint : transaction.relations()) {
                    tables.computeIfAbsent(fingerprint, it -> new TableColumns());
                }
            }
        }

        List<TableSample> measure(CompressionLevel level) {
            findTables();
            tables.values().forEach(table -> table.raw = new SegmentOutput(4096));
            for (TenantTransaction transaction : transactions) {
                if (!take(transaction)) {
                    return List.of();
                }
            }
            SegmentOutput head = new SegmentOutput(1024);
            StreamWriter streams = new StreamWriter(level);
            streams.add(ops);
            LongStream.write(relations, changes, head, streams);
            Size shared = Size.of(streams, head);
            long raw = 0;
            List<Size> sizes = new ArrayList<>();
            for (TableColumns table : tables.values()) {
                Size before = Size.of(streams, head);
                table.write(head, streams);
                sizes.add(Size.of(streams, head).less(before));
                raw += table.raw.size;
            }
            streams.finish(head);
            double ratio = streams.jointRatio();
            List<TableSample> samples = new ArrayList<>();
            for (Map.Entry<Long, TableColumns> table : tables.entrySet()) {
                SegmentOutput own = table.getValue().raw;
                double bytes =
                        sizes.get(samples.size()).bytes(ratio)
                                + shared.bytes(ratio) * own.size / Math.max(1, raw);
                samples.add(
                        new TableSample(
                                table.getKey(),
                                own.size,
                                Zstd.compress(own.toBytes(), SegmentCodec.zstd(level)).length,
                                (long) Math.ceil(bytes)));
            }
            return samples;
        }

        byte @Nullable [] encode(CompressionLevel level) {
            findTables();
            for (TenantTransaction transaction : transactions) {
                if (!take(transaction)) {
                    return null;
                }
            }
            SegmentOutput head = new SegmentOutput(1024);
            StreamWriter streams = new StreamWriter(level);
            writeTransactions(head, streams);
            streams.add(ops);
            LongStream.write(relations, changes, head, streams);
            tables.values().forEach(table -> table.write(head, streams));
            return streams.finish(head);
        }

        private boolean take(TenantTransaction transaction) {
            byte[] bytes = transaction.changes();
            SegmentInput input = new SegmentInput(bytes, 0, bytes.length);
            TableColumns[] own = new TableColumns[transaction.relations().length];
            for (int i = 0; i < own.length; i++) {
                own[i] = tables.get(transaction.relations()[i]);
            }
            int before = changes;
            while (input.remaining() > 0) {
                if (!takeChange(input, own)) {
                    return false;
                }
            }
            return changes - before == transaction.rows();
        }

        private boolean takeChange(SegmentInput input, TableColumns[] own) {
            int begin = input.at;
            int op = input.get();
            int relation = input.get() << 8 | input.get();
            if (relation >= own.length) {
                return false;
            }
            if (changes == relations.length) {
                relations = java.util.Arrays.copyOf(relations, changes * 2);
            }
            relations[changes++] = relation;
            TableColumns table = own[relation];
            boolean taken = takeChange(op, input, table);
            if (table.raw != null) {
                table.raw.put(input.bytes, begin, input.at - begin);
            }
            return taken;
        }

        private boolean takeChange(int op, SegmentInput input, TableColumns table) {
            return switch (op) {
                case 'I' -> {
                    ops.put(INSERT);
                    yield table.takeFresh(input, false);
                }
                case 'U' -> takeUpdate(input, table);
                case 'D' -> {
                    int kind = input.get();
                    ops.put(kind == 'K' ? DELETE_KEY : DELETE_ROW);
                    yield (kind == 'K' || kind == 'O') && table.takeOld(input);
                }
                case 'T' -> {
                    int flags = input.get();
                    ops.put(TRUNCATE + flags);
                    yield flags < 0x80;
                }
                default -> false;
            };
        }

        private boolean takeUpdate(SegmentInput input, TableColumns table) {
            int kind = input.get();
            if (kind == 'N') {
                ops.put(UPDATE);
                return table.takeFresh(input, false);
            }
            ops.put(kind == 'K' ? UPDATE_OLD_KEY : UPDATE_OLD_ROW);
            return (kind == 'K' || kind == 'O')
                    && table.takeOld(input)
                    && table.takeFresh(input, true);
        }

        private void writeTransactions(SegmentOutput head, StreamWriter streams) {
            int count = transactions.size();
            long[][] fields = new long[FIELDS][count];
            int references = 0;
            for (int i = 0; i < count; i++) {
                TenantTransaction transaction = transactions.get(i);
                fields[0][i] = transaction.commitLsn();
                fields[1][i] = transaction.commitEpochMicros();
                fields[2][i] = transaction.xid();
                fields[3][i] = (long) transaction.part() << 1 | (transaction.last() ? 1 : 0);
                fields[4][i] = transaction.firstOrdinal();
                fields[5][i] = transaction.rows();
                fields[6][i] = transaction.relations().length;
                references += transaction.relations().length;
            }
            for (long[] field : fields) {
                LongStream.write(field, count, head, streams);
            }
            Map<Long, Integer> index = new TreeMap<>();
            head.putVarint(tables.size());
            for (long fingerprint : tables.keySet()) {
                index.put(fingerprint, index.size());
                head.putLong(fingerprint);
            }
            long[] all = new long[references];
            int at = 0;
            for (TenantTransaction transaction : transactions) {
                for (long fingerprint : transaction.relations()) {
                    all[at++] = index.get(fingerprint);
                }
            }
            LongStream.write(all, references, head, streams);
        }
    }

    static List<TenantTransaction> decode(
            ReplicationId replication, int count, int rawBytes, SegmentInput payload) {
        StreamReader streams = new StreamReader(payload, rawBytes);
        SegmentInput head = streams.head();
        long[][] fields = new long[FIELDS][];
        for (int i = 0; i < FIELDS; i++) {
            fields[i] = LongStream.read(count, head, streams);
        }
        long[] fingerprints = new long[head.size(rawBytes)];
        for (int i = 0; i < fingerprints.length; i++) {
            fingerprints[i] = head.int64();
        }
        long[] references = LongStream.read(total(fields[6], rawBytes), head, streams);
        int changes = total(fields[5], rawBytes);
        SegmentInput ops = streams.next();
        long[] relations = LongStream.read(changes, head, streams);
        TableColumns.Rows[] tables = new TableColumns.Rows[fingerprints.length];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = new TableColumns.Rows(changes, head, streams);
        }
        List<TenantTransaction> transactions = new ArrayList<>(count);
        int reference = 0;
        int change = 0;
        for (int i = 0; i < count; i++) {
            long[] own = new long[(int) fields[6][i]];
            TableColumns.Rows[] ownTables = new TableColumns.Rows[own.length];
            for (int r = 0; r < own.length; r++) {
                int index = index(references[reference++], fingerprints.length);
                own[r] = fingerprints[index];
                ownTables[r] = tables[index];
            }
            int rows = (int) fields[5][i];
            SegmentOutput bytes = new SegmentOutput(rows * 32);
            for (int r = 0; r < rows; r++) {
                write(ops.get(), index(relations[change++], own.length), ownTables, bytes);
            }
            transactions.add(
                    new TenantTransaction(
                            replication,
                            fields[0][i],
                            fields[1][i],
                            fields[2][i],
                            (int) (fields[3][i] >>> 1),
                            (fields[3][i] & 1) != 0,
                            fields[4][i],
                            rows,
                            own,
                            bytes.toBytes()));
        }
        return transactions;
    }

    private static int index(long value, int limit) {
        if (value < 0 || value >= limit) {
            throw SegmentCodec.damaged("index " + value + " of " + limit);
        }
        return (int) value;
    }

    private static int total(long[] counts, int most) {
        long total = 0;
        for (long count : counts) {
            total += count;
            if (count < 0 || total > most) {
                throw SegmentCodec.damaged("a count of " + total);
            }
        }
        return (int) total;
    }

    private static void write(
            int op, int relation, TableColumns.Rows[] tables, SegmentOutput change) {
        TableColumns.Rows table = tables[relation];
        change.put(op == INSERT ? 'I' : op <= UPDATE_OLD_ROW ? 'U' : op <= DELETE_ROW ? 'D' : 'T');
        change.put(relation >>> 8);
        change.put(relation);
        switch (op) {
            case INSERT -> table.writeFresh(change, false);
            case UPDATE -> {
                change.put('N');
                table.writeFresh(change, false);
            }
            case UPDATE_OLD_KEY, UPDATE_OLD_ROW -> {
                change.put(op == UPDATE_OLD_KEY ? 'K' : 'O');
                table.writeOld(change);
                table.writeFresh(change, true);
            }
            case DELETE_KEY, DELETE_ROW -> {
                change.put(op == DELETE_KEY ? 'K' : 'O');
                table.writeOld(change);
            }
            default -> change.put(op - TRUNCATE);
        }
    }
}
