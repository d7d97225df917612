package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.SchemaCheck;
import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.TypeDefinition;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a target hold the tables of a source: creates what is missing, checks what is there.
 *
 * <p>Idempotent, in one transaction, one creator at a time per target (advisory lock). Keys,
 * indexes and foreign keys of created tables are tried out, but left to {@link PendingDdl} until
 * the rows are loaded. What exists is never altered.
 */
public final class TargetSchema {

    private static final Logger LOG = LoggerFactory.getLogger(TargetSchema.class);

    private final Ddl ddl;
    private final Catalog source;
    private final Map<TableId, PublishedTable> published = new HashMap<>();
    private final Map<TableId, TableDefinition> existing;
    private final MissingTables trees;
    private final Set<TableId> created = new LinkedHashSet<>();
    private final Map<TableId, String> rejected = new HashMap<>();
    private final NewPlaces places;

    private TargetSchema(
            Ddl ddl,
            Catalog source,
            Collection<PublishedTable> tables,
            Map<TableId, TableDefinition> existing) {
        this.ddl = ddl;
        this.source = source;
        this.existing = existing;
        tables.forEach(table -> published.put(table.table(), table));
        this.trees = new MissingTables(source, published.keySet(), existing);
        this.places = new NewPlaces(source, existing, trees, created, rejected.keySet());
    }

    /**
     * What came of it.
     *
     * @param created tables that did not exist before
     * @param rejected published tables that cannot be replicated to, each with the reason and the
     *     way out
     */
    public record Outcome(Set<TableId> created, Map<TableId, String> rejected) {
        public Outcome {
            created = Set.copyOf(created);
            rejected = Map.copyOf(rejected);
        }
    }

    /**
     * Ensures these published tables.
     *
     * @param target a session with autocommit off, {@code search_path = pg_catalog}, and no
     *     transaction open; the work is committed
     * @param replicated the tables to which foreign keys may point
     * @throws ReplicationException TARGET_NOT_READY if nothing can be created at all
     */
    public static Outcome ensure(
            Connection target,
            Catalog source,
            Collection<PublishedTable> tables,
            Set<TableId> replicated)
            throws SQLException {
        Ddl ddl = new Ddl(target);
        try {
            ddl.run(TargetSql.LOCK);
            if (!ddl.exists(TargetSql.SCHEMA_EXISTS, "heliosdb")) {
                ddl.require(TargetSql.CREATE_HELIOSDB_SCHEMA);
            }
            ddl.require(TargetSql.CREATE_PENDING_DDL);
            TargetSchema schema =
                    new TargetSchema(
                            ddl,
                            source,
                            tables,
                            CatalogReader.tables(target, source.tables().keySet()));
            Outcome outcome = schema.ensure(replicated);
            target.commit();
            return outcome;
        } catch (SQLException | RuntimeException e) {
            ddl.rollback(e);
            throw e;
        }
    }

    /**
     * Brings types, sequences and extensions that tables of the source need to where the source's
     * are, so that columns of them can be added. What the target refuses is left to {@link
     * #ensure}.
     *
     * @param target as there
     */
    public static void alignTypes(Connection target, Catalog source) throws SQLException {
        Ddl ddl = new Ddl(target);
        try {
            ddl.run(TargetSql.LOCK);
            new TargetSchema(ddl, source, List.of(), Map.of()).createSurroundings(List.of());
            for (TypeDefinition type : source.types()) {
                ddl.tryAll(List.copyOf(EnumLabels.additions(ddl, type).values()));
            }
            target.commit();
        } catch (ReplicationException e) {
            ddl.rollback(e);
            LOG.warn("types not brought to where the source's are cause={}", e.getMessage());
        } catch (SQLException e) {
            ddl.rollback(e);
            throw e;
        }
    }

    private Outcome ensure(Set<TableId> replicated) throws SQLException {
        for (PublishedTable table : published.values()) {
            checkExisting(table);
        }
        List<TableDefinition> missing = trees.find();
        if (!missing.isEmpty()) {
            createSurroundings(missing);
            for (TableDefinition table : missing) {
                create(table);
            }
            for (TableDefinition table : missing) {
                place(table);
            }
            ownSequences();
            for (TableDefinition table : missing) {
                if (created.contains(table.id())) {
                    remember(table, replicated);
                }
            }
            LOG.info("target tables created tables={}", created);
        }
        Map<TableId, String> rejectedPublished = new HashMap<>();
        rejected.forEach(
                (table, reason) ->
                        trees.relatives(table)
                                .forEach(it -> rejectedPublished.putIfAbsent(it, reason)));
        return new Outcome(created, rejectedPublished);
    }

    private void checkExisting(PublishedTable table) throws SQLException {
        TableDefinition wanted = source.tables().get(table.table());
        TableDefinition found = existing.get(table.table());
        if (wanted == null || found == null) {
            return;
        }
        List<String> problems = new ArrayList<>();
        SchemaCheck.compare(table, wanted, found).forEach(it -> problems.add(it.toString()));
        problems.addAll(EnumLabels.missing(ddl, source, wanted, table.columns()));
        if (!problems.isEmpty()) {
            rejected.put(table.table(), String.join("\n", problems));
        }
    }

