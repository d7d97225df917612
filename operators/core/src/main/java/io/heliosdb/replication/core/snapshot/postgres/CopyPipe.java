package io.heliosdb.replication.core.snapshot.postgres;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the rows of a COPY from the source into a COPY of the target, byte for byte. Used by one
 * thread.
 *
 * <p>PostgreSQL sends one message per row; many go out as one, which is what makes it fast. In
 * binary the first message begins with a header and an end mark follows the last row; both are
 * written anew, because rows may be left out.
 */
final class CopyPipe {

    private static final Logger LOG = LoggerFactory.getLogger(CopyPipe.class);

    private static final int BUFFER_BYTES = 256 << 10;

    /** What a binary COPY begins with: a signature, no flags, no extension. */
    private static final byte[] HEADER =
            "PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    /** What it ends with: a row of -1 fields. */
    private static final byte[] END = {-1, -1};

    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int fill;

    /** Hears of what is on its way, every now and then. */
    interface Watcher {
        void moved();
    }

    /**
     * Copies all rows that have a tenant. On failure the target's transaction is to be rolled back,
     * and the source's session is in an unknown state.
     *
     * @param format that both statements name
     * @throws io.heliosdb.replication.core.apply.ApplyException telling whose failure it was
     */
    void run(
            CopyFormat format,
            Connection source,
            String copyOut,
            Connection target,
            String copyIn,
            TenantCounter counter,
            Watcher watcher) {
        CopyIn in = open(target, copyIn);
        try {
            CopyOut out = openOut(source, copyOut);
            fill = 0;
            if (format == CopyFormat.BINARY) {
                pumpBinary(out, in, counter, watcher);
            } else {
                pumpText(out, in, counter, watcher);
            }
            if (fill > 0) {
                in.writeToCopy(buffer, 0, fill);
            }
            in.endCopy();
        } catch (SQLException e) {
            throw Failures.target(e);
        } finally {
            end(in);
        }
    }

    private void pumpText(CopyOut out, CopyIn in, TenantCounter counter, Watcher watcher)
            throws SQLException {
        byte @Nullable [] line = read(out);
        while (line != null) {
            if (line.length == 0 || line[line.length - 1] != '\n') {
                throw new IllegalStateException("the source sent a part of a line");
            }
            take(line, in, counter, watcher);
            line = read(out);
        }
    }

    private void pumpBinary(CopyOut out, CopyIn in, TenantCounter counter, Watcher watcher)
            throws SQLException {
        byte @Nullable [] row = read(out);
        if (row == null
                || row.length < HEADER.length
                || !Arrays.equals(row, 0, HEADER.length, HEADER, 0, HEADER.length)) {
            throw new IllegalStateException("the source sent no header of a binary COPY");
        }
        add(HEADER, in, watcher);
        // PostgreSQL sends the header with the first row (or the end mark), or alone.
        row =
                row.length == HEADER.length
                        ? read(out)
                        : Arrays.copyOfRange(row, HEADER.length, row.length);
        while (row != null && !Arrays.equals(row, END)) {
            take(row, in, counter, watcher);
            row = read(out);
        }
        if (row == null || read(out) != null) {
            throw new IllegalStateException("the source sent no end mark, or more after it");
        }
        add(END, in, watcher);
    }

    private void take(byte[] row, CopyIn in, TenantCounter counter, Watcher watcher)
            throws SQLException {
        if (counter.count(row) != TenantCounter.NOBODY) {
            add(row, in, watcher);
        }
    }

    private void add(byte[] bytes, CopyIn in, Watcher watcher) throws SQLException {
        if (fill > 0 && fill + bytes.length > BUFFER_BYTES) {
            in.writeToCopy(buffer, 0, fill);
            fill = 0;
            watcher.moved();
        }
        if (bytes.length > BUFFER_BYTES) {
            in.writeToCopy(bytes, 0, bytes.length);
        } else {
            System.arraycopy(bytes, 0, buffer, fill, bytes.length);
            fill += bytes.length;
        }
    }

    /** A COPY left open would block every other use of its session, ROLLBACK included. */
    private static void end(CopyIn in) {
        if (in.isActive()) {
            try {
                in.cancelCopy();
            } catch (SQLException e) {
                LOG.debug("copy cancelled with an error sqlstate={}", e.getSQLState());
            }
        }
    }

    private static CopyOut openOut(Connection source, String sql) {
        try {
            return source.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
        } catch (SQLException e) {
            throw Failures.source(e);
        }
    }

    private static CopyIn open(Connection target, String sql) {
        try {
            return target.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        } catch (SQLException e) {
            throw Failures.target(e);
        }
    }

    private static byte @Nullable [] read(CopyOut out) {
        try {
            return out.readFromCopy();
        } catch (SQLException e) {
            throw Failures.source(e);
        }
    }
}
