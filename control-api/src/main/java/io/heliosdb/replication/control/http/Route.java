package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.problem.ControlError;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint: what it is called by, who may call it, what goes in and comes out. The server, the
 * OpenAPI document and the tests are all made from these.
 *
 * @param path with {@code {names}} of parameters; absolute
 * @param permission null: anybody, without being asked who it is
 * @param tenancy how the tenant that it concerns is found
 * @param request the record of the body, or null for none
 * @param response the record of the reply, or null for none
 * @param success the status of a reply
 * @param dryRun the record of the reply (status 200) where {@code dry_run=true} is asked for, or
 *     null
 * @param errors besides those that every guarded endpoint has
 * @param resource what is acted on, for the audit trail
 */
record Route(
        Method method,
        String path,
        String operation,
        String tag,
        String summary,
        @Nullable Permission permission,
        Tenancy tenancy,
        List<Parameter> query,
        @Nullable Class<?> request,
        boolean requestRequired,
        @Nullable Class<?> response,
        int success,
        @Nullable Class<?> dryRun,
        Set<ControlError> errors,
        String resource,
        RouteHandler handler) {

    /** The methods that are used. */
    enum Method {
        GET,
        POST,
        PATCH,
        DELETE;

        boolean isMutating() {
            return this != GET;
        }
    }

    /** How an endpoint is bound to tenants. */
    enum Tenancy {
        /** Concerns all tenants or none: closed to callers that are bound to one. */
        GLOBAL,
        /** The replication in the path has a tenant; that of another does not exist. */
        OF_REPLICATION,
        /** The handler asks {@link Call#requireTenant} or filters by {@link Call#boundTenant}. */
        IN_HANDLER,
        /** Open to anybody. */
        NONE
    }

    /**
     * A parameter of the query.
     *
     * @param values the only ones that are allowed, or empty
     */
    record Parameter(
            String name,
            String type,
            @Nullable String format,
            List<String> values,
            @Nullable Object standard,
            String description) {}

    /** What an endpoint does with a call; returns the body of the reply, or null for none. */
    @FunctionalInterface
    interface RouteHandler {
        @Nullable Object handle(Call call);
    }

    boolean isPublic() {
        return permission == null;
    }

    /** Every error that it can reply with. */
    Set<ControlError> allErrors() {
        Set<ControlError> all = new TreeSet<>(errors);
        all.add(ControlError.INTERNAL_ERROR);
        all.add(ControlError.SERVICE_UNAVAILABLE);
        all.add(ControlError.RATE_LIMIT_EXCEEDED);
        if (!isPublic()) {
            all.add(ControlError.UNAUTHORIZED);
            all.add(ControlError.FORBIDDEN);
        }
        if (request != null) {
            all.add(ControlError.INVALID_REQUEST);
        }
        if (request != null || !query.isEmpty()) {
            all.add(ControlError.VALIDATION_ERROR);
        }
        if (path.indexOf('{') >= 0) {
            all.add(ControlError.NOT_FOUND);
        }
        return all;
    }
}
