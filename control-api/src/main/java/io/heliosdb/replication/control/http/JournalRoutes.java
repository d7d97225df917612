package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.AuditEvent;
import io.heliosdb.replication.control.access.Permission;
import io.heliosdb.replication.control.access.postgres.AuditRepository;
import io.heliosdb.replication.control.http.CommonBodies.AuditPage;
import io.heliosdb.replication.control.http.CommonBodies.CheckpointPage;
import io.heliosdb.replication.control.http.CommonBodies.ConflictPage;
import io.heliosdb.replication.control.http.CommonBodies.EventPage;
import io.heliosdb.replication.control.http.CommonBodies.Pagination;
import io.heliosdb.replication.control.http.CommonBodies.QuarantinePage;
import io.heliosdb.replication.control.http.Route.Method;
import io.heliosdb.replication.control.http.Route.Tenancy;
import io.heliosdb.replication.control.journal.Journal;
import io.heliosdb.replication.control.journal.postgres.JournalRepository;
import io.heliosdb.replication.control.journal.postgres.JournalRepository.Page;
import io.heliosdb.replication.control.json.EnumNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened: to a replication, and who asked for what. */
final class JournalRoutes {

    private static final String ONE = "/v1/replications/{replication_id}";
    private static final List<String> SEVERITIES = List.of("Info", "Warning", "Error", "Critical");

    private final JournalRepository journal;
    private final AuditRepository audit;

    JournalRoutes(JournalRepository journal, AuditRepository audit) {
        this.journal = journal;
        this.audit = audit;
    }

    List<Route> all() {
        return List.of(
                list("/events", "listEvents", "Events, newest first", Permission.VIEW_REPLICATION)
                        .choice("severity", SEVERITIES, null, "only of it")
                        .text("event_type", "only of this type")
                        .replies(200, EventPage.class)
                        .by(this::events),
                list(
                                "/checkpoints",
                                "listCheckpoints",
                                "Completed checkpoints, newest first",
                                Permission.VIEW_REPLICATION)
                        .replies(200, CheckpointPage.class)
                        .by(this::checkpoints),
                list(
                                "/conflicts",
                                "listConflicts",
                                "Conflicts with both rows",
                                Permission.VIEW_ROWS)
                        .replies(200, ConflictPage.class)
                        .by(this::conflicts),
                list(
                                "/quarantine",
                                "listQuarantine",
                                "Changes that the target refused",
                                Permission.VIEW_ROWS)
                        .replies(200, QuarantinePage.class)
                        .by(this::quarantine),
                new RouteBuilder(
                                Method.GET,
                                "/v1/audit-events",
                                "listAuditEvents",
                                "Access",
                                "Mutating and refused calls, newest first")
                        .on("audit")
                        .needs(Permission.VIEW_AUDIT, Tenancy.GLOBAL)
                        .text("actor", "only by this one")
                        .choice(
                                "outcome",
                                EnumNames.all(AuditEvent.Outcome.class),
                                null,
                                "only with it")
                        .pages()
                        .replies(200, AuditPage.class)
                        .by(this::audit));
    }

    private static RouteBuilder list(
            String path, String operation, String summary, Permission permission) {
        return new RouteBuilder(Method.GET, ONE + path, operation, "Journal", summary)
                .on("replication")
                .needs(permission, Tenancy.OF_REPLICATION)
                .pages();
    }

    private Object events(Call call) {
        Call.Paging paging = call.paging();
        @Nullable String severity =
                call.text("severity").isEmpty()
                        ? null
                        : ReplicationRoutes.oneOf(call, "severity", SEVERITIES, null);
        Page<Journal.Event> page =
                journal.events(
                        call.id("replication_id", "replication"),
                        severity,
                        call.text("event_type").orElse(null),
                        paging.offset(),
                        paging.size());
        return new EventPage(page.items(), Pagination.of(paging, page.total()));
    }

    private Object checkpoints(Call call) {
        Call.Paging paging = call.paging();
        Page<Journal.Checkpoint> page =
                journal.checkpoints(
                        call.id("replication_id", "replication"), paging.offset(), paging.size());
        return new CheckpointPage(page.items(), Pagination.of(paging, page.total()));
    }

    private Object conflicts(Call call) {
        Call.Paging paging = call.paging();
        Page<Journal.Conflict> page =
                journal.conflicts(
                        call.id("replication_id", "replication"), paging.offset(), paging.size());
        return new ConflictPage(page.items(), Pagination.of(paging, page.total()));
    }

    private Object quarantine(Call call) {
        Call.Paging paging = call.paging();
        Page<Journal.Refused> page =
                journal.quarantine(
                        call.id("replication_id", "replication"), paging.offset(), paging.size());
        return new QuarantinePage(page.items(), Pagination.of(paging, page.total()));
    }

    private Object audit(Call call) {
        Call.Paging paging = call.paging();
        @Nullable String actor = call.text("actor").orElse(null);
        AuditEvent.@Nullable Outcome outcome =
                call.choice("outcome", AuditEvent.Outcome.class).orElse(null);
        return new AuditPage(
                audit.list(actor, outcome, paging.offset(), paging.size()),
                Pagination.of(paging, audit.count(actor, outcome)));
    }
}
