package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.connection.Connection;
import io.heliosdb.replication.control.connection.ConnectionSpec;
import io.heliosdb.replication.control.connection.SourceRole;
import io.heliosdb.replication.control.connection.TargetRole;
import io.heliosdb.replication.control.probe.DatabaseProbe;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.TargetConfig;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What requests and replies about connections look like. A password only ever goes in. */
final class ConnectionBodies {

    private ConnectionBodies() {}

    record SourceRequest(String slot, @Nullable String publication, SourceRole.TenantKeys tenancy) {

        static final String PUBLICATION = "heliosdb";

        SourceRole toDomain() {
            return new SourceRole(slot, publication == null ? PUBLICATION : publication, tenancy);
        }
    }

    record TargetRequest(@Nullable Integer lanes, @Nullable Long maxBytesPerSecond) {

        private static final TargetRole DEFAULT = new TargetRole(TargetConfig.DEFAULT_LANES, 0);

        /** What is not given stays as it was. */
        TargetRole over(@Nullable TargetRole known) {
            TargetRole before = known == null ? DEFAULT : known;
            return new TargetRole(
                    lanes == null ? before.lanes() : lanes,
                    maxBytesPerSecond == null ? before.maxBytesPerSecond() : maxBytesPerSecond);
        }
    }

    record CreateConnection(
            String name,
            String host,
            @Nullable Integer port,
            String database,
            String username,
            @Nullable String password,
            @Nullable String sslMode,
            @Nullable String region,
            @Nullable SourceRequest source,
            @Nullable TargetRequest target) {

        ConnectionSpec toDomain() {
            return new ConnectionSpec(
                    name,
                    host,
                    port == null ? ConnectionSpec.DEFAULT_PORT : port,
                    database,
                    username,
                    sslMode == null ? ConnectionSpec.DEFAULT_SSL_MODE : sslMode,
                    region,
                    source == null ? null : source.toDomain(),
                    target == null ? null : target.over(null));
        }

        @Nullable Secret secret() {
            return ConnectionBodies.secret(password);
        }

        @Override
        public String toString() {
            return "CreateConnection[" + name + "]";
        }
    }

    record UpdateConnection(
            @Nullable String name,
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String database,
            @Nullable String username,
            @Nullable String password,
            @Nullable String sslMode,
            @Nullable String region,
            @Nullable SourceRequest source,
            @Nullable TargetRequest target) {

        ConnectionSpec over(ConnectionSpec before) {
            return new ConnectionSpec(
                    name == null ? before.name() : name,
                    host == null ? before.host() : host,
                    port == null ? before.port() : port,
                    database == null ? before.database() : database,
                    username == null ? before.username() : username,
                    sslMode == null ? before.sslMode() : sslMode,
                    region == null ? before.region() : region,
                    source == null ? before.source() : source.toDomain(),
                    target == null ? before.target() : target.over(before.target()));
        }

        @Nullable Secret secret() {
            return ConnectionBodies.secret(password);
        }

        @Override
        public String toString() {
            return "UpdateConnection[" + name + "]";
        }
    }

    private static @Nullable Secret secret(@Nullable String password) {
        if (password == null) {
            return null;
        }
        if (password.length() > 1000) {
            throw ControlException.invalid("password", "must have at most 1000 characters");
        }
        return new Secret(password);
    }

    record ConnectionView(
            UUID id,
            String name,
            String host,
            int port,
            String database,
            String username,
            boolean hasPassword,
            String sslMode,
            @Nullable String region,
            @Nullable SourceRole source,
            @Nullable TargetRole target,
            Instant createdAt,
            Instant updatedAt) {

        static ConnectionView of(Connection connection) {
            ConnectionSpec spec = connection.spec();
            return new ConnectionView(
                    connection.id(),
                    spec.name(),
                    spec.host(),
                    spec.port(),
                    spec.database(),
                    spec.username(),
                    connection.hasPassword(),
                    spec.sslMode(),
                    spec.region(),
                    spec.source(),
                    spec.target(),
                    connection.createdAt(),
                    connection.updatedAt());
        }
    }

    record ConnectionPage(List<ConnectionView> data, CommonBodies.Pagination pagination) {}

    record ConnectionTest(
            boolean ready,
            CommonBodies.@Nullable CheckView asSource,
            CommonBodies.@Nullable CheckView asTarget) {

        static ConnectionTest of(DatabaseProbe.ConnectionReport report) {
            CommonBodies.CheckView source =
                    report.asSource().map(CommonBodies.CheckView::of).orElse(null);
            CommonBodies.CheckView target =
                    report.asTarget().map(CommonBodies.CheckView::of).orElse(null);
            return new ConnectionTest(
                    (source == null || source.ready()) && (target == null || target.ready()),
                    source,
                    target);
        }
    }
}
