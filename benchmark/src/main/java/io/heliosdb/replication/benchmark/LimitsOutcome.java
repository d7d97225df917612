package io.heliosdb.replication.benchmark;

import java.util.Map;

/** What one run has shown, in milliseconds, seconds and rows per second. */
record LimitsOutcome(
        double idlePremiumP50,
        double idlePremiumP99,
        double premiumP50,
        double premiumP99,
        double premiumWorst,
        double idleStandardP99,
        double standardP99,
        double standardWorst,
        double bulkWorst,
        double writtenSeconds,
        double drainedSeconds,
        double rowsPerSecond,
        long sourceBehindBytesP50,
        long sourceBehindBytesWorst,
        long heapPeakBytes,
        Map<String, Integer> violations) {}
