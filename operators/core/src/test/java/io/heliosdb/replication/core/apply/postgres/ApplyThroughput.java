package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.LaneBatch;
import io.heliosdb.replication.core.apply.SkippedTables;
import io.heliosdb.replication.core.apply.TargetSession.ApplyResult;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TenantTransaction;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Measures one session: rows per second by the clock, CPU of our thread and of the server's backend
 * per row. Not a test: run it by its main.
 *
 * <pre>
 *   inserts   100 tenants × 50 rows in one target transaction
 *   updates   100 tenants × 100 rows, and 1 tenant × 10 000 rows
 *   oltp      insert + update: 100 tenants × 5 transactions, and one transaction alone
 *   stream    one transaction of 500 000 inserts in parts of 2500
 * </pre>
 */
final class ApplyThroughput {

    private static final int TENANTS = 100;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ApplyStand stand;
    private final RelationDescriptor item;
    private final long backend;
    private long lsn = 100;

    private ApplyThroughput() throws SQLException {
        stand =
                new ApplyStand(
                        "CREATE TABLE item (tenant_id int, id bigint PRIMARY KEY, name text, amount numeric(12,2), qty int,"
                                + " created_at timestamptz, note text)");
        item = stand.relation("item", 'd');
        for (int i = 1; i <= TENANTS; i++) {
            stand.claim("r" + i);
        }
        backend =
                Long.parseLong(
                        stand.value(
                                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'heliosdb%' AND datname = current_database()"));
    }

    public static void main(String[] arguments) throws Exception {
        ApplyThroughput throughput = new ApplyThroughput();
        for (int round = 1; round <= 3; round++) {
            System.out.println("round " + round);
            throughput.round();
        }
        System.exit(0);
    }

    private void round() throws Exception {
        stand.execute("TRUNCATE item");
        stand.execute("CHECKPOINT");
        List<List<LaneBatch>> inserts = new ArrayList<>();
        for (int group = 0; group < 60; group++) {
            inserts.add(group(1, 50, (changes, tenant, i) -> insert(changes, tenant, i)));
        }
        measure("inserts 100 x 50", inserts);
        stand.execute("VACUUM ANALYZE item");

        List<List<LaneBatch>> updates = new ArrayList<>();
        for (int group = 0; group < 20; group++) {
            updates.add(group(1, 100, (changes, tenant, i) -> update(changes, tenant, i)));
        }
        measure("updates 100 x 100", updates);
        stand.execute("VACUUM ANALYZE item");

        List<List<LaneBatch>> large = new ArrayList<>();
        for (int group = 0; group < 20; group++) {
            ChangeSet changes = new ChangeSet();
            for (int i = 0; i < 10_000; i++) {
                update(changes, 1 + i % TENANTS, group * 100 + i / TENANTS);
            }
            large.add(List.of(stand.batch("r1", stand.transaction("r1", lsn++, changes))));
        }
        measure("updates 1 x 10000", large);

        List<List<LaneBatch>> oltp = new ArrayList<>();
        for (int group = 0; group < 60; group++) {
            oltp.add(
                    group(
                            5,
                            1,
                            (changes, tenant, i) -> {
                                insert(changes, tenant, 10_000 + i);
                                update(changes, tenant, i);
                            }));
        }
        measure("oltp 100 x 5 x 2", oltp);

        List<List<LaneBatch>> alone = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            ChangeSet changes = new ChangeSet();
            insert(changes, 7, 50_000 + i);
            update(changes, 7, i % 1000);
            alone.add(List.of(stand.batch("r7", stand.transaction("r7", lsn++, changes))));
        }
        measure("oltp alone", alone);

        List<LaneBatch> parts = new ArrayList<>();
        long streamed = lsn++;
        for (int part = 0; part <= 200; part++) {
            ChangeSet changes = new ChangeSet();
            for (int i = 0; i < 2500 && part < 200; i++) {
                insert(changes, 9, 100_000 + part * 2500 + i);
            }
            stand.know(changes);
            parts.add(stand.batch("r9", changes.part("r9", streamed, part, part == 200, 0)));
        }
        measure(
                "stream 500000",
                parts,
                batch ->
                        batch.lastTransaction().last()
                                ? stand.session.commitStream(batch)
                                : stand.session.stream(batch));
    }

    private interface Writer {
        void write(ChangeSet changes, int tenant, int row);
    }

    private int next;

    private List<LaneBatch> group(int transactions, int rows, Writer writer) {
        List<LaneBatch> group = new ArrayList<>();
        for (int tenant = 1; tenant <= TENANTS; tenant++) {
            List<TenantTransaction> list = new ArrayList<>();
            for (int t = 0; t < transactions; t++) {
                ChangeSet changes = new ChangeSet();
                for (int i = 0; i < rows; i++) {
                    writer.write(changes, tenant, next % 3000 + t * rows + i);
                }
                list.add(stand.transaction("r" + tenant, lsn++, changes));
            }
            group.add(stand.batch("r" + tenant, SkippedTables.NONE, list));
        }
        next += transactions * rows;
        return group;
    }

    private void insert(ChangeSet changes, int tenant, int i) {
        changes.insert(item, row(tenant, i, 1));
    }

    private void update(ChangeSet changes, int tenant, int i) {
        changes.update(item, row(tenant, i, 2));
    }

    private static String[] row(int tenant, int i, int version) {
        long id = tenant * 1_000_000L + i;
        return new String[] {
            "" + tenant,
            "" + id,
            "name of " + id,
            i % 1000 + ".50",
            "" + version,
            "2026-11-21 10:00:00.123456+00",
            "some note text which is longer " + version
        };
    }

    private void measure(String what, List<List<LaneBatch>> groups) throws Exception {
        measure(what, groups, stand.session::apply);
    }

    private <T> void measure(String what, List<T> groups, Function<T, ApplyResult> apply)
            throws Exception {
        next = 0;
        long rows = 0;
        long conflicts = 0;
        long[] nanos = new long[groups.size()];
        long cpu = THREADS.getCurrentThreadCpuTime();
        long ticks = ticks();
        long start = System.nanoTime();
        for (int i = 0; i < nanos.length; i++) {
            long before = System.nanoTime();
            ApplyResult result = apply.apply(groups.get(i));
            nanos[i] = System.nanoTime() - before;
            rows += result.rows();
            conflicts += result.conflicts();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double client = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3 / rows;
        double server = (ticks() - ticks) * 10_000.0 / rows;
        Arrays.sort(nanos);
        System.out.printf(
                "%-18s %7d rows %9.0f rows/s  client %.2f us/row  backend %.2f us/row  apply p50 %.3f ms p99 %.3f ms  conflicts %d%n",
                what,
                rows,
                rows / seconds,
                client,
                server,
                nanos[nanos.length / 2] / 1e6,
                nanos[nanos.length * 99 / 100] / 1e6,
                conflicts);
    }

    private long ticks() throws Exception {
        String stat = Files.readString(Path.of("/proc/" + backend + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }
}
