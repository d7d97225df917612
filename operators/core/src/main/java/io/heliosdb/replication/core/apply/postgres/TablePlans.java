package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plans of one session, by fingerprint of the source's descriptor; the oldest give way. */
final class TablePlans {

    private static final Logger LOG = LoggerFactory.getLogger(TablePlans.class);
    private static final int MAX_PLANS = 2000;
    private static final int FIRST_USER_OID = 16384;

    private final Backend backend;
    private final Tenancy tenancy;
    private final Map<Long, TablePlan> plans =
            new LinkedHashMap<>(64, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, TablePlan> eldest) {
                    return size() > MAX_PLANS;
                }
            };

    TablePlans(Backend backend, Tenancy tenancy) {
        this.backend = backend;
        this.tenancy = tenancy;
    }

    /**
     * @throws Rejection TARGET_INCOMPATIBLE, naming the table, the column and the statement that
     *     mends it
     */
    TablePlan plan(long fingerprint, RelationDescriptor relation)
            throws StatementFailure, Rejection {
        TablePlan known = plans.get(fingerprint);
        if (known == null) {
            known = load(relation);
            plans.put(fingerprint, known);
        }
        return known;
    }

    /** Forgets what the catalog said. */
    void clear() {
        plans.clear();
    }

    private TablePlan load(RelationDescriptor relation) throws StatementFailure, Rejection {
        TargetTable target = read(relation.table());
        if (target == null) {
            throw new Rejection(
                    ErrorCode.TARGET_INCOMPATIBLE,
                    SqlStates.UNDEFINED_TABLE,
                    "table %s does not exist in the target; create it: %s"
                            .formatted(relation.table(), createTable(relation)));
        }
        for (RelationDescriptor.Column column : relation.columns()) {
            if (target.column(column.name()) == null) {
                throw new Rejection(
                        ErrorCode.TARGET_INCOMPATIBLE,
                        SqlStates.UNDEFINED_COLUMN,
                        "table %s has no column %s in the target; add it: ALTER TABLE %s ADD COLUMN %s"
                                .formatted(
                                        relation.table(),
                                        column.name(),
                                        relation.table().quoted(),
                                        definition(column)));
            }
        }
        TablePlan plan = new TablePlan(relation, target, tenant(relation));
        if (!plan.unique && (plan.keyed() || relation.replicaIdentity() == 'f')) {
            LOG.warn(
                    "no unique index finds rows: every update and delete scans the table table={}",
                    relation.table());
        }
        return plan;
    }

    private TenantKey tenant(RelationDescriptor relation) {
        return tenancy.keyOf(
                relation.table(),
                relation.columns().stream().map(RelationDescriptor.Column::name).toList());
    }

    private @Nullable TargetTable read(TableId table) throws StatementFailure, Rejection {
        List<TargetTable.Column> columns = new ArrayList<>();
        List<String> kinds =
                backend.select(
                        CatalogSql.COLUMNS,
                        row -> {
                            if (row.getString(2) != null) {
                                columns.add(
                                        new TargetTable.Column(
                                                row.getString(2),
                                                row.getString(3),
                                                !row.getString(4).isBlank(),
                                                row.getString(5).equals("a"),
                                                row.getBoolean(6),
                                                row.getString(7) == null
                                                        ? "="
                                                        : "OPERATOR(" + row.getString(7) + ".=)",
                                                row.getString(8),
                                                row.getBoolean(9)));
                            }
                            return row.getString(1);
                        },
                        table.schema(),
                        table.name());
        if (kinds.isEmpty()) {
            return null;
        }
        String kind = kinds.get(0);
        if (!kind.equals("r") && !kind.equals("p")) {
            throw new Rejection(
                    ErrorCode.TARGET_INCOMPATIBLE,
                    "42809",
                    "%s in the target is not a table (relkind %s)".formatted(table, kind));
        }
        List<List<String>> keys =
                backend.select(
                        CatalogSql.UNIQUE_KEYS,
                        row -> Arrays.asList((String[]) row.getArray(1).getArray()),
                        table.schema(),
                        table.name());
        return new TargetTable(table, kind.equals("p"), columns, keys);
    }

    private String createTable(RelationDescriptor relation) throws StatementFailure {
        List<String> parts = new ArrayList<>();
        for (RelationDescriptor.Column column : relation.columns()) {
            parts.add(definition(column));
        }
        if (relation.replicaIdentity() == 'd' && !relation.identityColumns().isEmpty()) {
            List<String> key = relation.identityColumns().stream().map(TableId::quote).toList();
            parts.add("PRIMARY KEY (" + String.join(", ", key) + ")");
        }
        return "CREATE TABLE %s (%s)"
                .formatted(relation.table().quoted(), String.join(", ", parts));
    }

    private String definition(RelationDescriptor.Column column) throws StatementFailure {
        String type =
                column.typeOid() < FIRST_USER_OID && column.typeOid() > 0
                        ? backend.select(
                                        CatalogSql.TYPE_NAME,
                                        row -> row.getString(1),
                                        (long) column.typeOid(),
                                        column.typeModifier())
                                .get(0)
                        : "<its type at the source>";
        return TableId.quote(column.name()) + " " + type;
    }
}
