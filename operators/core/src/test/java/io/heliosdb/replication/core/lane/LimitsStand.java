package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.core.secret.TenantKeyFiles;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.io.TempDir;

/** Lanes with a {@link BacklogConfig} of their own, and orders that are noted. */
abstract class LimitsStand {

    static final ReplicationId R = new ReplicationId("r");
    static final long MAX_BYTES = 64 << 10;

    @TempDir Path directory;

    final FakeTarget target = new FakeTarget();
    final List<String> orders = Collections.synchronizedList(new ArrayList<>());
    volatile String refusal;

    FakeCopies copies = new FakeCopies();

    EngineHarness harness(MemoryLaneStore store, EncryptionConfig encryption) {
        ResyncOrders resyncs =
                new ResyncOrders() {
                    @Override
                    public void order(ReplicationId id, String why, Consumer<String> failed) {
                        if (refusal == null) {
                            orders.add(id + ": " + why);
                        } else {
                            failed.accept(refusal);
                        }
                    }

                    @Override
                    public void close() {}
                };
        return new EngineHarness(
                target,
                store,
                64 << 20,
                2,
                copies,
                InstantSource.system(),
                encryption == null ? null : TenantKeyFiles.open(encryption),
                resyncs);
    }

    static ReplicationSpec spec(String id, boolean paused, WhenFull whenFull) {
        return spec(
                id,
                paused,
                new BacklogConfig(
                        CompressionLevel.NONE, 0, MAX_BYTES, Duration.ofSeconds(60), whenFull));
    }

    static ReplicationSpec spec(String id, boolean paused, BacklogConfig backlog) {
        return new ReplicationSpec(
                new ReplicationId(id),
                new TenantId(id),
                "main",
                TableFilter.ALL,
                Tier.STANDARD,
                50,
                paused,
                ExistingRows.FAIL,
                DdlRules.APPLY,
                backlog);
    }

    static LaneInput start(ReplicationSpec spec) {
        return new LaneInput.Start(spec, 1, new long[0]);
    }

    static LaneInput update(ReplicationSpec spec) {
        return new LaneInput.Update(spec, 1, new long[0]);
    }

    static LaneInput tick(long lsn) {
        return new LaneInput.Tick("t", lsn, lsn * 1000);
    }

    static LaneInput large(long lsn) {
        return Stream.part("r", lsn, 0, true, 40_000);
    }

    ReplicationState state() {
        return target.stateOf("r") == null ? null : target.stateOf("r").state();
    }

    String reason() {
        return target.stateOf("r") == null ? null : target.stateOf("r").reason();
    }

    static LaneView view(EngineHarness harness) {
        List<LaneView> views = new ArrayList<>();
        harness.onOwner(() -> views.addAll(harness.engine.views()));
        return views.get(0);
    }

    static LaneView view(EngineHarness harness, String id) {
        List<LaneView> views = new ArrayList<>();
        harness.onOwner(() -> views.addAll(harness.engine.views()));
        return views.stream().filter(it -> it.replication().value().equals(id)).findFirst().get();
    }
}
