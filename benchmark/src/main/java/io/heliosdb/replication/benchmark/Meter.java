package io.heliosdb.replication.benchmark;

/** What the two servers spend on a round. */
final class Meter {

    /**
     * What a round cost.
     *
     * @param sourceMicros processor time of the source server, µs
     * @param targetMicros processor time of the target server, µs
     * @param targetTransactions writing transactions of the target server, those of the marks and
     *     of bookkeeping included
     */
    record Cost(double sourceMicros, double targetMicros, long targetTransactions) {

        Cost since(Cost before) {
            return new Cost(
                    sourceMicros - before.sourceMicros,
                    targetMicros - before.targetMicros,
                    targetTransactions - before.targetTransactions);
        }
    }

    private final Databases databases;
    private final ServerCpu source;
    private final ServerCpu target;

    Meter(Databases databases) {
        this.databases = databases;
        this.source = ServerCpu.of(databases.source());
        this.target = ServerCpu.of(databases.target());
    }

    /** The counters now. */
    Cost read() {
        return new Cost(
                source.micros(),
                target.micros(),
                Long.parseLong(
                        Databases.value(
                                databases.target(),
                                "postgres",
                                "SELECT pg_snapshot_xmax(pg_current_snapshot())")));
    }
}
