package io.heliosdb.replication.control.access.postgres;

import io.heliosdb.replication.control.access.Grant;
import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.access.RateTier;
import io.heliosdb.replication.control.access.Role;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The columns that keys and clients have in common. */
final class GrantColumns {

    private GrantColumns() {}

    static <S extends SqlStatement<S>> S bind(S statement, Grant grant) {
        List<Permission> permissions = grant.permissions();
        return statement
                .bind("name", grant.name())
                .bind("role", EnumNames.of(grant.role()))
                .bind("tenant", grant.tenantId())
                .bind(
                        "permissions",
                        permissions == null
                                ? null
                                : Json.write(permissions.stream().map(Permission::text).toList()))
                .bind("rate_tier", EnumNames.of(grant.rateTier()));
    }

    static Grant read(ResultSet row) throws SQLException {
        String permissions = row.getString("permissions");
        return new Grant(
                row.getString("name"),
                EnumNames.parse(Role.class, row.getString("role")),
                row.getString("tenant_id"),
                permissions == null
                        ? null
                        : Stream.of(Json.read(permissions, String[].class))
                                .map(Permission::parse)
                                .flatMap(Optional::stream)
                                .toList(),
                EnumNames.parse(RateTier.class, row.getString("rate_tier")));
    }

    static Instant time(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }

    static @Nullable Instant timeOrNull(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }
}
