package io.heliosdb.replication.control.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.control.access.Authenticator;
import io.heliosdb.replication.control.access.RateLimiter;
import io.heliosdb.replication.control.access.TokenIssuer;
import io.heliosdb.replication.control.access.postgres.ApiKeyRepository;
import io.heliosdb.replication.control.access.postgres.AuditRepository;
import io.heliosdb.replication.control.access.postgres.OAuthRepository;
import io.heliosdb.replication.control.connection.Connections;
import io.heliosdb.replication.control.journal.postgres.JournalRepository;
import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import io.heliosdb.replication.control.metrics.postgres.MetricsRepository;
import io.heliosdb.replication.control.probe.DatabaseProbe;
import io.heliosdb.replication.control.replication.Estimates;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.control.server.ListenOptions;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.HandlerType;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;

/** Serves the routes over HTTP. */
public final class RestServer implements AutoCloseable {

    private static final long LARGEST_BODY = 1 << 20;
    private static final int LONGEST_IDLE_MS = 30_000;

    private final Javalin javalin;
    private final List<Route> routes;

    /** What the interface works with. */
    public record Parts(
            Connections connections,
            Replications replications,
            Estimates estimates,
            DatabaseProbe probe,
            SourceJobRepository jobs,
            JournalRepository journal,
            MetricsRepository metrics,
            ApiKeyRepository keys,
            OAuthRepository clients,
            AuditRepository audit,
            TokenIssuer issuer,
            Authenticator authenticator,
            BooleanSupplier storeIsAlive,
            IntSupplier busyStoreSessions,
            String version,
            InstantSource clock) {}

    private RestServer(Javalin javalin, List<Route> routes) {
        this.javalin = javalin;
        this.routes = routes;
    }

    /** Starts to serve; returns when the port is open. */
    public static RestServer start(Parts parts, ListenOptions listen) {
        ControlMetrics metrics =
                new ControlMetrics(
                        parts.replications()::countByStatus,
                        parts.jobs()::countByPhase,
                        new ReplicationMetrics(parts.replications()::all, parts.clock()),
                        parts.busyStoreSessions());
        List<Route> routes = routes(parts, metrics);
        Gate gate =
                new Gate(
                        parts.authenticator(),
                        new RateLimiter(parts.clock()),
                        parts.replications(),
                        parts.audit(),
                        metrics,
                        parts.clock());
        Javalin javalin = Javalin.create(config -> configure(config, parts, listen, routes, gate));
        javalin.start();
        return new RestServer(javalin, routes);
    }

    static List<Route> routes(Parts parts, ControlMetrics metrics) {
        List<Route> routes = new ArrayList<>();
        routes.addAll(
                new ReplicationRoutes(
                                parts.replications(),
                                parts.estimates(),
                                parts.journal(),
                                parts.clock())
                        .all());
        routes.addAll(
                new CommandRoutes(parts.replications(), parts.estimates(), parts.clock()).all());
        routes.addAll(new JournalRoutes(parts.journal(), parts.audit()).all());
        routes.addAll(new MetricsRoutes(parts.metrics(), parts.clock()).all());
        routes.addAll(new ConnectionRoutes(parts.connections(), parts.probe(), parts.jobs()).all());
        routes.addAll(new AccessRoutes(parts.keys(), parts.clients(), parts.issuer()).all());
        routes.addAll(
                new SystemRoutes(
                                parts.storeIsAlive(),
                                parts.jobs()::health,
                                metrics,
                                parts.version(),
                                parts.clock())
                        .all());
        return List.copyOf(routes);
    }

    private static void configure(
            JavalinConfig config,
            Parts parts,
            ListenOptions listen,
            List<Route> routes,
            Gate gate) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.http.maxRequestSize = LARGEST_BODY;
        config.http.generateEtags = false;
        config.jetty.modifyHttpConfiguration(
                http -> {
                    http.setSendServerVersion(false);
                    http.setSendDateHeader(true);
                });
        config.jetty.addConnector((server, http) -> connector(server, http, listen));
        config.routes.before(
                context -> {
                    context.header("X-Content-Type-Options", "nosniff");
                    context.header("Cache-Control", "no-store");
                    if (listen.tls() != null) {
                        context.header("Strict-Transport-Security", "max-age=31536000");
                    }
                });
        for (Route route : routes) {
            config.routes.addHttpHandler(
                    HandlerType.findOrCreate(route.method().name()),
                    route.path(),
                    context -> gate.pass(route, context));
        }
        ObjectNode document = OpenApi.of(routes, parts.version());
        String json = document.toString();
        String yaml = OpenApi.yaml(document);
        config.routes.get(
                "/v1/openapi.json",
                context -> context.contentType("application/json").result(json));
        config.routes.get(
                "/v1/openapi.yaml",
                context -> context.contentType("application/yaml").result(yaml));
        Docs.register(config.routes);
        Predicate<String> isPath = paths(routes);
        config.routes.error(
                404,
                context -> {
                    if (context.res().getHeader("X-Request-Id") == null) {
                        gate.notFound(context, isPath);
                    }
                });
        config.routes.exception(
                Exception.class, (failure, context) -> gate.failed(context, failure));
    }

    private static Predicate<String> paths(List<Route> routes) {
        List<Pattern> patterns =
                routes.stream()
                        .map(route -> route.path().replaceAll("\\{[a-z_]+}", "[^/]+"))
                        .distinct()
                        .map(Pattern::compile)
                        .toList();
        return path -> patterns.stream().anyMatch(pattern -> pattern.matcher(path).matches());
    }

    private static ServerConnector connector(
            Server server, HttpConfiguration http, ListenOptions listen) {
        ServerConnector connector;
        if (listen.tls() == null) {
            connector = new ServerConnector(server, new HttpConnectionFactory(http));
        } else {
            HttpConfiguration secure = new HttpConfiguration(http);
            // Which name a client used is for its certificate check, not for ours.
            SecureRequestCustomizer customizer = new SecureRequestCustomizer();
            customizer.setSniHostCheck(false);
            secure.addCustomizer(customizer);
            connector =
                    new ServerConnector(
                            server,
                            new SslConnectionFactory(Certificates.server(listen.tls()), "http/1.1"),
                            new HttpConnectionFactory(secure));
        }
        connector.setHost(listen.host());
        connector.setPort(listen.port());
        connector.setIdleTimeout(LONGEST_IDLE_MS);
        return connector;
    }

    public int port() {
        return javalin.port();
    }

    List<Route> routes() {
        return routes;
    }

    @Override
    public void close() {
        javalin.stop();
    }
}
