package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.TargetConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Judges the server of a target and what the role may do there. */
public final class TargetServerCheck {

    private static final String BOOKKEEPING = "heliosdb";

    private final String subject;
    private final TargetServerFacts facts;
    private final String role;
    private final List<Finding> findings = new ArrayList<>();

    private TargetServerCheck(TargetConfig target, TargetServerFacts facts) {
        this.subject = "target " + target.name();
        this.facts = facts;
        this.role = TableId.quote(facts.server().role());
    }

    /**
     * @param source null if it could not be reached
     * @param before targets that were checked before, by name
     */
    public static List<Finding> check(
            TargetConfig target,
            TargetServerFacts facts,
            @Nullable ServerFacts source,
            Map<String, ServerFacts> before,
            PipelineConfig config) {
        TargetServerCheck check = new TargetServerCheck(target, facts);
        check.server();
        if (source != null) {
            check.comparedWith(source);
            check.feeds(target, config.replications(), source);
        }
        before.forEach(check::comparedWithTarget);
        check.rights();
        check.bookkeeping();
        check.origins(target.lanes() * config.job().parallelism());
        return check.findings;
    }

    private void error(String message, String... fix) {
        findings.add(Finding.error(ErrorCode.TARGET_NOT_READY, subject, message, fix));
    }

    private void warning(String message, String... fix) {
        findings.add(Finding.warning(ErrorCode.TARGET_NOT_READY, subject, message, fix));
    }

    private void server() {
        ServerFacts server = facts.server();
        if (server.isTooOld()) {
            error("PostgreSQL " + server.versionText() + " is too old: 15 is the least");
        }
        if (server.inRecovery()) {
            error("is a standby and read only: name the primary, or promote it");
        } else if (server.readOnly()) {
            error(
                    "is read only: default_transaction_read_only is on (set it off where it was"
                            + " set: server, database or role)",
                    "SET default_transaction_read_only = off;",
                    "ALTER ROLE "
                            + role
                            + " IN DATABASE "
                            + TableId.quote(server.database())
                            + " SET default_transaction_read_only = off;");
        }
    }

    private void comparedWith(ServerFacts source) {
        ServerFacts server = facts.server();
        if (server.isSameDatabase(source)) {
            error("is the source itself: tenants would be written over with their own changes");
        }
        boolean unchecked = source.encoding().equals("SQL_ASCII");
        boolean holdsEverything = server.encoding().equals("UTF8") && !unchecked;
        if (!server.encoding().equals(source.encoding()) && !holdsEverything) {
            error(
                    "has encoding "
                            + server.encoding()
                            + ", the source "
                            + source.encoding()
                            + ": not every text of the source can be stored. Create the database"
                            + " anew with the encoding of the source"
                            + (unchecked ? "" : ", or UTF8"));
        }
    }

    private void comparedWithTarget(String name, ServerFacts other) {
        if (facts.server().isSameDatabase(other)) {
            warning(
                    "is the same database as target "
                            + name
                            + ": a tenant that goes to both is written twice");
        }
    }

    /** Rows and positions of two sources do not fit together; the lane would refuse as well. */
    private void feeds(TargetConfig target, List<ReplicationRule> rules, ServerFacts source) {
        facts.feeds()
                .forEach(
                        (replication, feed) -> {
                            boolean ours =
                                    rules.stream()
                                            .filter(it -> it.target().equals(target.name()))
                                            .anyMatch(it -> isOf(it, replication));
                            if (ours && !feed.equals(source.identity())) {
                                error(
                                        "replication "
                                                + replication
                                                + " was fed from source "
                                                + feed
                                                + ", this is "
                                                + source.identity()
                                                + ": choose another name or target; or delete its"
                                                + " rows in the target, and then its progress",
                                        forget("table_sync", replication),
                                        forget("replication_progress", replication));
                            }
                        });
    }

    private static boolean isOf(ReplicationRule rule, String replication) {
        return rule.isPattern()
                ? replication.startsWith(rule.name() + "/")
                : replication.equals(rule.name());
    }

    private static String forget(String table, String replication) {
        return "DELETE FROM heliosdb."
                + table
                + " WHERE replication_id = '"
                + replication.replace("'", "''")
                + "';";
    }

    private void rights() {
        if (!facts.setsReplicationRole()) {
            error(
                    "role "
                            + role
                            + " may not set session_replication_role, which keeps triggers and"
                            + " foreign keys from firing twice",
                    "GRANT SET ON PARAMETER session_replication_role TO " + role + ";");
        }
    }

    private void bookkeeping() {
        Boolean creates = facts.schemas().get(BOOKKEEPING);
        if (creates == null && !facts.createsSchemas()) {
            error(
                    "role "
                            + role
                            + " may not create schema "
                            + BOOKKEEPING
                            + ", where progress is"
                            + " kept",
                    "CREATE SCHEMA " + BOOKKEEPING + " AUTHORIZATION " + role + ";");
        } else if (Boolean.FALSE.equals(creates)) {
            error(
                    "role " + role + " may not create tables in schema " + BOOKKEEPING,
                    "GRANT USAGE, CREATE ON SCHEMA " + BOOKKEEPING + " TO " + role + ";");
        }
        if (!facts.bookkeepingWritable()) {
            error(
                    "role " + role + " may not write the tables of schema " + BOOKKEEPING,
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
                            + BOOKKEEPING
                            + " TO "
                            + role
                            + ";");
        }
    }

    private void origins(int sessions) {
        if (!facts.forbiddenFunctions().isEmpty()) {
            warning(
                    "role "
                            + role
                            + " may not mark its writes with a replication origin: they cannot be"
                            + " told apart from local ones",
                    facts.forbiddenFunctions().stream()
                            .map(it -> "GRANT EXECUTE ON FUNCTION " + it + " TO " + role + ";")
                            .toArray(String[]::new));
        }
        if (facts.maxOrigins() < sessions) {
            warning(
                    "only "
                            + facts.maxOrigins()
                            + " replication origins can be active, but lanes times parallelism is "
                            + sessions
                            + " (the server has to be restarted after this)",
                    "ALTER SYSTEM SET "
                            + (facts.server().version() >= 180000
                                    ? "max_active_replication_origins"
                                    : "max_replication_slots")
                            + " = "
                            + (sessions + 10)
                            + ";");
        }
    }
}
