package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.apply.ApplyException;
import io.heliosdb.replication.core.apply.ApplyException.Kind;
import io.heliosdb.replication.core.apply.postgres.SqlScript.Part;

/** The transaction of a session, and its end when something went wrong in it. */
final class TargetTransaction {

    /** What is done in a transaction. */
    interface Work<T> {

        T run() throws StatementFailure, Rejection;
    }

    private final Backend backend;
    private final SqlScript script;
    private final TablePlans plans;

    TargetTransaction(Backend backend, SqlScript script, TablePlans plans) {
        this.backend = backend;
        this.script = script;
        this.plans = plans;
    }

    /**
     * Does the work in a transaction of its own, which is over afterwards.
     *
     * @throws ApplyException what was refused; then nothing is done
     */
    <T> T whole(String begin, Work<T> work) {
        try {
            run(begin);
            T result = work.run();
            run("COMMIT");
            return result;
        } catch (StatementFailure e) {
            rollbackAfter(e);
            throw Refusals.of(e);
        } catch (Rejection e) {
            rollback();
            throw Refusals.of(e);
        } catch (RuntimeException e) {
            rollback();
            throw e;
        }
    }

    /** Rolls back if something is open, and empties the script. */
    void rollback() {
        script.clear();
        if (!backend.inTransaction()) {
            return;
        }
        try {
            run("ROLLBACK");
        } catch (StatementFailure e) {
            throw Refusals.of(e);
        }
    }

    /** The same after a failure; if the connection is gone, that failure tells it best. */
    void rollbackAfter(StatementFailure failure) {
        if (SqlStates.kind(failure.sqlState()) == Kind.RETRY_TARGET) {
            script.clear();
            try {
                rollback();
            } catch (ApplyException e) {
                failure.addSuppressed(e);
            }
            return;
        }
        rollback();
    }

    /** Forgets plans and prepared statements: the catalog may have changed. */
    void forgetCatalog() {
        plans.clear();
        script.forgetPrepared();
        try {
            run("DEALLOCATE ALL");
        } catch (StatementFailure e) {
            throw Refusals.of(e);
        }
    }

    /** Runs statements that return nothing of interest. */
    void run(String... statements) throws StatementFailure {
        for (String sql : statements) {
            script.statement(sql, Part.CONTROL);
        }
        backend.run(script, (index, count) -> {});
    }
}
