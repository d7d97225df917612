package io.heliosdb.replication.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GatheringTest {

    private static final Object SESSION = new Object();

    private long nanos = TimeUnit.HOURS.toNanos(1);
    private final Gathering gathering = new Gathering(() -> nanos);

    private static Lane lane(Duration maxLag) {
        return new Lane(
                new ReplicationSpec(
                        new ReplicationId("r"),
                        new TenantId("r"),
                        "main",
                        TableFilter.ALL,
                        Tier.PREMIUM,
                        50,
                        false,
                        ExistingRows.FAIL,
                        DdlRules.APPLY,
                        BacklogConfig.DEFAULT,
                        new ServiceConfig(maxLag, false, 0)),
                1,
                new long[0],
                new MemoryLaneStore(),
                null);
    }

    private void sentAndBack() {
        gathering.sent(SESSION);
        gathering.back(SESSION);
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void whoIsNotBehindGoesAtOnce() {
        sentAndBack();
        assertThat(gathering.isWorthASession(lane(null), 1, false)).isTrue();
    }

    @Test
    void whileAGroupIsOutTheNextGathersUnlessItTakesLong() {
        gathering.sent(SESSION);
        assertThat(gathering.isWorthASession(lane(null), 1, false)).isFalse();
        assertThat(gathering.isWorthASession(lane(null), 64, false)).isTrue();
        pass(4);
        assertThat(gathering.isWorthASession(lane(null), 1, false)).isTrue();
    }

    @Test
    void whileSomebodyGoesAloneTheOthersGatherForAShareOfTheirLimits_R31() {
        sentAndBack();
        pass(19);
        assertThat(gathering.isWorthASession(lane(null), 1, true)).isFalse();
        assertThat(gathering.isWorthASession(lane(Duration.ofMillis(500)), 1, true)).isTrue();
        pass(1);
        assertThat(gathering.isWorthASession(lane(null), 1, true)).isTrue();
    }

    @Test
    void whoIsLateDoesNotGather_R31() {
        Lane late = lane(null);
        late.service.beyond(2_000_000, 0);
        sentAndBack();
        assertThat(gathering.isWorthASession(late, 1, true)).isTrue();
    }
}
