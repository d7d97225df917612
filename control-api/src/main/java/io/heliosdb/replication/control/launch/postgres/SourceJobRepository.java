package io.heliosdb.replication.control.launch.postgres;

import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.launch.Change;
import io.heliosdb.replication.control.launch.JobHealth;
import io.heliosdb.replication.control.launch.JobView;
import io.heliosdb.replication.control.launch.SourceJob;
import io.heliosdb.replication.control.launch.SourceJob.Phase;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of the sources in the store. Only who holds the lease changes them: each change names
 * the epoch of its lease, and is refused once somebody else has taken it.
 */
public final class SourceJobRepository {

    private static final String LEASE = "launcher";
    private static final String CRITICAL = "Critical";
    private static final String RUNNING_AGAIN = "JobRecovered";

    private final MetadataStore store;

    public SourceJobRepository(MetadataStore store) {
        this.store = store;
    }

    /** Takes or renews the lease. Its epoch; empty while somebody else has it. */
    public OptionalLong lease(String holder, Duration ttl) {
        Optional<Long> epoch =
                store.with(
                        handle ->
                                handle.createQuery(LaunchSql.TAKE_LEASE)
                                        .bind("name", LEASE)
                                        .bind("holder", holder)
                                        .bind("ttl", ttl.toMillis() + " ms")
                                        .mapTo(Long.class)
                                        .findOne());
        return epoch.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }

    public void release(String holder) {
        store.with(
                handle ->
                        handle.createUpdate(LaunchSql.RELEASE_LEASE)
                                .bind("name", LEASE)
                                .bind("holder", holder)
                                .execute());
    }

    /** Sources that need a job or have one. */
    public List<SourceJob> jobs() {
        return store.with(
                handle ->
                        handle.createQuery(LaunchSql.JOBS)
                                .map(
                                        (row, context) ->
                                                new SourceJob(
                                                        row.getObject("id", UUID.class),
                                                        row.getBoolean("wanted"),
                                                        time(row, "wanted_changed_at"),
                                                        timeOrNull(row, "unheard_since"),
                                                        phase(row),
                                                        row.getString("job_id"),
                                                        time(row, "phase_since"),
                                                        row.getInt("failures"),
                                                        timeOrNull(row, "retry_at"),
                                                        row.getBoolean("outdated"),
                                                        time(row, "now")))
                                .list());
    }

    /** Whether the connection is of this store, deleted or not. */
    public boolean isKnown(UUID connection) {
        return store.with(
                handle ->
                        handle.createQuery(LaunchSql.IS_KNOWN)
                                .bind("id", connection)
                                .mapTo(Boolean.class)
                                .one());
    }

    /** Whether a job of this source is running, or on its way up or down. */
    public boolean hasJob(UUID connection) {
        return store.with(
                handle ->
                        handle.createQuery(LaunchSql.HAS_JOB)
                                .bind("id", connection)
                                .mapTo(Boolean.class)
                                .one());
    }

    /**
     * Writes a change down.
     *
     * @return whether it was; not if the lease has gone or the row is not as expected
     */
    public boolean change(long epoch, Change change) {
        return store.inTransaction(
                handle -> {
                    boolean held =
                            handle.createQuery(LaunchSql.HOLD_LEASE)
                                    .bind("name", LEASE)
                                    .bind("epoch", epoch)
                                    .mapTo(Long.class)
                                    .findOne()
                                    .isPresent();
                    if (!held || write(handle, change) == 0) {
                        return false;
                    }
                    tell(handle, change);
                    return true;
                });
    }

    private static int write(Handle handle, Change change) {
        Duration pause = change.retryAfter();
        return handle.createUpdate(LaunchSql.CHANGE)
                .bind("id", change.connection())
                .bind("phase", EnumNames.of(change.phase()))
                .bind("job_id", change.jobId())
                .bind("failures", change.failures())
                .bind("retry_after", pause == null ? null : pause.toMillis() + " ms")
                .bind("failure", change.failure())
                .bind("restored_from", change.restoredFrom())
                .bind("expected", change.expectedJobId())
                .execute();
    }

    private static void tell(Handle handle, Change change) {
        Change.Event event = change.event();
        if (event == null) {
            return;
        }
        handle.createUpdate(LaunchSql.EVENT)
                .bind("id", change.connection())
                .bind("type", event.type())
                .bind("severity", event.severity())
                .bind("message", event.message())
                .bind("job_id", change.jobId() == null ? change.expectedJobId() : change.jobId())
                .execute();
        boolean concernsAll =
                event.severity().equals(CRITICAL) || event.type().equals(RUNNING_AGAIN);
        if (concernsAll) {
            handle.createUpdate(LaunchSql.EVENT_OF_REPLICATIONS)
                    .bind("id", change.connection())
                    .bind("type", event.type())
                    .bind("severity", event.severity())
                    .bind("message", event.message())
                    .execute();
        }
    }

    public JobHealth health() {
        return store.with(
                handle ->
                        handle.createQuery(LaunchSql.HEALTH)
                                .map(
                                        (row, context) ->
                                                new JobHealth(
                                                        row.getLong("jobs"),
                                                        row.getLong("failed"),
                                                        row.getLong("failing"),
                                                        row.getLong("silent")))
                                .one());
    }

    public Map<Phase, Long> countByPhase() {
        Map<Phase, Long> counts = new EnumMap<>(Phase.class);
        store.with(
                handle ->
                        handle.createQuery(LaunchSql.COUNT_BY_PHASE)
                                .map((row, context) -> counts.put(phase(row), row.getLong("count")))
                                .list());
        return counts;
    }

    /** The job of a connection, to be looked at; empty if there is no such connection. */
    public Optional<JobView> view(UUID connection) {
        return store.with(
                handle ->
                        handle.createQuery(LaunchSql.VIEW)
                                .bind("id", connection)
                                .map((row, context) -> view(row, events(handle, connection)))
                                .findOne());
    }

    private static JobView view(ResultSet row, List<JobView.Event> events) throws SQLException {
        return new JobView(
                row.getObject("id", UUID.class),
                row.getBoolean("wanted"),
                phase(row),
                timeOrNull(row, "phase_since"),
                row.getString("job_id"),
                row.getString("job_id") == null ? null : timeOrNull(row, "started_at"),
                row.getString("restored_from"),
                row.getInt("failures"),
                timeOrNull(row, "retry_at"),
                row.getString("last_failure"),
                timeOrNull(row, "last_failure_at"),
                events);
    }

    private static List<JobView.Event> events(Handle handle, UUID connection) {
        return handle.createQuery(LaunchSql.EVENTS)
                .bind("id", connection)
                .map(
                        (row, context) ->
                                new JobView.Event(
                                        row.getString("event_type"),
                                        row.getString("severity"),
                                        row.getString("message"),
                                        row.getString("job_id"),
                                        time(row, "created_at")))
                .list();
    }

    private static Phase phase(ResultSet row) throws SQLException {
        return EnumNames.parse(Phase.class, row.getString("phase"));
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    private static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }
}
