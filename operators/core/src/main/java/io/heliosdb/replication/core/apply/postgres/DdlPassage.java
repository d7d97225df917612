package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantTransaction;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Where the transaction that is being written stands among the DDL in it. */
final class DdlPassage {

    /** Tables that the target lacks and that rows came for; DDL may yet make them. */
    private final Map<TableId, Rejection> absent = new LinkedHashMap<>();

    /** Tables that are copied again after this transaction. */
    private final Set<TableId> awaited = new HashSet<>();

    private int lane = -1;
    private long commitLsn;
    private long ordinal = -1;

    /** A target transaction begins, or begins again. */
    void begin() {
        lane = -1;
        forget();
    }

    private void forget() {
        ordinal = -1;
        absent.clear();
        awaited.clear();
    }

    /** The last event that was passed; -1 for none. */
    long ordinal() {
        return ordinal;
    }

    /** What came since is written again. */
    void back(long earlier) {
        ordinal = earlier;
    }

    /** A transaction begins or goes on. */
    void enter(int itsLane, TenantTransaction transaction) {
        if (itsLane != lane || transaction.commitLsn() != commitLsn) {
            lane = itsLane;
            commitLsn = transaction.commitLsn();
            forget();
        }
    }

    /** Rows of tables that nothing has made until the end of their transaction are missing. */
    void leave(TenantTransaction transaction) throws Rejection {
        if (transaction.last() && !absent.isEmpty()) {
            throw absent.values().iterator().next();
        }
    }

    /**
     * An event is behind.
     *
     * @param copiedAnew tables whose rows of before it need not be there
     */
    void passed(long itsOrdinal, Set<TableId> copiedAnew) {
        ordinal = itsOrdinal;
        awaited.addAll(copiedAnew);
        absent.keySet().removeAll(copiedAnew);
    }

    /** Whether rows of the table need not be written, as they are copied. */
    boolean awaits(TableId table) {
        return awaited.contains(table);
    }

    void lacks(TableId table, Rejection reason) {
        absent.put(table, reason);
    }
}
