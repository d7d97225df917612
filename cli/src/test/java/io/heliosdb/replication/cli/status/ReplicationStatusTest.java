package io.heliosdb.replication.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.core.progress.ProgressRow;
import io.heliosdb.replication.model.Epoch;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Lag as people see it: never too small, and unknown where nobody knows. */
class ReplicationStatusTest {

    private static final Instant THEN = Instant.parse("2026-01-01T12:00:00Z");
    private static final SourceReading SOURCE =
            new SourceReading(THEN.plusSeconds(90), new Lsn(5_000), null);

    private static ProgressRow row(
            ReplicationState state, long lsn, @Nullable Instant sourceTime, boolean resync) {
        return new ProgressRow(
                new ReplicationId("r"),
                new TenantId("t"),
                "1/db",
                new Epoch(1),
                lsn == 0 ? Position.START : Position.after(new Lsn(lsn)),
                sourceTime,
                state,
                null,
                null,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                THEN,
                null,
                resync,
                null,
                4L,
                100L,
                THEN.plusSeconds(30),
                "{\"raw\":800,\"stored\":100,\"tables\":[]}",
                "{\"tier\":\"premium\",\"violations\":3,\"late\":true}");
    }

    private static ReplicationStatus status(ProgressRow row, SourceReading source) {
        return ReplicationStatus.of(row, "main", THEN, source);
    }

    @Test
    void countsFromTheSourcesTimeAndPosition_R30() {
        for (ReplicationState state :
                new ReplicationState[] {
                    ReplicationState.STREAMING, ReplicationState.PAUSED, ReplicationState.ERROR
                }) {
            ReplicationStatus status = status(row(state, 2_000, THEN, false), SOURCE);
            assertThat(status.lagMs()).as(state.name()).isEqualTo(90_000);
            assertThat(status.lagBytes()).as(state.name()).isEqualTo(3_000);
        }
    }

    @Test
    void tellsWhatWaitsAndHowSmallItIs() throws JsonProcessingException {
        ReplicationStatus status = status(row(ReplicationState.PAUSED, 2_000, THEN, false), SOURCE);

        JsonNode json = new ObjectMapper().valueToTree(status);

        assertThat(json.get("backlogRows").asLong()).isEqualTo(4);
        assertThat(json.get("backlogStoredBytes").asLong()).isEqualTo(100);
        assertThat(json.get("backlogOldestMs").asLong()).isEqualTo(60_000);
        assertThat(json.get("avg_compression_ratio").asDouble()).isEqualTo(8.0);
        JsonNode whole = new ObjectMapper().readTree(new ObjectMapper().writeValueAsString(status));
        assertThat(whole.get("compression").get("raw").asLong()).isEqualTo(800);
    }

    private static void assertUnknown(ReplicationStatus status) {
        assertThat(status.lagMs()).isNull();
        assertThat(status.lagBytes()).isNull();
    }

    @Test
    void isUnknownWhileRowsAreCopiedOrToBeMended_R30() {
        assertUnknown(status(row(ReplicationState.SYNCING, 0, null, false), SOURCE));
        assertUnknown(status(row(ReplicationState.SYNCING, 4_999, THEN, true), SOURCE));
    }

    @Test
    void isUnknownWhileTheSourceIsAway_R30() {
        assertUnknown(
                status(
                        row(ReplicationState.STREAMING, 2_000, THEN, false),
                        new SourceReading(null, null, "refused")));
    }

    @Test
    void isUnknownIfTheSourcesClockWasSetBackAndNotZero_R30() {
        ReplicationStatus status =
                status(
                        row(ReplicationState.STREAMING, 2_000, THEN, false),
                        new SourceReading(THEN.minusSeconds(60), new Lsn(5_000), null));
        assertThat(status.lagMs()).isNull();
        assertThat(status.lagBytes()).isEqualTo(3_000);
    }

    @Test
    void isUnknownIfTheSourceHasNotComeSoFar_R30() {
        assertUnknown(status(row(ReplicationState.STREAMING, 6_000, THEN, false), SOURCE));
    }

    @Test
    void timeIsUnknownUntilTheSourceHasToldIt_R30() {
        ReplicationStatus status =
                status(row(ReplicationState.STREAMING, 2_000, null, false), SOURCE);
        assertThat(status.lagMs()).isNull();
        assertThat(status.lagBytes()).isEqualTo(3_000);
    }
}
