package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.TargetSession;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Moves the progress of idle lanes in one statement. If it fails, the next one does more. */
final class AdvanceWork implements TargetWorker.Work {

    private final List<TargetSession.Advance> advances;
    private final TargetPool pool;
    private final Consumer<TargetSession.Advance> advanced;

    AdvanceWork(
            List<TargetSession.Advance> advances,
            TargetPool pool,
            Consumer<TargetSession.Advance> advanced) {
        this.advances = advances;
        this.pool = pool;
        this.advanced = advanced;
    }

    @Override
    public void run(TargetSession session) {
        session.advance(advances);
    }

    @Override
    public TargetWorker.@Nullable Work succeeded() {
        pool.endAdvance();
        advances.forEach(advanced);
        return null;
    }

    @Override
    public void failed(ApplyException cause) {
        pool.endAdvance();
    }
}
