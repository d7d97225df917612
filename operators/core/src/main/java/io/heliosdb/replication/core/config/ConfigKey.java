package io.heliosdb.replication.core.config;

import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlTag;
import io.heliosdb.replication.model.config.JobConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every key of the configuration file, with default and meaning. The README's table is made of
 * this, and the reader takes its defaults from here, so the three cannot differ.
 *
 * <p>{@code []} in a path marks an entry of a list.
 */
enum ConfigKey {
    SOURCE_URL(
            "source.url", "text", "`jdbc:postgresql://host:port/database` of the source database"),
    SOURCE_USER(
            "source.user",
            "text",
            "a role with `REPLICATION` and `SELECT` on the tables and their sequences"),
    SOURCE_PASSWORD("source.password", "secret", "", "its password"),
    SOURCE_SLOT(
            "source.slot",
            "text",
            "the logical replication slot; created if missing; belongs to one job only"),
    SOURCE_PUBLICATION("source.publication", "text", "the publication with the tables"),
    SOURCE_HEARTBEAT(
            "source.heartbeat",
            "duration",
            Quantities.text(SourceConfig.DEFAULT_HEARTBEAT),
            "interval of the logical message that proves the path alive; 50ms to 1m"),
    SOURCE_STATUS(
            "source.status",
            "duration",
            Quantities.text(SourceConfig.DEFAULT_STATUS),
            "interval of our status replies, far below `wal_sender_timeout`; 100ms to 1m"),
    SOURCE_SYNCHRONOUS_TIMEOUT(
            "source.synchronous-timeout",
            "duration",
            Quantities.text(SourceConfig.DEFAULT_SYNCHRONOUS_TIMEOUT),
            "how long a commit waits for a `synchronous` replication before it goes on without;"
                    + " 100ms to 1m"),

    TENANCY_COLUMN(
            "tenancy.column",
            "text",
            "",
            "tenant key column of all tables that have it; one of `column`, `tables`,"
                    + " `schema-pattern` is needed"),
    TENANCY_TABLES(
            "tenancy.tables",
            "map",
            "",
            "`schema.table: column` for tables whose key column differs"),
    TENANCY_SCHEMA_PATTERN(
            "tenancy.schema-pattern",
            "text",
            "",
            "regular expression with one group, for a schema per tenant: `tenant_(.+)`"),
    TENANCY_REFERENCE_TABLES(
            "tenancy.reference-tables",
            "list",
            "",
            "tables without tenant, replicated whole as tenant `_reference`"),

    TARGET_NAME("targets[].name", "text", "as replications refer to it"),
    TARGET_URL("targets[].url", "text", "`jdbc:postgresql://host:port/database` of the target"),
    TARGET_USER("targets[].user", "text", "a role that may write the tables"),
    TARGET_PASSWORD("targets[].password", "secret", "", "its password"),
    TARGET_LANES(
            "targets[].lanes",
            "number",
            String.valueOf(TargetConfig.DEFAULT_LANES),
            "connections per parallel subtask; 1 to 64"),
    TARGET_MAX_BANDWIDTH(
            "targets[].max-bandwidth",
            "size",
            "0B",
            "bytes of changes per second that may go to it, before compression, of all its"
                    + " replications together; 0B for no bound, else 16KiB to 1TiB"),

