package io.heliosdb.replication.core.snapshot.postgres;

import java.util.List;

/** Shows rows in the figures while they are on their way. */
final class LiveCount implements CopyPipe.Watcher {

    private final List<Member> members;
    private final TenantCounter counter;
    private final long[] shownRows;
    private final long[] shownBytes;

    LiveCount(List<Member> members, TenantCounter counter) {
        this.members = members;
        this.counter = counter;
        this.shownRows = new long[members.size()];
        this.shownBytes = new long[members.size()];
    }

    @Override
    public void moved() {
        show(counter.rows(), counter.bytes());
    }

    void takeBack() {
        show(new long[members.size()], new long[members.size()]);
    }

    private void show(long[] rows, long[] bytes) {
        for (int i = 0; i < members.size(); i++) {
            if (rows[i] != shownRows[i] || bytes[i] != shownBytes[i]) {
                members.get(i).rows.add(rows[i] - shownRows[i]);
                members.get(i).bytes.add(bytes[i] - shownBytes[i]);
                shownRows[i] = rows[i];
                shownBytes[i] = bytes[i];
            }
        }
    }
}
