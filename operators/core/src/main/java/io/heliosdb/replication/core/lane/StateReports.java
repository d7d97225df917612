package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.StateReport;
import io.heliosdb.replication.model.ReplicationState;

/** Reports that do not depend on a lane. */
final class StateReports {

    private StateReports() {}

    static StateReport stopped() {
        return new StateReport(ReplicationState.STOPPED, null, null);
    }
}
