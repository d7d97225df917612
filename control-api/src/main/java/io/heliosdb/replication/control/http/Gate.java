package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.AuditEvent;
import io.heliosdb.replication.control.access.AuditEvent.Outcome;
import io.heliosdb.replication.control.access.Authenticator;
import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.access.Principal;
import io.heliosdb.replication.control.access.RateLimiter;
import io.heliosdb.replication.control.access.postgres.AuditRepository;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.Replications;
import io.javalin.http.Context;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Through here goes every request: who it is, whether not too often, whether allowed, whether for
 * this tenant; then the handler; then the reply and the audit event. Nowhere else is access
 * decided, but for tenants that stand in a body ({@link Call#requireTenant}).
 */
final class Gate {

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);
    private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    private final Authenticator authenticator;
    private final RateLimiter limiter;
    private final Replications replications;
    private final AuditRepository audit;
    private final ControlMetrics metrics;
    private final Errors errors;
    private final InstantSource clock;

    Gate(
            Authenticator authenticator,
            RateLimiter limiter,
            Replications replications,
            AuditRepository audit,
            ControlMetrics metrics,
            InstantSource clock) {
        this.authenticator = authenticator;
        this.limiter = limiter;
        this.replications = replications;
        this.audit = audit;
        this.metrics = metrics;
        this.errors = new Errors(clock);
        this.clock = clock;
    }

    /** What is known of a request so far. */
    private static final class Passage {
        Principal principal;
        RateLimiter.@Nullable Decision limit;
        @Nullable Call call;

        Passage(Principal principal) {
            this.principal = principal;
        }
    }

    void pass(Route route, Context context) {
        long begun = System.nanoTime();
        String requestId = requestId(context);
        Passage passage = new Passage(Principal.anonymous(Addresses.of(context)));
        int status;
        @Nullable ControlError refusal = null;
        try {
            // All of it, whatever the answer is: else the connection could not be used again.
            context.bodyAsBytes();
            status = reply(route, context, admit(route, context, requestId, passage));
        } catch (RuntimeException failure) {
            ControlException told = Errors.toClient(failure, requestId);
            status = Errors.status(told.error());
            refusal = told.error();
            metrics.refused(told.error().name());
            refuse(context, told, passage.limit, requestId, status);
        }
        record(route, context, requestId, passage, status, refusal);
        metrics.answered(route.operation(), status, System.nanoTime() - begun);
    }

    // ---- before the handler

    private Call admit(Route route, Context context, String requestId, Passage passage) {
        boolean probe = route.isPublic() && !route.method().isMutating();
        if (!probe) {
            identify(route, context, passage);
        }
        Call call = new Call(context, route, passage.principal, requestId);
        passage.call = call;
        Permission needed = route.permission();
        if (needed == null) {
            return call;
        }
        if (passage.principal.kind() == Principal.Kind.ANONYMOUS) {
            throw new ControlException(
                    ControlError.UNAUTHORIZED,
                    "send an API key (X-API-Key) or a token (Authorization: Bearer)");
        }
        if (!passage.principal.may(needed)) {
            throw new ControlException(
                    ControlError.FORBIDDEN, "this needs the permission " + needed.text());
        }
        checkTenant(route, call);
        return call;
    }

    /** Counts before it looks closer: who guesses keys is slowed down. */
    private void identify(Route route, Context context, Passage passage) {
        String address = Addresses.of(context);
        try {
            if (!route.isPublic()) {
                authenticator
                        .authenticate(
                                context.header("Authorization"),
                                context.header("X-API-Key"),
                                address)
                        .ifPresent(principal -> passage.principal = principal);
            }
        } catch (ControlException e) {
            if (e.error() == ControlError.UNAUTHORIZED) {
                limit(context, passage);
            }
            throw e;
        }
        limit(context, passage);
    }

    private void limit(Context context, Passage passage) {
        Principal principal = passage.principal;
        RateLimiter.Decision decision =
                limiter.take(principal.kind() + " " + principal.name(), principal.rateTier());
        passage.limit = decision;
        context.header("X-RateLimit-Limit", String.valueOf(decision.limit()));
        context.header("X-RateLimit-Remaining", String.valueOf(decision.remaining()));
        context.header("X-RateLimit-Reset", String.valueOf(decision.reset().getEpochSecond()));
        if (!decision.allowed()) {
            throw new ControlException(
                    ControlError.RATE_LIMIT_EXCEEDED,
                    "Rate limit exceeded. Retry after "
                            + decision.retryAfterSeconds()
                            + " seconds.");
        }
    }

    private void checkTenant(Route route, Call call) {
        Principal principal = call.principal();
        if (route.tenancy() == Tenancy.GLOBAL && principal.tenant() != null) {
            throw new ControlException(
                    ControlError.FORBIDDEN, "this concerns all tenants, and you are bound to one");
        }
        if (route.tenancy() == Tenancy.OF_REPLICATION) {
            UUID id = call.id("replication_id", "replication");
            String tenant = replications.tenantOf(id);
            call.concerns(id.toString(), tenant);
            if (!principal.sees(tenant)) {
                // As if it did not exist: ids of others are not to be found out.
                throw ControlException.notFound("replication", id);
            }
        }
    }

    // ---- after it

    private static int reply(Route route, Context context, Call call) {
        @Nullable Object body = route.handler().handle(call);
        int status = route.success();
        if (body instanceof Reply other) {
            status = other.status();
            body = other.body();
        }
        context.status(status);
        if (body instanceof Text text) {
            context.contentType(text.contentType()).result(text.body());
        } else if (body != null) {
            context.contentType("application/json").result(Json.write(body));
        }
        return status;
    }

    private void refuse(
            Context context,
            ControlException told,
            RateLimiter.@Nullable Decision limit,
            String requestId,
            int status) {
        boolean tooOften = told.error() == ControlError.RATE_LIMIT_EXCEEDED;
        if (tooOften && limit != null) {
            context.header("Retry-After", String.valueOf(limit.retryAfterSeconds()));
        }
        if (told.error() == ControlError.UNAUTHORIZED) {
            context.header("WWW-Authenticate", "Bearer");
        }
        context.status(status)
                .contentType("application/json")
                .result(Json.write(errors.body(told, tooOften ? limit : null, requestId)));
    }

    /** Answers a request that no route is for. */
    void notFound(Context context, Predicate<String> isPath) {
        String requestId = requestId(context);
        boolean method = isPath.test(context.path());
        refuse(
                context,
                new ControlException(
                        ControlError.NOT_FOUND,
                        method
                                ? "this endpoint does not have the method " + context.method()
                                : "no such endpoint"),
                null,
                requestId,
                404);
    }

    /** Answers what failed outside of a route. */
    void failed(Context context, Throwable failure) {
        String requestId = requestId(context);
        ControlException told = Errors.toClient(failure, requestId);
        refuse(context, told, null, requestId, Errors.status(told.error()));
    }

    private void record(
            Route route,
            Context context,
            String requestId,
            Passage passage,
            int status,
            @Nullable ControlError refusal) {
        boolean refused =
                refusal == ControlError.UNAUTHORIZED
                        || refusal == ControlError.FORBIDDEN
                        || refusal == ControlError.RATE_LIMIT_EXCEEDED;
        RateLimiter.Decision limit = passage.limit;
        if (refusal == ControlError.RATE_LIMIT_EXCEEDED && limit != null && !limit.firstRefusal()) {
            // One event per caller and minute, else a flood would fill the store.
            return;
        }
        if (!refused && !route.method().isMutating()) {
            return;
        }
        Call call = passage.call;
        try {
            audit.add(
                    new AuditEvent(
                            clock.instant(),
                            passage.principal.name(),
                            passage.principal.kind(),
                            Addresses.of(context),
                            requestId,
                            route.method().name(),
                            route.path(),
                            route.resource(),
                            call == null ? null : call.resourceId(),
                            call == null ? null : call.tenant(),
                            refused
                                    ? Outcome.REFUSED
                                    : status < 400 ? Outcome.SUCCESS : Outcome.FAILURE,
                            status));
        } catch (RuntimeException e) {
            // It was done (or refused) all the same; the log is the second place to look.
            LOG.error(
                    "audit event not stored request={} actor={} route={} status={}",
                    requestId,
                    passage.principal.name(),
                    route.path(),
                    status,
                    e);
        }
    }

    private static String requestId(Context context) {
        String given = context.header("X-Request-Id");
        String id =
                given != null && REQUEST_ID.matcher(given).matches()
                        ? given
                        : "req-" + UUID.randomUUID();
        context.header("X-Request-Id", id);
        return id;
    }
}
