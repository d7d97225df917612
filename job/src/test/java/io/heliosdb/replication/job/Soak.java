package io.heliosdb.replication.job;

/** The full form of long tests runs with {@code -Psoak}; the short form in every build. */
final class Soak {

    private static final boolean FULL = Boolean.getBoolean("heliosdb.soak");

    private Soak() {}

    static int times(int shortForm, int fullForm) {
        return FULL ? fullForm : shortForm;
    }
}