    REPLICATION_NAME(
            "replications[].name", "text", "unique; with a tenant pattern each is `name/tenant`"),
    REPLICATION_TENANT(
            "replications[].tenant",
            "text",
            "a tenant, a pattern with `*`, or `_reference` for the reference tables"),
    REPLICATION_TARGET("replications[].target", "text", "name of a target"),
    REPLICATION_INCLUDE(
            "replications[].tables.include",
            "list",
            "",
            "`schema.table` patterns with `*`; without any, all tables are in"),
    REPLICATION_EXCLUDE(
            "replications[].tables.exclude", "list", "", "patterns of tables that are out"),
    REPLICATION_TIER(
            "replications[].tier",
            "best-effort, standard, premium, synchronous",
            "standard",
            "QoS class"),
    REPLICATION_PRIORITY(
            "replications[].priority",
            "number",
            String.valueOf(ReplicationRule.DEFAULT_PRIORITY),
            "0 to 100, higher first within a tier"),
    REPLICATION_MAX_LAG(
            "replications[].max-lag",
            "duration",
            "",
            "its lag limit; unless set, by the tier: 1s for premium and synchronous, 30s for"
                    + " standard, 5m for best-effort; 100ms to 24h"),
    REPLICATION_OWN_CONNECTION(
            "replications[].own-connection",
            "true, false",
            "false",
            "keeps a connection to the target for it alone, beside `targets[].lanes`; premium and"
                    + " synchronous only"),
    REPLICATION_MAX_BANDWIDTH(
            "replications[].max-bandwidth",
            "size",
            "0B",
            "bytes of changes per second that it may send to its target, before compression; 0B"
                    + " for no bound, else 16KiB to 1TiB"),
    REPLICATION_PAUSED(
            "replications[].paused", "true, false", "false", "keep changes, apply nothing"),
    REPLICATION_EXISTING_ROWS(
            "replications[].existing-rows",
            "fail, replace",
            "fail",
            "what the first copy does with rows of the tenant that the target already has"),
    REPLICATION_DDL(
            "replications[].ddl",
            "apply, pause, ignore",
            "apply",
            "what is done with DDL of the source: carried out at the target, stop and show the"
                    + " statements, or go on without"),
    REPLICATION_DDL_ALLOW(
            "replications[].ddl-allow",
            "list",
            "",
            "kinds of DDL that `apply` carries out; before others the replication stops and shows"
                    + " the statements; without it, all of them: "
                    + Arrays.stream(DdlTag.values())
                            .map(tag -> "`" + tag.text() + "`")
                            .collect(Collectors.joining(", "))),
    REPLICATION_COMPRESSION(
            "replications[].compression",
            "none, low, medium, high",
            "",
            "of what waits in state; unless set, by the tier: `low` for premium and synchronous,"
                    + " `medium` for standard, `high` for best-effort"),
    BACKLOG_MEMORY(
            "replications[].backlog.memory",
            "size",
            "",
            "heap that its changes that wait may take of `job.backlog-memory`; 1MiB to 1TiB"),
    BACKLOG_MAX_SIZE(
            "replications[].backlog.max-size",
            "size",
            Quantities.text(BacklogConfig.DEFAULT_MAX_BYTES),
            "limit of what waits, as it is in state; 0B for none, else 64KiB to 1PiB"),
    BACKLOG_MAX_AGE(
            "replications[].backlog.max-age",
            "duration",
            Quantities.text(BacklogConfig.DEFAULT_MAX_AGE),
            "limit of the age of the oldest that waits; 0s for none, else 1s to 365 days"),
    BACKLOG_WHEN_FULL(
            "replications[].backlog.when-full",
            "alarm, drop-and-resync",
            "alarm",
            "beyond a limit: go on growing and tell; or drop it, and compare and mend everything"
                    + " once the target can be written. The slot is never held up"),

