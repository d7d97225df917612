package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Parameter;
import io.heliosdb.replication.control.http.Route.RouteHandler;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.problem.ControlError;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes a route as a sentence. */
final class RouteBuilder {

    private final Method method;
    private final String path;
    private final String operation;
    private final String tag;
    private final String summary;
    private @Nullable Permission permission;
    private Tenancy tenancy = Tenancy.NONE;
    private final List<Parameter> query = new ArrayList<>();
    private @Nullable Class<?> request;
    private boolean requestRequired;
    private @Nullable Class<?> response;
    private int success = 200;
    private @Nullable Class<?> dryRun;
    private final Set<ControlError> errors = EnumSet.noneOf(ControlError.class);
    private String resource = "";

    RouteBuilder(Method method, String path, String operation, String tag, String summary) {
        this.method = method;
        this.path = path;
        this.operation = operation;
        this.tag = tag;
        this.summary = summary;
    }

    RouteBuilder needs(Permission itsPermission, Tenancy itsTenancy) {
        permission = itsPermission;
        tenancy = itsTenancy;
        return this;
    }

    RouteBuilder takes(Class<?> body) {
        request = body;
        requestRequired = true;
        return this;
    }

    RouteBuilder mayTake(Class<?> body) {
        request = body;
        return this;
    }

    RouteBuilder replies(int status, Class<?> body) {
        success = status;
        response = body;
        return this;
    }

    RouteBuilder repliesNothing(int status) {
        success = status;
        return this;
    }

    RouteBuilder fails(ControlError... itsErrors) {
        errors.addAll(List.of(itsErrors));
        return this;
    }

    RouteBuilder on(String itsResource) {
        resource = itsResource;
        return this;
    }

    RouteBuilder text(String name, String description) {
        query.add(new Parameter(name, "string", null, List.of(), null, description));
        return this;
    }

    RouteBuilder time(String name, String description) {
        query.add(new Parameter(name, "string", "date-time", List.of(), null, description));
        return this;
    }

    RouteBuilder flag(String name, String description) {
        query.add(new Parameter(name, "boolean", null, List.of(), false, description));
        return this;
    }

    RouteBuilder dryRun(Class<?> body, String description) {
        dryRun = body;
        return flag("dry_run", description);
    }

    RouteBuilder choice(
            String name, List<String> values, @Nullable String standard, String description) {
        query.add(new Parameter(name, "string", null, values, standard, description));
        return this;
    }

    RouteBuilder pages() {
        query.add(new Parameter("page", "integer", null, List.of(), 1, "page number, from 1"));
        query.add(
                new Parameter(
                        "page_size",
                        "integer",
                        null,
                        List.of(),
                        50,
                        "items per page, at most 100"));
        return this;
    }

    Route by(RouteHandler handler) {
        return new Route(
                method,
                path,
                operation,
                tag,
                summary,
                permission,
                tenancy,
                List.copyOf(query),
                request,
                requestRequired,
                response,
                success,
                dryRun,
                Set.copyOf(errors),
                resource,
                handler);
    }
}
