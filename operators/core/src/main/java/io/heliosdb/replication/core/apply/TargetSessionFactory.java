package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.model.config.TargetConfig;
import java.io.Serializable;

/** Opens sessions in targets. Stateless: travels with the job graph. */
@FunctionalInterface
public interface TargetSessionFactory extends Serializable {

    /**
     * Connects, prepares the session and the bookkeeping tables of the target.
     *
     * @param tenancy finds the rows that a truncate concerns
     * @param sessionName distinguishes the sessions that are open at the same time; a name that is
     *     used again after a restart finds its replication origin again. At most 40 characters of
     *     {@code [A-Za-z0-9_.-]}
     * @throws ApplyException RETRY_TARGET if the target does not answer, REJECTED with
     *     TARGET_NOT_READY if it refuses us
     */
    TargetSession open(TargetConfig target, Tenancy tenancy, String sessionName);
}
