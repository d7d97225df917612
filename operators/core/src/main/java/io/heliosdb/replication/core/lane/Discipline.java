package io.heliosdb.replication.core.lane;

/**
 * By what lanes are ordered. First come, first served is there to measure the tiers against ({@code
 * -Dheliosdb.schedule=fifo}): one target transaction after the other in commit order, as
 * PostgreSQL's own subscription does it.
 */
enum Discipline {
    TIERS,
    FIFO;

    static final Discipline CURRENT =
            "fifo".equals(System.getProperty("heliosdb.schedule")) ? FIFO : TIERS;
}
