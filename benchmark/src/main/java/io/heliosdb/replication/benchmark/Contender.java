package io.heliosdb.replication.benchmark;

import java.util.Locale;

/** Who replicates; each has a source and a target database of its own, on the same two servers. */
enum Contender {
    NATIVE,
    OURS;

    /** Name of its databases at both ends. */
    String database() {
        return "bench_" + name().toLowerCase(Locale.ROOT);
    }

    /** Name of its slot. */
    String slot() {
        return database();
    }
}
