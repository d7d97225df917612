package io.heliosdb.replication.cli.api;

import static io.heliosdb.replication.cli.api.ApiOption.body;
import static io.heliosdb.replication.cli.api.ApiOption.query;

import io.heliosdb.replication.cli.api.ApiOption.Kind;
import java.util.ArrayList;
import java.util.List;

/** Every command on the control API. A test holds it against the OpenAPI document. */
final class ApiOperations {

    private static final String ALL = "/v1/replications";
    private static final String ONE = "/v1/replications/{replication_id}";
    private static final String CONNECTIONS = "/v1/connections";
    private static final String CONNECTION = "/v1/connections/{connection_id}";
    private static final ApiOption REASON =
            body("--reason", "reason", Kind.TEXT, "is kept in its events");
    private static final ApiOption DRY_RUN =
            query("--dry-run", "dry_run", Kind.FLAG, "checks, and changes nothing");
    private static final ApiOption FROM =
            query(
                    "--from",
                    "start_time",
                    Kind.TEXT,
                    "time, ISO 8601; default an hour before the end");
    private static final ApiOption UNTIL =
            query("--until", "end_time", Kind.TEXT, "time, ISO 8601; default now");

    private ApiOperations() {}

    static List<ApiOperation> all() {
        List<ApiOperation> all = new ArrayList<>();
        all.addAll(connections());
        all.addAll(replications());
        all.addAll(commands());
        all.addAll(journal());
        all.addAll(access());
        return List.copyOf(all);
    }

    private static ApiOperation connection(
            String verb, String operation, String method, String path, String help) {
        return ApiOperation.of("connection", verb, operation, method, path, help);
    }

    private static List<ApiOperation> connections() {
        return List.of(
                connection("list", "listConnections", "GET", CONNECTIONS, "Lists databases.")
                        .lists("name", "host", "port", "database", "source.slot", "id"),
                connection(
                                "create",
                                "createConnection",
                                "POST",
                                CONNECTIONS,
                                "Registers a database.")
                        .with(database(true))
                        .with(roles()),
                connection("get", "getConnection", "GET", CONNECTION, "Shows a database."),
                connection(
                                "update",
                                "updateConnection",
                                "PATCH",
                                CONNECTION,
                                "Changes what is given.")
                        .with(body("--name", "name", Kind.TEXT, "another name"))
                        .with(database(false))
                        .with(roles()),
                connection(
                        "delete", "deleteConnection", "DELETE", CONNECTION, "Removes a database."),
                connection(
                        "test",
                        "testConnection",
                        "POST",
                        CONNECTION + "/test",
                        "Checks a database; tells the SQL that mends what is found."),
                connection(
                        "job",
                        "getConnectionJob",
                        "GET",
                        CONNECTION + "/job",
                        "Shows the Flink job of a source, and what happened to it lately."));
    }

    private static ApiOption[] database(boolean isNew) {
        List<ApiOption> options = new ArrayList<>();
        for (ApiOption option :
                List.of(
                        body("--name", "name", Kind.TEXT, "how it is called here"),
                        body("--host", "host", Kind.TEXT, "host name or address"),
                        body("--database", "database", Kind.TEXT, "name of the database"),
                        body("--user", "username", Kind.TEXT, "role"))) {
            if (isNew) {
                options.add(option.needed());
            } else if (!option.name().equals("--name")) {
                options.add(option);
            }
        }
        options.add(body("--port", "port", Kind.NUMBER, "default 5432"));
        options.add(body("--password-file", "password", Kind.SECRET, "its password; - for stdin"));
        options.add(body("--ssl-mode", "ssl_mode", Kind.TEXT, "as libpq has it; default prefer"));
        options.add(body("--region", "region", Kind.TEXT, "where it is"));
        return options.toArray(ApiOption[]::new);
    }

    private static ApiOption[] roles() {
        return new ApiOption[] {
            body("--slot", "source.slot", Kind.TEXT, "as source: its replication slot"),
            body("--publication", "source.publication", Kind.TEXT, "as source: its publication"),
            body(
                    "--tenant-column",
                    "source.tenancy.column",
                    Kind.TEXT,
                    "as source: the column that tells tenants apart"),
            body(
                    "--tenant-schemas",
                    "source.tenancy.schema_pattern",
                    Kind.TEXT,
                    "as source: a schema per tenant, regular expression with one group"),
            body(
                    "--reference-tables",
                    "source.tenancy.reference_tables",
                    Kind.LIST,
                    "as source: tables without tenant"),
            body("--as-target", "target", Kind.OBJECT, "it may be written to"),
            body("--lanes", "target.lanes", Kind.NUMBER, "as target: sessions; default 4"),
            body(
                    "--max-bandwidth",
                    "target.max_bytes_per_second",
                    Kind.NUMBER,
                    "as target: bytes per second to it; 0 for no bound")
        };
    }

