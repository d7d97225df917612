package io.heliosdb.replication.control.access;

/** How many requests a caller may make. */
public enum RateTier {
    FREE(60, 10),
    STANDARD(600, 50),
    PREMIUM(6000, 200),
    ENTERPRISE(60_000, 2000);

    private final int perMinute;
    private final int burst;

    RateTier(int perMinute, int burst) {
        this.perMinute = perMinute;
        this.burst = burst;
    }

    public int perMinute() {
        return perMinute;
    }

    /** How many at once. */
    public int burst() {
        return burst;
    }
}
