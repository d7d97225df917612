package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.Connections;
import io.heliosdb.replication.control.http.CommonBodies.Pagination;
import io.heliosdb.replication.control.http.ConnectionBodies.ConnectionPage;
import io.heliosdb.replication.control.http.ConnectionBodies.ConnectionTest;
import io.heliosdb.replication.control.http.ConnectionBodies.ConnectionView;
import io.heliosdb.replication.control.http.ConnectionBodies.CreateConnection;
import io.heliosdb.replication.control.http.ConnectionBodies.UpdateConnection;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.launch.JobView;
import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import io.heliosdb.replication.control.probe.DatabaseProbe;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Databases that are replicated from and to. */
final class ConnectionRoutes {

    private static final String ALL = "/v1/connections";
    private static final String ONE = "/v1/connections/{connection_id}";

    private final Connections connections;
    private final DatabaseProbe probe;
    private final SourceJobRepository jobs;

    ConnectionRoutes(Connections connections, DatabaseProbe probe, SourceJobRepository jobs) {
        this.connections = connections;
        this.probe = probe;
        this.jobs = jobs;
    }

    List<Route> all() {
        return List.of(
                route(Method.POST, ALL, "createConnection", "Register a database")
                        .needs(Permission.MANAGE_CONNECTIONS, Tenancy.GLOBAL)
                        .takes(CreateConnection.class)
                        .replies(201, ConnectionView.class)
                        .fails(ControlError.CONFLICT)
                        .by(this::create),
                route(Method.GET, ALL, "listConnections", "List databases")
                        .needs(Permission.VIEW_CONNECTIONS, Tenancy.GLOBAL)
                        .pages()
                        .replies(200, ConnectionPage.class)
                        .by(this::list),
                route(Method.GET, ONE, "getConnection", "A database")
                        .needs(Permission.VIEW_CONNECTIONS, Tenancy.GLOBAL)
                        .replies(200, ConnectionView.class)
                        .by(
                                call ->
                                        ConnectionView.of(
                                                connections.get(
                                                        call.id("connection_id", "connection")))),
                route(Method.PATCH, ONE, "updateConnection", "Change what is given")
                        .needs(Permission.MANAGE_CONNECTIONS, Tenancy.GLOBAL)
                        .takes(UpdateConnection.class)
                        .replies(200, ConnectionView.class)
                        .fails(ControlError.CONFLICT)
                        .by(this::update),
                route(Method.DELETE, ONE, "deleteConnection", "Remove a database")
                        .needs(Permission.MANAGE_CONNECTIONS, Tenancy.GLOBAL)
                        .repliesNothing(204)
                        .fails(ControlError.CONFLICT)
                        .by(this::delete),
                route(
                                Method.POST,
                                ONE + "/test",
                                "testConnection",
                                "Check it in its roles; tells the SQL that mends what is found")
                        .needs(Permission.MANAGE_CONNECTIONS, Tenancy.GLOBAL)
                        .replies(200, ConnectionTest.class)
                        .by(
                                call ->
                                        ConnectionTest.of(
                                                probe.test(
                                                        connections.get(
                                                                call.id(
                                                                        "connection_id",
                                                                        "connection"))))),
                route(
                                Method.GET,
                                ONE + "/job",
                                "getConnectionJob",
                                "The Flink job of a source, and what happened to it lately")
                        .needs(Permission.VIEW_CONNECTIONS, Tenancy.GLOBAL)
                        .replies(200, JobView.class)
                        .by(this::job));
    }

    private Object job(Call call) {
        UUID id = call.id("connection_id", "connection");
        return jobs.view(id).orElseThrow(() -> ControlException.notFound("connection", id));
    }

    private static RouteBuilder route(Method method, String path, String operation, String text) {
        return new RouteBuilder(method, path, operation, "Connections", text).on("connection");
    }

    private Object create(Call call) {
        CreateConnection wanted = call.body(CreateConnection.class);
        Connection made = connections.create(wanted.toDomain(), wanted.secret());
        call.concerns(made.id().toString(), null);
        return ConnectionView.of(made);
    }

    private Object list(Call call) {
        Call.Paging paging = call.paging();
        return new ConnectionPage(
                connections.list(paging.offset(), paging.size()).stream()
                        .map(ConnectionView::of)
                        .toList(),
                Pagination.of(paging, connections.count()));
    }

    private Object update(Call call) {
        UpdateConnection wanted = call.body(UpdateConnection.class);
        return ConnectionView.of(
                connections.update(
                        call.id("connection_id", "connection"), wanted::over, wanted.secret()));
    }

    private @Nullable Object delete(Call call) {
        connections.delete(call.id("connection_id", "connection"));
        return null;
    }
}