    private static ApiOperation replication(
            String verb, String operation, String method, String path, String help) {
        return ApiOperation.of("replication", verb, operation, method, path, help);
    }

    private static List<ApiOperation> replications() {
        return List.of(
                replication("list", "listReplications", "GET", ALL, "Lists replications.")
                        .with(
                                query("--tenant", "tenant_id", Kind.TEXT, "only of this tenant"),
                                query("--status", "status", Kind.TEXT, "only in it: Streaming, …"),
                                query("--tier", "qos_tier", Kind.TEXT, "only of it: Premium, …"),
                                query("--sort-by", "sort_by", Kind.TEXT, "field"),
                                query("--sort-order", "sort_order", Kind.TEXT, "asc or desc"))
                        .lists(
                                "tenant_id",
                                "status",
                                "health",
                                "qos_tier",
                                "replication_lag_seconds",
                                "created_at",
                                "id"),
                replication("create", "createReplication", "POST", ALL, "Creates a replication.")
                        .with(
                                body("--tenant", "tenant_id", Kind.TEXT, "the tenant").needed(),
                                body(
                                                "--source",
                                                "source.connection_id",
                                                Kind.CONNECTION,
                                                "id or name")
                                        .needed(),
                                body(
                                                "--target",
                                                "target.connection_id",
                                                Kind.CONNECTION,
                                                "id or name")
                                        .needed(),
                                body("--schema", "source.schema", Kind.TEXT, "only this schema"))
                        .with(config())
                        .with(DRY_RUN),
                replication(
                        "get", "getReplication", "GET", ONE, "Shows a replication and how it is."),
                replication("update", "updateReplication", "PATCH", ONE, "Changes what is given.")
                        .with(config())
                        .with(REASON, DRY_RUN),
                replication("delete", "deleteReplication", "DELETE", ONE, "Stops and deletes it.")
                        .with(
                                query(
                                        "--cleanup-target",
                                        "cleanup_target",
                                        Kind.FLAG,
                                        "also its rows in the target")));
    }

    private static ApiOption[] config() {
        return new ApiOption[] {
            body(
                    "--tier",
                    "config.qos_tier",
                    Kind.TEXT,
                    "BestEffort, Standard, Premium, Synchronous"),
            body("--max-lag", "config.max_lag_seconds", Kind.NUMBER, "seconds; default the tier's"),
            body("--priority", "config.priority", Kind.NUMBER, "0 to 100"),
            body(
                    "--own-connection",
                    "config.dedicated_bandwidth",
                    Kind.FLAG,
                    "a connection to the target is kept for it (Premium)"),
            body(
                    "--max-bandwidth",
                    "config.max_bytes_per_second",
                    Kind.NUMBER,
                    "bytes per second to the target; 0 for no bound"),
            body(
                    "--tables",
                    "config.table_filter",
                    Kind.LIST,
                    "patterns: public.orders,sales.*,!*.log"),
            body(
                    "--backlog-memory-bytes",
                    "config.backlog.memory_bytes",
                    Kind.NUMBER,
                    "of the job's heap for it; 0 for no bound of its own"),
            body(
                    "--backlog-max-bytes",
                    "config.backlog.max_bytes",
                    Kind.NUMBER,
                    "what may wait for it, as stored; 0 for no limit"),
            body(
                    "--backlog-max-age",
                    "config.backlog.max_age_seconds",
                    Kind.NUMBER,
                    "seconds; 0 for no limit"),
            body(
                    "--when-full",
                    "config.backlog.when_full",
                    Kind.TEXT,
                    "of more: Alarm or DropAndResync"),
            body("--existing-rows", "config.existing_rows", Kind.TEXT, "Fail or Replace")
        };
    }

    private static ApiOperation command(String verb, String operation, String help) {
        return replication(verb, operation, "POST", ONE + "/" + verb, help).with(REASON);
    }

    private static List<ApiOperation> commands() {
        return List.of(
                command("start", "startReplication", "Starts it, or resumes it after a pause."),
                command(
                        "pause",
                        "pauseReplication",
                        "Pauses it: changes are kept, none is applied."),
                command("stop", "stopReplication", "Stops it for good."),
                command("resync", "resyncReplication", "Copies the tenant anew."),
                command("retry", "retryReplication", "Tries again after an error."),
                command("skip", "skipChange", "Leaves out the change that the target refused.")
                        .with(
                                body(
                                        "--position",
                                        "position",
                                        Kind.TEXT,
                                        "the change; default the one that the error names")));
    }

