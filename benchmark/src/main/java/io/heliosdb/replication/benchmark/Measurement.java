package io.heliosdb.replication.benchmark;

/** What is measured. */
enum Measurement {
    INSERT("insert, transactions of 1000 rows over 100 tenants", "rows/s", true),
    UPDATE("update, transactions of 10 000 rows", "rows/s", true),
    OLTP("small transactions (3 inserts, 1 update, one tenant)", "transactions/s", true),
    LATENCY("commit to visible at 500 transactions/s", "ms", false),
    COPY("first copy, 100 tenants", "rows/s", true);

    private final String title;
    private final String unit;
    private final boolean moreIsBetter;

    Measurement(String title, String unit, boolean moreIsBetter) {
        this.title = title;
        this.unit = unit;
        this.moreIsBetter = moreIsBetter;
    }

    String title() {
        return title;
    }

    String unit() {
        return unit;
    }

    /** Whether each round gives a median and a 99th percentile. */
    boolean tailed() {
        return this == LATENCY;
    }

    boolean moreIsBetter() {
        return moreIsBetter;
    }
}
