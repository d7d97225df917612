package io.heliosdb.replication.cli.demo;

import io.heliosdb.replication.cli.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Lags seen while streaming. */
final class LagSamples {

    private final List<Long> samples = new ArrayList<>();

    void add(List<ReplicationStatus> statuses) {
        for (ReplicationStatus status : statuses) {
            Long lag = status.lagMs();
            if (lag != null && status.state().equals("streaming")) {
                samples.add(lag);
            }
        }
    }

    /** The lag that this share of the readings did not pass, or -1 without readings. */
    long percentile(double share) {
        if (samples.isEmpty()) {
            return -1;
        }
        Collections.sort(samples);
        return samples.get((int) Math.ceil(share * samples.size()) - 1);
    }
}
