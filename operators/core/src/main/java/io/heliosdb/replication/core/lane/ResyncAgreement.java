package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.Claim;
import io.heliosdb.replication.core.apply.Resync;

/** Brings together what a lane and its target know of a resync, after a claim. */
enum ResyncAgreement {
    /** The lane's growth says what is to be copied. */
    GO_ON,

    /** It was asked for while the claim was on its way. */
    CLAIM_AGAIN,

    /** Asked for in a life that ended with a crash: the stream brings it again. */
    AWAIT_COMMAND;

    /** Changes the lane's growth accordingly, if it goes on. */
    static ResyncAgreement of(Lane lane, Claim claim) {
        Resync own = lane.growth == null ? null : lane.growth.resync();
        if (own != lane.begun) {
            return CLAIM_AGAIN;
        }
        Resync recorded = claim.resync();
        if (recorded == null) {
            // Carried out: just now, or in a life that ended with a crash.
            boolean all = lane.finished != null && lane.growth == lane.copying;
            lane.growth = lane.growth == null || all ? null : lane.growth.withoutResync();
        } else if (own == null
                || Long.compareUnsigned(own.commandLsn(), recorded.commandLsn()) < 0) {
            if (lane.restored && recorded.commandLsn() != 0) {
                return AWAIT_COMMAND;
            }
            lane.growth = LaneGrowth.told(recorded, lane);
        }
        lane.finished = null;
        return GO_ON;
    }
}
