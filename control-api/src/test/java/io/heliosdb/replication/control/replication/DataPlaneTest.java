package io.heliosdb.replication.control.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.ReplicationConfig.Compression;
import io.heliosdb.replication.control.replication.ReplicationConfig.Encryption;
import io.heliosdb.replication.control.replication.ReplicationConfig.RowFilter;
import io.heliosdb.replication.control.replication.ReplicationConfig.Transform;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataPlaneTest {

    private static final Compression NONE = new Compression(false, Compression.Level.LOW);

    private static ReplicationConfig config(
            Tier tier, RowFilter filter, List<Transform> transforms, Encryption encryption) {
        return new ReplicationConfig(
                tier,
                5,
                50,
                List.of(),
                filter,
                transforms,
                NONE,
                encryption,
                ExistingRows.FAIL,
                false,
                0,
                ReplicationConfig.Backlog.DEFAULT);
    }

    private static void refused(ReplicationConfig config, String field) {
        assertThatThrownBy(() -> new DataPlane(false).check(config))
                .isInstanceOfSatisfying(
                        ControlException.class,
                        it -> assertThat(it.details().toString()).contains(field));
    }

    @Test
    void refusesWhatWouldDoHarmIfItWereLeftOut() {
        List<Transform> mask = List.of(new Transform("AnonymizePII", null));
        RowFilter filter = new RowFilter(true, "id < 5");
        refused(config(Tier.PREMIUM, RowFilter.OFF, mask, Encryption.OFF), "config.transforms");
        refused(config(Tier.PREMIUM, filter, List.of(), Encryption.OFF), "config.row_filter");
        refused(
                config(
                        Tier.PREMIUM,
                        RowFilter.OFF,
                        List.of(),
                        new Encryption(true, Encryption.AES_256_GCM)),
                "config.encryption");
    }

    @Test
    void encryptsWhatWaitsWithKeysOnly() {
        Encryption wanted = new Encryption(true, Encryption.AES_256_GCM);
        ReplicationConfig encrypted = config(Tier.PREMIUM, RowFilter.OFF, List.of(), wanted);
        assertThatThrownBy(() -> new DataPlane(false).check(encrypted))
                .hasMessageContaining("flink.encryption")
                .hasMessageContaining("keys-claim");
        assertThat(new DataPlane(true).check(encrypted)).isEmpty();
        assertThat(
                        new DataPlane(true)
                                .check(
                                        config(
                                                Tier.PREMIUM,
                                                RowFilter.OFF,
                                                List.of(),
                                                Encryption.OFF)))
                .singleElement()
                .asString()
                .contains("encrypted all the same");
    }

    @Test
    void tellsWhatASynchronousReplicationNeedsAndNothingThatIsNotSo() {
        assertThat(
                        new DataPlane(false)
                                .check(
                                        config(
                                                Tier.SYNCHRONOUS,
                                                RowFilter.OFF,
                                                List.of(),
                                                Encryption.OFF)))
                .singleElement()
                .asString()
                .contains("dry run");
        assertThat(
                        new DataPlane(false)
                                .check(
                                        config(
                                                Tier.PREMIUM,
                                                RowFilter.OFF,
                                                List.of(),
                                                Encryption.OFF)))
                .isEmpty();
    }
}
