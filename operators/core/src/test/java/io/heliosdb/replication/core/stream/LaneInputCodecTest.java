package io.heliosdb.replication.core.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.feed.Wanted;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.DdlTag;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LaneInputCodecTest {

    private static final List<BacklogConfig> BACKLOGS =
            List.of(
                    BacklogConfig.DEFAULT,
                    BacklogConfig.DEFAULT,
                    new BacklogConfig(
                            CompressionLevel.HIGH,
                            1 << 20,
                            0,
                            Duration.ofDays(3),
                            WhenFull.DROP_AND_RESYNC));

    private static final List<ServiceConfig> SERVICES =
            List.of(
                    ServiceConfig.DEFAULT,
                    new ServiceConfig(Duration.ofMillis(1500), true, 1L << 40),
                    new ServiceConfig(null, false, 1 << 20));

    private static final ReplicationId R = new ReplicationId("r/1");

    private static LaneInput copy(LaneInput input) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LaneInputCodec.write(input, new DataOutputStream(bytes));
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        LaneInput read = LaneInputCodec.read(in);
        assertThat(in.available()).as("all of it is read").isZero();
        return read;
    }

    @Test
    void rulesForDdlAreReadAsTheyWereWritten() throws IOException {
        for (DdlRules rules :
                List.of(
                        DdlRules.APPLY,
                        DdlRules.of(DdlPolicy.IGNORE),
                        new DdlRules(
                                DdlPolicy.APPLY, Set.of(DdlTag.ADD_COLUMN, DdlTag.SEQUENCE)))) {
            for (int i = 0; i < BACKLOGS.size(); i++) {
                LaneInput update =
                        new LaneInput.Update(
                                new ReplicationSpec(
                                        R,
                                        new TenantId("t"),
                                        "eu",
                                        TableFilter.ALL,
                                        Tier.STANDARD,
                                        50,
                                        false,
                                        ExistingRows.REPLACE,
                                        rules,
                                        BACKLOGS.get(i),
                                        SERVICES.get(i)));
                assertThat(copy(update)).usingRecursiveComparison().isEqualTo(update);
            }
        }
    }

    @Test
    void commandsAreReadAsTheyWereWritten() throws IOException {
        LaneInput.Resync resync =
                new LaneInput.Resync(R, List.of("a*", "s.b"), 42, new long[] {7, -1}, "me: déjà");
        assertThat(copy(resync)).usingRecursiveComparison().isEqualTo(resync);
        for (LaneInput input :
                List.of(
                        new LaneInput.Retry(R),
                        new LaneInput.Target("key", Wanted.target("t", 5, 1, 255)),
                        new LaneInput.Skip(R, Long.MAX_VALUE, "me", "why"),
                        new LaneInput.Skip(R, Long.MAX_VALUE, true, "me", "why"),
                        new LaneInput.Sequences(
                                "key",
                                "eu",
                                List.of(
                                        new SequenceGoal(
                                                new TableId("s", "q"),
                                                new TableId("s", "t"),
                                                "c",
                                                Long.MIN_VALUE,
                                                Long.MAX_VALUE,
                                                true,
                                                false))))) {
            assertThat(copy(input)).isEqualTo(input);
        }
    }
}
