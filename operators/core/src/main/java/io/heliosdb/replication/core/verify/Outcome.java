package io.heliosdb.replication.core.verify;

import java.util.Collection;

/** What a comparison came to, and the exit code that says so. In order of severity. */
public enum Outcome {
    /** The target holds exactly what the source held at the position of the target. */
    EQUAL(0),
    /**
     * Not comparable exactly: the target has not reached a comparable position. What could be
     * compared is equal.
     */
    BEHIND(4),
    /** The target did not answer. */
    UNREACHABLE(3),
    /** A difference that no change still under way explains. */
    DIFFERENT(1);

    private final int exitCode;

    Outcome(int exitCode) {
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** The more severe of the two. */
    public Outcome worse(Outcome other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** The most severe; EQUAL of none. */
    public static Outcome worst(Collection<Outcome> outcomes) {
        return outcomes.stream().reduce(EQUAL, Outcome::worse);
    }
}
