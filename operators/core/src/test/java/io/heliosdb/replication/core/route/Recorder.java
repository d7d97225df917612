package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Keeps what comes out, readable. */
final class Recorder implements RouterOutput {

    final List<TenantTransaction> transactions = new ArrayList<>();
    final List<LaneInput.Start> starts = new ArrayList<>();
    final List<LaneInput.Update> updates = new ArrayList<>();
    final List<LaneInput.Fail> failures = new ArrayList<>();
    final List<String> stops = new ArrayList<>();
    final List<LaneInput> commands = new ArrayList<>();
    final List<Long> ticks = new ArrayList<>();

    @Override
    public void emit(LaneInput record) {
        if (record instanceof LaneInput.Transaction transaction) {
            transactions.add(transaction.transaction());
        } else if (record instanceof LaneInput.Start start) {
            starts.add(start);
        } else if (record instanceof LaneInput.Update update) {
            updates.add(update);
        } else if (record instanceof LaneInput.Fail fail) {
            failures.add(fail);
        } else if (record instanceof LaneInput.Stop stop) {
            stops.add(stop.key());
        } else if (!(record instanceof LaneInput.Relations)) {
            commands.add(record);
        }
    }

    @Override
    public void tick(long lsn, long sourceEpochMicros) {
        ticks.add(lsn);
    }

    @Override
    public void discover(ReplicationRule rule) {}

    List<String> of(String replication) {
        return transactions.stream()
                .filter(tx -> tx.replication().value().equals(replication))
                .map(Recorder::text)
                .toList();
    }

    private static String text(TenantTransaction tx) {
        StringBuilder text = new StringBuilder();
        text.append(tx.commitLsn()).append('.').append(tx.part()).append(tx.last() ? "!" : "");
        ByteBuffer changes = ByteBuffer.wrap(tx.changes());
        while (changes.hasRemaining()) {
            char op = (char) changes.get();
            changes.getShort();
            text.append(' ').append(op);
            switch (op) {
                case 'I' -> text.append(tuple(changes));
                case 'D' -> text.append((char) changes.get()).append(tuple(changes));
                case 'U' -> {
                    char kind = (char) changes.get();
                    text.append(kind);
                    if (kind != 'N') {
                        text.append(tuple(changes));
                    }
                    text.append(tuple(changes));
                }
                default -> changes.get();
            }
        }
        return text.toString();
    }

    private static String tuple(ByteBuffer changes) {
        List<String> values = new ArrayList<>();
        int columns = changes.getShort();
        for (int i = 0; i < columns; i++) {
            char kind = (char) changes.get();
            if (kind == 't') {
                byte[] value = new byte[changes.getInt()];
                changes.get(value);
                values.add(new String(value));
            } else {
                values.add(kind == 'n' ? "~" : "?");
            }
        }
        return "(" + String.join(",", values) + ")";
    }
}
