package io.heliosdb.replication.core.preflight.postgres;

import io.heliosdb.replication.core.preflight.CarriedTables;
import io.heliosdb.replication.core.preflight.CarriedTables.Carried;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.NullKeys;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.preflight.TableFacts;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether tenants have rows. Tables where the answer is cheap are asked first, each for all
 * tenants that are still open; what takes too long stays unknown and is told as such.
 */
final class TenantProbe implements NullKeys {

    /** Of all probes together; a single one ends by {@code statement_timeout}. */
    private static final Duration BUDGET = Duration.ofSeconds(60);

    /** SQLSTATE class of values that are none of the column's type. */
    private static final String DATA_EXCEPTION = "22";

    private static final Logger LOG = LoggerFactory.getLogger(TenantProbe.class);

    private final Connection connection;
    private final long startNanos = System.nanoTime();
    private final Set<ReplicationRule> unknown = new LinkedHashSet<>();

    TenantProbe(Connection connection) {
        this.connection = connection;
    }

    @Override
    public boolean exist(TableId table, String column) {
        try {
            return isSpent()
                    || exists(
                            "SELECT EXISTS (SELECT FROM "
                                    + table.quoted()
                                    + " WHERE "
                                    + TableId.quote(column)
                                    + " IS NULL)");
        } catch (SQLException e) {
            LOG.debug("rows without tenant not looked for table={} cause={}", table, e.toString());
            return true;
        }
    }

    /** One finding per rule for which no tenant has a row now. */
    List<Finding> findings(List<ReplicationRule> rules, CarriedTables carried) {
        Set<ReplicationRule> open = new LinkedHashSet<>();
        for (ReplicationRule rule : rules) {
            if (carried.hasAny(rule)) {
                open.add(rule);
            }
        }
        List<Carried> tables = new ArrayList<>(carried.all());
        tables.sort(
                Comparator.comparing((Carried it) -> !isIndexed(it))
                        .thenComparing(it -> it.table().pages()));
        for (Carried table : tables) {
            List<ReplicationRule> here =
                    open.stream().filter(rule -> CarriedTables.carries(rule, table)).toList();
            if (!here.isEmpty()) {
                probe(table, here).forEach(open::remove);
            }
        }
        return open.stream().map(this::finding).toList();
    }

    private static boolean isIndexed(Carried carried) {
        return carried.keyColumn() != null
                && carried.table().indexes().stream()
                        .map(TableFacts.Index::columns)
                        .anyMatch(it -> it.indexOf(carried.keyColumn()) == 0);
    }

    /** The rules of which some tenant has a row in the table. */
    private List<ReplicationRule> probe(Carried table, List<ReplicationRule> rules) {
        if (isSpent() || !table.table().access().select() || !table.table().access().usage()) {
            unknown.addAll(rules);
            return List.of();
        }
        List<ReplicationRule> found = new ArrayList<>();
        try {
            if (table.key() instanceof TenantKey.Whole) {
                // A schema is a tenant, whether there are rows or not.
                boolean rows = exists("SELECT EXISTS (SELECT FROM " + table.id().quoted() + ")");
                rules.stream().filter(it -> rows || it.isPattern()).forEach(found::add);
                return found;
            }
            Set<String> tenants = new TreeSet<>();
            for (ReplicationRule rule : rules) {
                if (!rule.isPattern()) {
                    tenants.add(rule.tenant());
                } else if (matches(table, rule.tenant())) {
                    found.add(rule);
                }
            }
            Set<String> present = present(table, tenants);
            rules.stream().filter(it -> present.contains(it.tenant())).forEach(found::add);
        } catch (SQLException e) {
            LOG.debug("tenants not looked for table={} cause={}", table.id(), e.toString());
            unknown.addAll(rules);
        }
        return found;
    }

    private Set<String> present(Carried table, Set<String> tenants) throws SQLException {
        if (tenants.isEmpty()) {
            return Set.of();
        }
        String column = TableId.quote(String.valueOf(table.keyColumn()));
        TableFacts.Column facts = table.table().column(String.valueOf(table.keyColumn()));
        // By the type's own equality, so that an index serves; and by output form, which is what
        // the stream carries and the tenant is found by.
        String sql =
                "SELECT tenant FROM unnest(?) AS t (tenant) WHERE EXISTS (SELECT FROM "
                        + table.id().quoted()
                        + " AS r WHERE r."
                        + column
                        + " = t.tenant::"
                        + (facts == null ? "text" : facts.type())
                        + " AND format('%s', r."
                        + column
                        + ") = t.tenant)";
        try {
            return strings(sql, tenants);
        } catch (SQLException e) {
            if (!String.valueOf(e.getSQLState()).startsWith(DATA_EXCEPTION)) {
                throw e;
            }
            if (tenants.size() == 1) {
                return Set.of();
            }
        }
        Set<String> present = new TreeSet<>();
        for (String tenant : tenants) {
            present.addAll(present(table, Set.of(tenant)));
        }
        return present;
    }

    private Set<String> strings(String sql, Set<String> values) throws SQLException {
        Set<String> found = new TreeSet<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setArray(1, connection.createArrayOf("text", values.toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    found.add(row.getString(1));
                }
            }
        }
        return found;
    }

    private boolean matches(Carried table, String pattern) throws SQLException {
        String column = TableId.quote(String.valueOf(table.keyColumn()));
        String like =
                pattern.replace("\\", "\\\\")
                        .replace("%", "\\%")
                        .replace("_", "\\_")
                        .replace('*', '%');
        return exists(
                "SELECT EXISTS (SELECT FROM "
                        + table.id().quoted()
                        + " WHERE "
                        + column
                        + " IS NOT NULL AND format('%s', "
                        + column
                        + ") LIKE ?)",
                like);
    }

    private boolean exists(String sql, String... arguments) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) {
                query.setString(i + 1, arguments[i]);
            }
            try (ResultSet row = query.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    private boolean isSpent() {
        return System.nanoTime() - startNanos > BUDGET.toNanos();
    }

    private Finding finding(ReplicationRule rule) {
        String subject = "replication " + rule.name();
        String who = (rule.isPattern() ? "pattern '" : "tenant '") + rule.tenant() + "'";
        if (unknown.contains(rule)) {
            return new Finding(
                    Severity.INFO,
                    ErrorCode.SOURCE_NOT_READY,
                    subject,
                    "it could not be told whether "
                            + who
                            + " has rows: not every table could be read in time",
                    List.of());
        }
        return rule.isPattern()
                ? new Finding(
                        Severity.INFO,
                        ErrorCode.CONFIG_INVALID,
                        subject,
                        who + " matches no tenant now; tenants that come later are replicated",
                        List.of())
                : new Finding(
                        Severity.WARNING,
                        ErrorCode.CONFIG_INVALID,
                        subject,
                        who + " has no row in any table: is the name right?",
                        List.of());
    }
}
