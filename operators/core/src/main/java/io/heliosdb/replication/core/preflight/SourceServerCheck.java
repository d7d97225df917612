package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.SourceConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges the settings of the source's server, the role, and the slot. */
public final class SourceServerCheck {

    static final String PLUGIN = "pgoutput";

    private final SourceConfig config;
    private final SourceServerFacts facts;
    private final List<Finding> findings = new ArrayList<>();

    private SourceServerCheck(SourceConfig config, SourceServerFacts facts) {
        this.config = config;
        this.facts = facts;
    }

    /** Version, settings and role: what comes before everything else. */
    public static List<Finding> checkServer(SourceConfig config, SourceServerFacts facts) {
        SourceServerCheck check = new SourceServerCheck(config, facts);
        check.server();
        check.settings();
        return check.findings;
    }

    /** The slot, which is made last. */
    public static List<Finding> checkSlot(SourceConfig config, SourceServerFacts facts) {
        SourceServerCheck check = new SourceServerCheck(config, facts);
        SourceServerFacts.Slot slot = facts.slot();
        if (slot == null) {
            check.roomForSlot();
        } else {
            check.slot(slot);
        }
        return check.findings;
    }

    private void error(String message, String... fix) {
        findings.add(Finding.error(ErrorCode.SOURCE_NOT_READY, "source", message, fix));
    }

    private void warning(String message, String... fix) {
        findings.add(Finding.warning(ErrorCode.SOURCE_NOT_READY, "source", message, fix));
    }

    private void server() {
        ServerFacts server = facts.server();
        if (server.isTooOld()) {
            error("PostgreSQL " + server.versionText() + " is too old: 15 is the least");
        }
        if (server.inRecovery()) {
            error("is a standby, but the heartbeat has to be written: use the primary");
        }
        if (!facts.canReplicate()) {
            error(
                    "role " + TableId.quote(server.role()) + " may not read the WAL",
                    "ALTER ROLE " + TableId.quote(server.role()) + " REPLICATION;");
        }
    }

    private void settings() {
        if (!facts.walLevel().equals("logical")) {
            error(
                    "wal_level is "
                            + facts.walLevel()
                            + ", it must be logical (the server has to be restarted after this)",
                    "ALTER SYSTEM SET wal_level = 'logical';");
        }
        if (facts.senders() >= facts.maxSenders()) {
            error(
                    "all "
                            + facts.maxSenders()
                            + " WAL senders are in use (the server has to be restarted after this)",
                    "ALTER SYSTEM SET max_wal_senders = " + (facts.maxSenders() + 10) + ";");
        }
        if (facts.slotWalKeepMegabytes() < 0) {
            warning(
                    "max_slot_wal_keep_size is -1: if the job stays away, the WAL it has not read"
                            + " fills the disk (choose what the disk can spare)",
                    "ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';",
                    "SELECT pg_reload_conf();");
        }
        boolean limited = !facts.walSenderTimeout().isZero();
        if (limited && config.status().multipliedBy(2).compareTo(facts.walSenderTimeout()) > 0) {
            warning(
                    "wal_sender_timeout is "
                            + facts.walSenderTimeout().toMillis()
                            + " ms, which is less than twice source.status ("
                            + config.status().toMillis()
                            + " ms): the connection may be cut for silence");
        }
    }

    private void roomForSlot() {
        if (facts.slots() >= facts.maxSlots()) {
            error(
                    "all "
                            + facts.maxSlots()
                            + " replication slots are taken, slot '"
                            + config.slot()
                            + "' cannot be created (the server has to be restarted after this)",
                    "ALTER SYSTEM SET max_replication_slots = " + (facts.maxSlots() + 10) + ";");
        }
    }

    private void slot(SourceServerFacts.Slot slot) {
        String subject = "source slot " + slot.name();
        String drop = "SELECT pg_drop_replication_slot(" + literal(slot.name()) + ");";
        // Before the drop, which fails while somebody reads.
        if (slot.reader() != 0) {
            findings.add(
                    Finding.error(
                            ErrorCode.SLOT_IN_USE,
                            subject,
                            "is being read by process "
                                    + slot.reader()
                                    + slot.readerName()
                                    + ": stop that job first, or choose another slot; if it is"
                                    + " dead, end its session",
                            "SELECT pg_terminate_backend(" + slot.reader() + ");"));
        }
        String problem = unusable(slot);
        if (problem != null) {
            findings.add(
                    isLost(slot)
                            ? Finding.error(ErrorCode.SLOT_UNUSABLE, subject, problem)
                            : Finding.error(ErrorCode.SLOT_UNUSABLE, subject, problem, drop));
        }
        if ("unreserved".equals(slot.walStatus())) {
            findings.add(
                    Finding.warning(
                            ErrorCode.SLOT_UNUSABLE,
                            subject,
                            "is about to be lost: the WAL it needs exceeds"
                                    + " max_slot_wal_keep_size and goes at the next checkpoint"));
        }
    }

    private @Nullable String unusable(SourceServerFacts.Slot slot) {
        String way = ": choose another slot name, or drop it if nobody needs it";
        if (slot.plugin() == null) {
            return "is a physical slot, a logical one is needed" + way;
        }
        if (!slot.plugin().equals(PLUGIN)) {
            return "uses plugin " + slot.plugin() + ", " + PLUGIN + " is needed" + way;
        }
        if (!facts.server().database().equals(slot.database())) {
            return "belongs to database "
                    + slot.database()
                    + ", not to "
                    + facts.server().database()
                    + way;
        }
        if (isLost(slot)) {
            return "is lost: WAL that it needs has been removed. Replace it and compare and mend all replications:"
                    + " heliosdb-cli resync --all";
        }
        return null;
    }

    private static boolean isLost(SourceServerFacts.Slot slot) {
        return "lost".equals(slot.walStatus()) && PLUGIN.equals(slot.plugin());
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
