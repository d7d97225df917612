package io.heliosdb.replication.core.stream;

import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.sequence.SequenceGoal;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantTransaction;
import io.heliosdb.replication.model.XidRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the router sends to the lanes: data and control on one keyed stream, so that every lane sees
 * a control record at a defined position between two transactions.
 */
public sealed interface LaneInput {

    /** Key of the stream: the replication, or a synthetic key of a key group for a {@link Tick}. */
    String key();

    /** Changes to apply. */
    record Transaction(TenantTransaction transaction) implements LaneInput {
        @Override
        public String key() {
            return transaction.replication().value();
        }
    }

    /** Descriptors that transactions of this replication will refer to. */
    record Relations(ReplicationId replication, List<RelationDescriptor> descriptors)
            implements LaneInput {
        public Relations {
            descriptors = List.copyOf(descriptors);
        }

        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * A replication begins: every transaction that commits after {@code startLsn} will follow.
     *
     * @param startLsn commit LSN of the last transaction that was not routed to it
     * @param pendingXids {@link XidRange ids} of transactions up to there that may not be visible
     *     to a new snapshot yet
     */
    record Start(ReplicationSpec spec, long startLsn, long[] pendingXids) implements LaneInput {
        @Override
        public String key() {
            return spec.id().value();
        }
    }

    /**
     * The specification changed. If other tables are carried from here on, position and pending
     * transactions are as in {@link Start}, for the tables that were not carried before.
     */
    record Update(ReplicationSpec spec, long startLsn, long[] pendingXids) implements LaneInput {

        /** The same tables are carried as before. */
        public Update(ReplicationSpec spec) {
            this(spec, 0, new long[0]);
        }

        @Override
        public String key() {
            return spec.id().value();
        }
    }

    /** The replication ends: its backlog is dropped, its state forgotten. */
    record Stop(ReplicationId replication) implements LaneInput {
        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * What the specification of this version wants has come before this.
     *
     * @param version as the metadata store counts it
     */
    record Observed(ReplicationId replication, long version) implements LaneInput {
        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * As {@link Stop}, by the metadata store; also of replications that were never started here.
     *
     * @param version of the specification that ended it
     * @param cleanup whether the tenant's rows are then removed from the target
     */
    record Ended(ReplicationSpec spec, long version, boolean cleanup) implements LaneInput {
        @Override
        public String key() {
            return spec.id().value();
        }
    }

    /**
     * A target as it is from now on; each subtask hears of each.
     *
     * @param key synthetic, of a key group
     */
    record Target(String key, SealedTarget target) implements LaneInput {}

    /**
     * The stream cannot carry on for this replication from here; the reason is the user's to mend.
     */
    record Fail(ReplicationId replication, ErrorCode code, String reason) implements LaneInput {
        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * Copy tables of this replication again, comparing and mending.
     *
     * @param tables patterns; empty for all
     * @param startLsn as in {@link Start}; where the command stands in the stream
     * @param pendingXids as in {@link Start}
     * @param why for people
     */
    record Resync(
            ReplicationId replication,
            List<String> tables,
            long startLsn,
            long[] pendingXids,
            String why)
            implements LaneInput {
        public Resync {
            tables = List.copyOf(tables);
        }

        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * Where sequences of one target shall stand at least. One subtask hears of each target,
     * whichever; it need not have a lane of it.
     *
     * @param key synthetic, of the target
     */
    record Sequences(String key, String target, List<SequenceGoal> goals) implements LaneInput {
        public Sequences {
            goals = List.copyOf(goals);
        }
    }

    /** Try again now what the target refused or could not take. */
    record Retry(ReplicationId replication) implements LaneInput {
        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * Leave out the transaction of this commit LSN, and go on.
     *
     * @param ddl whether only DDL in it is left out, as far as it is not carried out
     */
    record Skip(ReplicationId replication, long commitLsn, boolean ddl, String who, String reason)
            implements LaneInput {

        /** All that is in it. */
        public Skip(ReplicationId replication, long commitLsn, String who, String reason) {
            this(replication, commitLsn, false, who, reason);
        }

        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * Whether commits of the source wait for this replication, which is Synchronous.
     *
     * @param degraded why they do not; null if they do
     */
    record Synchronism(ReplicationId replication, @Nullable String degraded) implements LaneInput {
        @Override
        public String key() {
            return replication.value();
        }
    }

    /**
     * The source is alive, and everything that committed up to {@code lsn} is in the stream before
     * this. One per key group.
     *
     * @param sourceEpochMicros the source's clock at that position
     */
    record Tick(String key, long lsn, long sourceEpochMicros) implements LaneInput {}
}
