package io.heliosdb.replication.cli;

import io.heliosdb.replication.model.ErrorCode;

/** What the process tells the shell. */
public final class ExitCode {

    /** Done, and nothing to complain of. */
    public static final int OK = 0;

    /** A finding, a difference, or a job that failed. */
    public static final int FINDING = 1;

    /** Wrong usage, configuration or input; nothing was changed. */
    public static final int USAGE = 2;

    /** A database or cluster could not be reached. */
    public static final int UNREACHABLE = 3;

    /** Nothing differs, and not everything could be compared yet. */
    public static final int BEHIND = 4;

    /** Ctrl-C. */
    public static final int INTERRUPTED = 130;

    static final String HELP =
            "Exit codes: 0 ok, 1 finding, difference or failed job, 2 wrong usage or configuration,"
                    + " 3 not reachable, 4 behind, 130 Ctrl-C.";

    private ExitCode() {}

    public static int of(ErrorCode code) {
        return switch (code) {
            case CONFIG_INVALID, CHECKPOINT_UNREADABLE, CHECKPOINT_OF_ANOTHER_SOURCE -> USAGE;
            case STORE_UNREACHABLE, SOURCE_UNREACHABLE, TARGET_UNREACHABLE, KEYS_UNREADABLE ->
                    UNREACHABLE;
            case STORE_NOT_READY,
                    SOURCE_NOT_READY,
                    SLOT_MISSING,
                    SLOT_IN_USE,
                    SLOT_UNUSABLE,
                    SOURCE_DIVERGED,
                    PROTOCOL_VIOLATION,
                    TARGET_BUSY,
                    TARGET_NOT_READY,
                    TARGET_INCOMPATIBLE,
                    DDL_STOPPED,
                    TABLE_NOT_ROUTABLE,
                    ROW_REJECTED,
                    FENCED,
                    STREAM_GAP,
                    BACKLOG_LIMIT,
                    SYNCHRONOUS_DEGRADED,
                    KEY_DESTROYED,
                    INTERNAL ->
                    FINDING;
        };
    }
}