    JOB_NAME("job.name", "text", JobConfig.DEFAULT_NAME, "name of the Flink job"),
    JOB_CHECKPOINT_DIRECTORY(
            "job.checkpoint-directory",
            "text",
            "URI or path for checkpoints and savepoints; relative to the file"),
    JOB_CHECKPOINT_INTERVAL(
            "job.checkpoint-interval",
            "duration",
            Quantities.text(JobConfig.DEFAULT_CHECKPOINT_INTERVAL),
            "how often; the source keeps WAL back to the last one; 100ms to 1h"),
    JOB_PARALLELISM("job.parallelism", "number", "1", "subtasks that apply; 1 to 128"),
    JOB_BACKLOG_MEMORY(
            "job.backlog-memory",
            "size",
            Quantities.text(JobConfig.DEFAULT_BACKLOG_MEMORY),
            "heap per subtask for changes that wait; more goes to Flink state; 1MiB to 1TiB"),
    JOB_TRANSACTION_PART(
            "job.transaction-part",
            "size",
            Quantities.text(JobConfig.DEFAULT_PART_BYTES),
            "a longer tenant transaction travels in parts; 1KiB to 64MiB"),
    JOB_SYNC_WORKERS(
            "job.sync-workers",
            "number",
            String.valueOf(JobConfig.DEFAULT_SYNC_WORKERS),
            "parallel readers of first copies, per subtask and target; each further group of"
                    + " copies (four at most) has one more; 1 to 64"),
    ENCRYPTION_MASTER_KEYS(
            "job.encryption.master-keys",
            "text",
            "",
            "file of `heliosdb-cli secret-keys new`: what waits in state is encrypted, with a data"
                    + " key per tenant; relative to the file"),
    ENCRYPTION_DATA_KEYS(
            "job.encryption.data-keys",
            "text",
            "keys",
            "directory of the data keys, each encrypted with the master key; the same for all"
                    + " TaskManagers; relative to the file"),

    CONTROL_SOURCE_CONNECTION(
            "control.source-connection",
            "text",
            "id of the connection in the store that this job reads from: one job per source"),
    CONTROL_STORE_URL(
            "control.store.url", "text", "`jdbc:postgresql://host:port/database` of the store"),
    CONTROL_STORE_USER(
            "control.store.user",
            "text",
            "a role with `REPLICATION`; what else it needs, a job that may not says with the statement"),
    CONTROL_STORE_PASSWORD("control.store.password", "secret", "", "its password"),
    CONTROL_STORE_SECRET_KEYS(
            "control.store.secret-keys",
            "secret",
            null,
            "the Tink keyset in JSON that secrets in the store are encrypted with, the same as of"
                    + " `serve`");

    /** Keys of the file that a job with a control store has, instead of the others but `job`. */
    private static final String CONTROL = "control";

    private final String path;
    private final String type;
    private final @Nullable String defaultText;
    private final String description;

    /** A required key. */
    ConfigKey(String path, String type, String description) {
        this(path, type, null, description);
    }

    ConfigKey(String path, String type, @Nullable String defaultText, String description) {
        this.path = path;
        this.type = type;
        this.defaultText = defaultText;
        this.description = description;
    }

    String path() {
        return path;
    }

    /** The last word of the path. */
    String key() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    String type() {
        return type;
    }

    /** Secrets may be empty, and are never shown. */
    boolean isSecret() {
        return type.equals("secret");
    }

    boolean required() {
        return defaultText == null;
    }

    /** In the form of the file; empty if there is none or the key is required. */
    String defaultText() {
        return defaultText == null ? "" : defaultText;
    }

    /** Whether it stands in the file of a job with a control store. */
    boolean isOfControl() {
        return path.startsWith(CONTROL + ".");
    }

    String description() {
        return description;
    }

    /** The keys that may stand in the section of that path ({@code ""} is the root). */
    static List<String> childrenOf(String section) {
        String prefix = section.isEmpty() ? "" : section + ".";
        List<String> children = new ArrayList<>();
        if (section.equals(CONTROL)) {
            children.add("job");
        }
        for (ConfigKey key : values()) {
            boolean ofThisFile = !section.isEmpty() || !key.isOfControl();
            if (ofThisFile && key.path.startsWith(prefix)) {
                String rest = key.path.substring(prefix.length());
                int dot = rest.indexOf('.');
                String child = (dot < 0 ? rest : rest.substring(0, dot)).replace("[]", "");
                if (!children.contains(child)) {
                    children.add(child);
                }
            }
        }
        return children;
    }
}
