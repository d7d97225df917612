package io.heliosdb.replication.core.wire;

/**
 * The bytes that mean something in pgoutput, protocol version 1.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/17/protocol-logicalrep-message-formats.html">Logical
 *     Replication Message Formats</a>
 */
public final class PgOutput {

    public static final byte BEGIN = 'B';
    public static final byte COMMIT = 'C';
    public static final byte ORIGIN = 'O';
    public static final byte RELATION = 'R';
    public static final byte TYPE = 'Y';
    public static final byte INSERT = 'I';
    public static final byte UPDATE = 'U';
    public static final byte DELETE = 'D';
    public static final byte TRUNCATE = 'T';
    public static final byte MESSAGE = 'M';

    /** The tuple that follows holds the columns of the replica identity, the others are NULL. */
    public static final byte KEY_TUPLE = 'K';

    /** The tuple that follows is the whole old row (replica identity FULL). */
    public static final byte OLD_TUPLE = 'O';

    /** The tuple that follows is the new row. */
    public static final byte NEW_TUPLE = 'N';

    public static final byte COLUMN_NULL = 'n';

    /** A TOAST value that the update left alone; it is not sent. */
    public static final byte COLUMN_UNCHANGED = 'u';

    public static final byte COLUMN_TEXT = 't';

    public static final int TRUNCATE_CASCADE = 1;
    public static final int TRUNCATE_RESTART_IDENTITY = 2;
    public static final int MESSAGE_TRANSACTIONAL = 1;

    /** Microseconds from 1970-01-01 to PostgreSQL's epoch, 2000-01-01. */
    private static final long EPOCH_MICROS = 946_684_800_000_000L;

    private PgOutput() {}

    /** Microseconds since 1970-01-01 UTC of a timestamp as PostgreSQL sends it. */
    public static long epochMicros(long postgresMicros) {
        return postgresMicros + EPOCH_MICROS;
    }

    /**
     * Whether a message of this type counts in the ordinals of its transaction: all but those that
     * describe, which are sent once per session and not again after a restart.
     */
    public static boolean isChange(byte type) {
        return switch (type) {
            case ORIGIN, INSERT, UPDATE, DELETE, TRUNCATE, MESSAGE -> true;
            default -> false;
        };
    }

    /** What PostgreSQL's documentation calls a message of this type. */
    static String name(byte type) {
        return switch (type) {
            case BEGIN -> "Begin";
            case COMMIT -> "Commit";
            case ORIGIN -> "Origin";
            case RELATION -> "Relation";
            case TYPE -> "Type";
            case INSERT -> "Insert";
            case UPDATE -> "Update";
            case DELETE -> "Delete";
            case TRUNCATE -> "Truncate";
            case MESSAGE -> "Message";
            default -> "unknown";
        };
    }
}