    private void createSurroundings(List<TableDefinition> missing) throws SQLException {
        Set<String> schemas = new TreeSet<>();
        missing.forEach(table -> schemas.add(table.id().schema()));
        source.types().forEach(type -> schemas.add(type.id().schema()));
        source.sequences().forEach(sequence -> schemas.add(sequence.id().schema()));
        source.extensions().forEach(extension -> schemas.add(extension.schema()));
        for (String schema : schemas) {
            if (!ddl.exists(TargetSql.SCHEMA_EXISTS, schema)) {
                ddl.require("CREATE SCHEMA " + TableId.quote(schema));
            }
        }
        for (Catalog.Extension extension : source.extensions()) {
            if (!ddl.exists(TargetSql.EXTENSION_EXISTS, extension.name())) {
                ddl.require(
                        "CREATE EXTENSION IF NOT EXISTS "
                                + TableId.quote(extension.name())
                                + " SCHEMA "
                                + TableId.quote(extension.schema())
                                + " CASCADE");
            }
        }
        createTypes();
        for (SequenceDefinition sequence : source.sequences()) {
            TableId id = sequence.id();
            if (!sequence.ofIdentity()
                    && !ddl.exists(TargetSql.SEQUENCE_EXISTS, id.schema(), id.name())) {
                ddl.require(TableDdl.createSequence(sequence));
            }
        }
    }

    /** Types may depend on each other: creates what can be, until nothing more can. */
    private void createTypes() throws SQLException {
        List<TypeDefinition> open = new ArrayList<>();
        for (TypeDefinition type : source.types()) {
            if (!ddl.exists(TargetSql.TYPE_EXISTS, type.id().schema(), type.id().name())) {
                open.add(type);
            }
        }
        while (!open.isEmpty()) {
            List<TypeDefinition> failed = new ArrayList<>();
            String reason = "";
            for (TypeDefinition type : open) {
                String problem = ddl.tryAll(List.of(type.statement()));
                if (problem != null) {
                    failed.add(type);
                    reason = problem;
                }
            }
            if (failed.size() == open.size()) {
                throw new ReplicationException(ErrorCode.TARGET_NOT_READY, reason);
            }
            open = failed;
        }
    }

    /** Creates the bare table, and tries its indexes while that costs nothing. */
    private void create(TableDefinition table) throws SQLException {
        if (table.unlogged()) {
            rejected.put(
                    table.id(),
                    "source table "
                            + table.id()
                            + " is unlogged and cannot be replicated; mend it in the source with: "
                            + "ALTER TABLE "
                            + table.id().quoted()
                            + " SET LOGGED;");
            return;
        }
        String problem =
                ddl.tryAndRehearse(
                        TableDdl.createTable(table, source),
                        concat(
                                TableDdl.uncheckedConstraints(table),
                                TableDdl.keysAndIndexes(table)));
        if (problem == null) {
            created.add(table.id());
        } else {
            rejected.put(table.id(), problem);
        }
    }

    private void place(TableDefinition table) throws SQLException {
        if (created.contains(table.id())) {
            String problem =
                    ddl.tryAll(
                            concat(
                                    places.checksAtOnce(table),
                                    TableDdl.place(places.placed(table))));
            if (problem != null) {
                rejected.put(table.id(), problem);
            }
        }
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private void ownSequences() throws SQLException {
        for (SequenceDefinition sequence : source.sequences()) {
            SequenceDefinition.Owner owner = sequence.owner();
            if (owner != null && !sequence.ofIdentity() && created.contains(owner.table())) {
                String problem = ddl.tryAll(List.of(TableDdl.ownSequence(sequence, owner)));
                if (problem != null) {
                    rejected.put(owner.table(), problem);
                }
            }
        }
    }

    private void remember(TableDefinition table, Set<TableId> replicated) throws SQLException {
        PendingDdl pending = new PendingDdl(ddl.connection());
        TableId root = source.rootOf(table.id());
        boolean joined = places.joinsExisting(table);
        TableDefinition indexed = joined ? table.withoutInheritedIndexes() : table;
        for (String statement :
                concat(places.checksBehindRows(table), TableDdl.keysAndIndexes(indexed))) {
            pending.add(root, "index", table.id(), null, statement);
        }
        if (places.fitsParent(table) && !joined) {
            for (String statement : TableDdl.attachIndexes(table)) {
                pending.add(root, "index", table.id(), null, statement);
            }
        }
        for (TableDefinition.Constraint constraint : table.constraints()) {
            TableId other = constraint.references();
            if (other != null
                    && (replicated.contains(other) || source.tables().containsKey(other))) {
                pending.add(
                        root,
                        "foreign-key",
                        table.id(),
                        other,
                        TableDdl.addForeignKey(table, constraint));
                String validate = TableDdl.validate(table, constraint);
                if (validate != null) {
                    pending.add(root, "validate", table.id(), other, validate);
                }
            }
        }
    }
}
