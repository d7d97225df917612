package io.heliosdb.replication.core.snapshot.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the lines of a COPY from the source into a COPY of the target, byte for byte. Used by one
 * thread.
 *
 * <p>PostgreSQL sends one message per row; many go out as one, which is what makes it fast.
 */
final class CopyPipe {

    private static final Logger LOG = LoggerFactory.getLogger(CopyPipe.class);

    private static final int BUFFER_BYTES = 256 << 10;

    private final byte[] buffer = new byte[BUFFER_BYTES];

    /** Hears of what is on its way, every now and then. */
    interface Watcher {
        void moved();
    }

    /**
     * Copies all lines that have a tenant. On failure the target's transaction is to be rolled
     * back, and the source's session is in an unknown state.
     *
     * @throws io.heliosdb.replication.core.apply.ApplyException telling whose failure it was
     */
    void run(
            Connection source,
            String copyOut,
            Connection target,
            String copyIn,
            TenantCounter counter,
            Watcher watcher) {
        CopyIn in = open(target, copyIn);
        try {
            pump(openOut(source, copyOut), in, counter, watcher);
            in.endCopy();
        } catch (SQLException e) {
            throw Failures.target(e);
        } finally {
            end(in);
        }
    }

    private void pump(CopyOut out, CopyIn in, TenantCounter counter, Watcher watcher)
            throws SQLException {
        int fill = 0;
        byte @Nullable [] line = read(out);
        while (line != null) {
            if (counter.count(line) != TenantCounter.NOBODY) {
                if (fill + line.length > BUFFER_BYTES) {
                    in.writeToCopy(buffer, 0, fill);
                    fill = 0;
                    watcher.moved();
                }
                if (line.length > BUFFER_BYTES) {
                    in.writeToCopy(line, 0, line.length);
                } else {
                    System.arraycopy(line, 0, buffer, fill, line.length);
                    fill += line.length;
                }
            }
            line = read(out);
        }
        if (fill > 0) {
            in.writeToCopy(buffer, 0, fill);
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
            byte @Nullable [] line = out.readFromCopy();
            if (line != null && (line.length == 0 || line[line.length - 1] != '\n')) {
                throw new IllegalStateException("the source sent a part of a line");
            }
            return line;
        } catch (SQLException e) {
            throw Failures.source(e);
        }
    }
}
