package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ClaimRequest;
import io.heliosdb.replication.core.apply.Resync;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.config.TableFilter;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a progress row tells of resyncs: one that is pending, and the position of the newest that
 * was taken up, pending or carried out. A command that comes again in the stream is known by it.
 *
 * @param lsn null if none was taken up, or the last was asked for while the job was down
 */
record ResyncRecord(@Nullable Resync pending, @Nullable String lsn) {

    /** From three columns: the tables spared as {@link FilterText}, position, reason. */
    static ResyncRecord read(ResultSet row, int column) throws SQLException {
        TableFilter spared = FilterText.read(row.getString(column));
        String lsn = row.getString(column + 1);
        String why = row.getString(column + 2);
        return new ResyncRecord(
                spared == null
                        ? null
                        : Resync.sparing(
                                spared,
                                lsn == null ? 0 : Lsn.parse(lsn).value(),
                                why == null ? "" : why),
                lsn);
    }

    /** What is to be recorded with a claim. */
    ResyncRecord after(ClaimRequest request) {
        Resync done = request.done();
        if (done != null && pending != null && pending.commandLsn() == done.commandLsn()) {
            return new ResyncRecord(null, lsn);
        }
        Resync begin = request.begin();
        if (begin != null
                && begin.commandLsn() != 0
                && Long.compareUnsigned(begin.commandLsn(), lsnValue()) > 0) {
            return new ResyncRecord(
                    pending == null ? begin : pending.and(begin), Lsn.format(begin.commandLsn()));
        }
        return this;
    }

    private long lsnValue() {
        return lsn == null ? 0 : Lsn.parse(lsn).value();
    }

    boolean isNewerThan(ResyncRecord before) {
        return pending != null && !Objects.equals(lsn, before.lsn);
    }

    @Nullable String tables() {
        return pending == null ? null : FilterText.write(pending.spared());
    }

    @Nullable String why() {
        return pending == null ? null : pending.why();
    }
}