    private static List<ApiOperation> journal() {
        return List.of(
                ApiOperation.of(
                                "",
                                "events",
                                "listEvents",
                                "GET",
                                ONE + "/events",
                                "Shows its events.")
                        .with(
                                query("--severity", "severity", Kind.TEXT, "only of it: Error, …"),
                                query("--type", "event_type", Kind.TEXT, "only of this type"))
                        .lists("created_at", "severity", "event_type", "actor", "message"),
                ApiOperation.of(
                                "",
                                "checkpoints",
                                "listCheckpoints",
                                "GET",
                                ONE + "/checkpoints",
                                "Shows the completed checkpoints of a replication.")
                        .lists("checkpoint_time", "lsn", "rows_replicated", "lag_seconds"),
                ApiOperation.of(
                                "",
                                "conflicts",
                                "listConflicts",
                                "GET",
                                ONE + "/conflicts",
                                "Shows the conflicts of a replication.")
                        .lists(
                                "detected_at",
                                "table_name",
                                "conflict_type",
                                "resolution",
                                "position"),
                ApiOperation.of(
                                "",
                                "quarantine",
                                "listQuarantine",
                                "GET",
                                ONE + "/quarantine",
                                "Shows the changes that the target refused.")
                        .lists("quarantined_at", "table_name", "operation", "sqlstate", "message"),
                ApiOperation.of(
                                "metrics",
                                "get",
                                "getReplicationMetrics",
                                "GET",
                                ONE + "/metrics",
                                "Shows the time series of a replication.")
                        .with(
                                FROM,
                                UNTIL,
                                query("--resolution", "resolution", Kind.TEXT, "1m, 5m, 1h …")),
                ApiOperation.of(
                                "metrics",
                                "aggregate",
                                "getAggregatedMetrics",
                                "GET",
                                "/v1/metrics/aggregate",
                                "Shows metrics over all replications.")
                        .with(query("--group-by", "group_by", Kind.TEXT, "qos_tier, tenant_id …"))
                        .with(FROM, UNTIL),
                ApiOperation.of(
                                "",
                                "audit",
                                "listAuditEvents",
                                "GET",
                                "/v1/audit-events",
                                "Shows who called what.")
                        .with(
                                query("--actor", "actor", Kind.TEXT, "only by this one"),
                                query(
                                        "--outcome",
                                        "outcome",
                                        Kind.TEXT,
                                        "Success, Refused, Failure"))
                        .lists("created_at", "actor", "method", "route", "outcome", "status"));
    }

    private static ApiOption[] grant() {
        return new ApiOption[] {
            body("--name", "name", Kind.TEXT, "for whom").needed(),
            body("--role", "role", Kind.TEXT, "Admin, Operator, ReadOnly, TenantAdmin").needed(),
            body("--tenant", "tenant_id", Kind.TEXT, "bound to this one"),
            body("--permissions", "permissions", Kind.LIST, "fewer than the role's"),
            body("--rate-tier", "rate_tier", Kind.TEXT, "Free, Standard, Premium, Enterprise")
        };
    }

    private static List<ApiOperation> access() {
        String keys = "/v1/api-keys";
        String clients = "/v1/oauth-clients";
        return List.of(
                ApiOperation.of(
                                "key",
                                "create",
                                "createApiKey",
                                "POST",
                                keys,
                                "Makes a key; shown once.")
                        .with(grant())
                        .with(body("--expires", "expires_at", Kind.TEXT, "time, ISO 8601")),
                ApiOperation.of("key", "list", "listApiKeys", "GET", keys, "Lists keys.")
                        .lists("id", "name", "role", "tenant_id", "last_used_at", "revoked_at"),
                ApiOperation.of(
                        "key",
                        "revoke",
                        "revokeApiKey",
                        "DELETE",
                        keys + "/{key_id}",
                        "Revokes it."),
                ApiOperation.of(
                                "client",
                                "create",
                                "createOAuthClient",
                                "POST",
                                clients,
                                "Makes an OAuth client; its secret is shown once.")
                        .with(grant()),
                ApiOperation.of(
                                "client",
                                "list",
                                "listOAuthClients",
                                "GET",
                                clients,
                                "Lists clients.")
                        .lists("client_id", "name", "role", "tenant_id", "revoked_at"),
                ApiOperation.of(
                        "client",
                        "revoke",
                        "revokeOAuthClient",
                        "DELETE",
                        clients + "/{client_id}",
                        "Revokes it, with its tokens."));
    }
}
