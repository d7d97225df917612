package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.http.CommonBodies.CheckView;
import io.heliosdb.replication.control.http.CommonBodies.Pagination;
import io.heliosdb.replication.control.http.CommonBodies.ReplicationPage;
import io.heliosdb.replication.control.http.ReplicationBodies.CreateReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.CreatedReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.EndpointView;
import io.heliosdb.replication.control.http.ReplicationBodies.ReplicationItem;
import io.heliosdb.replication.control.http.ReplicationBodies.ReplicationView;
import io.heliosdb.replication.control.http.ReplicationBodies.UpdateReplication;
import io.heliosdb.replication.control.http.ReplicationBodies.UpdatedReplication;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.journal.postgres.JournalRepository;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.Estimates;
import io.heliosdb.replication.control.replication.Estimates.Estimate;
import io.heliosdb.replication.control.replication.NewReplication;
import io.heliosdb.replication.control.replication.Replication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.control.replication.ReplicationQuery;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.model.ReplicationState;
import io.heliosdb.replication.model.Tier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Create, read, list, change and delete replications. */
final class ReplicationRoutes {

    private static final String TAG = "Replications";
    private static final String ONE = "/v1/replications/{replication_id}";
    private static final List<String> SORTS =
            Arrays.stream(ReplicationQuery.Sort.values())
                    .map(sort -> sort.name().toLowerCase())
                    .toList();

    private final Replications replications;
    private final Estimates estimates;
    private final JournalRepository journal;
    private final InstantSource clock;

    ReplicationRoutes(
            Replications replications,
            Estimates estimates,
            JournalRepository journal,
            InstantSource clock) {
        this.replications = replications;
        this.estimates = estimates;
        this.journal = journal;
        this.clock = clock;
    }

    List<Route> all() {
        return List.of(
                route(Method.POST, "/v1/replications", "createReplication", "Create a replication")
                        .needs(Permission.CREATE_REPLICATION, Tenancy.IN_HANDLER)
                        .dryRun(CheckView.class, "check source and target, and create nothing")
                        .takes(CreateReplication.class)
                        .replies(201, CreatedReplication.class)
                        .fails(ControlError.CONFLICT)
                        .by(this::create),
                route(Method.GET, "/v1/replications", "listReplications", "List replications")
                        .needs(Permission.VIEW_REPLICATION, Tenancy.IN_HANDLER)
                        .text("tenant_id", "only of this tenant")
                        .choice("status", EnumNames.all(ReplicationState.class), null, "only in it")
                        .choice("qos_tier", EnumNames.all(Tier.class), null, "only of it")
                        .pages()
                        .choice("sort_by", SORTS, "created_at", "sort field")
                        .choice("sort_order", List.of("asc", "desc"), "desc", "sort order")
                        .replies(200, ReplicationPage.class)
                        .by(this::list),
                route(Method.GET, ONE, "getReplication", "A replication and how it is")
                        .needs(Permission.VIEW_REPLICATION, Tenancy.OF_REPLICATION)
                        .replies(200, ReplicationView.class)
                        .by(this::get),
                route(Method.PATCH, ONE, "updateReplication", "Change the configuration")
                        .needs(Permission.UPDATE_REPLICATION, Tenancy.OF_REPLICATION)
                        .dryRun(CheckView.class, "check source and target, and change nothing")
                        .takes(UpdateReplication.class)
                        .replies(200, UpdatedReplication.class)
                        .fails(ControlError.CONFLICT, ControlError.FAILOVER_IN_PROGRESS)
                        .by(this::update),
                route(Method.DELETE, ONE, "deleteReplication", "Stop and delete a replication")
                        .needs(Permission.DELETE_REPLICATION, Tenancy.OF_REPLICATION)
                        .flag("cleanup_target", "also delete the tenant's rows in the target")
                        .repliesNothing(204)
                        .fails(ControlError.CONFLICT)
                        .by(this::delete));
    }

    private static RouteBuilder route(Method method, String path, String operation, String text) {
        return new RouteBuilder(method, path, operation, TAG, text).on("replication");
    }

    private Object create(Call call) {
        NewReplication wanted = call.body(CreateReplication.class).toDomain();
        call.requireTenant(wanted.tenantId());
        List<String> warnings = replications.check(wanted.config());
        if (call.flag("dry_run")) {
            return Reply.of(200, CheckView.of(estimates.check(wanted)));
        }
        Replication made = replications.create(wanted, call.actor(null));
        call.concerns(made.id().toString(), made.tenantId());
        Estimate estimate = estimates.estimate(wanted);
        Duration copy = estimate.copy();
        Long bytes = estimate.bytes();
        return new CreatedReplication(
                made.id(),
                made.tenantId(),
                made.status(),
                made.createdAt(),
                EndpointView.of(made.source()),
                EndpointView.of(made.target()),
                made.config(),
                copy == null ? null : copy.toMillis() / 3_600_000.0,
                bytes == null ? null : bytes / 1e9,
                estimate.rows(),
                warnings);
    }

    private Object list(Call call) {
        Call.Paging paging = call.paging();
        Optional<String> tenant = call.text("tenant_id");
        tenant.ifPresent(call::requireTenant);
        ReplicationQuery query =
                new ReplicationQuery(
                        tenant.or(call::boundTenant).orElse(null),
                        call.choice("status", ReplicationState.class).orElse(null),
                        call.choice("qos_tier", Tier.class).orElse(null),
                        sort(call),
                        oneOf(call, "sort_order", List.of("asc", "desc"), "desc").equals("asc"),
                        paging.offset(),
                        paging.size());
        Instant now = clock.instant();
        return new ReplicationPage(
                replications.list(query).stream().map(it -> ReplicationItem.of(it, now)).toList(),
                Pagination.of(paging, replications.count(query)));
    }

    private static ReplicationQuery.Sort sort(Call call) {
        return ReplicationQuery.Sort.valueOf(
                oneOf(call, "sort_by", SORTS, "created_at").toUpperCase());
    }

    static String oneOf(Call call, String name, List<String> values, @Nullable String standard) {
        String value = call.text(name).orElse(standard);
        if (value == null || !values.contains(value)) {
            throw ControlException.invalid(name, "must be one of " + String.join(", ", values));
        }
        return value;
    }

    private Object get(Call call) {
        UUID id = call.id("replication_id", "replication");
        return ReplicationView.of(replications.get(id), journal.sync(id), clock.instant());
    }

    private Object update(Call call) {
        UUID id = call.id("replication_id", "replication");
        UpdateReplication wanted = call.body(UpdateReplication.class);
        if (call.flag("dry_run")) {
            ReplicationConfig config = replications.preview(id, wanted.config()::over);
            return CheckView.of(estimates.check(replications.get(id), config));
        }
        Replication changed =
                replications.reconfigure(id, wanted.config()::over, call.actor(wanted.reason()));
        return new UpdatedReplication(
                changed.id(),
                changed.tenantId(),
                changed.status(),
                changed.config(),
                changed.updatedAt(),
                replications.check(changed.config()));
    }

    private @Nullable Object delete(Call call) {
        UUID id = call.id("replication_id", "replication");
        replications.delete(id, call.flag("cleanup_target"), call.actor(null));
        return null;
    }
}
