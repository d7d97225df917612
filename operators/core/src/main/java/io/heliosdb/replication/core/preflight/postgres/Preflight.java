package io.heliosdb.replication.core.preflight.postgres;

import io.heliosdb.replication.core.postgres.Connections;
import io.heliosdb.replication.core.postgres.Connections.Endpoint;
import io.heliosdb.replication.core.preflight.CarriedTables;
import io.heliosdb.replication.core.preflight.CatalogFacts;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.NamesCheck;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.PublicationCheck;
import io.heliosdb.replication.core.preflight.PublicationFacts;
import io.heliosdb.replication.core.preflight.SequencesCheck;
import io.heliosdb.replication.core.preflight.ServerFacts;
import io.heliosdb.replication.core.preflight.Severity;
import io.heliosdb.replication.core.preflight.SourceServerCheck;
import io.heliosdb.replication.core.preflight.SourceServerFacts;
import io.heliosdb.replication.core.preflight.SourceTablesCheck;
import io.heliosdb.replication.core.preflight.SynchronousCheck;
import io.heliosdb.replication.core.preflight.TargetServerCheck;
import io.heliosdb.replication.core.preflight.TargetServerFacts;
import io.heliosdb.replication.core.preflight.TargetTablesCheck;
import io.heliosdb.replication.core.schema.TableDefinition;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.core.sequence.postgres.SourceSequences;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.SourceConfig;
import io.heliosdb.replication.model.config.TargetConfig;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the source and all targets of a configuration, and changes nothing in them.
 *
 * <p>A database that cannot be reached is a finding like others; the rest is still checked. Takes
 * at most about a minute where tenants are hard to find, else well below a second per database.
 */
public final class Preflight {

    private static final Logger LOG = LoggerFactory.getLogger(Preflight.class);
    private static final String APPLICATION = "heliosdb-check";

    private static final Finding DDL_NOT_CAPTURED =
            new Finding(
                    Severity.INFO,
                    ErrorCode.SOURCE_NOT_READY,
                    "source",
                    "DDL is not captured: what it changes must be carried out at the targets by hand."
                            + " 'heliosdb-cli ddl-capture' prints the SQL that a superuser runs here"
                            + " once",
                    List.of());

    private final PipelineConfig config;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, ServerFacts> targets = new TreeMap<>();
    private @Nullable SourcePicture source;

    private Preflight(PipelineConfig config) {
        this.config = config;
    }

    /** What the source showed, for comparison with the targets. */
    private record SourcePicture(
            ServerFacts server, CarriedTables carried, Map<TableId, TableDefinition> definitions) {}

    /** Checks everything; never throws for what it finds. */
    public static PreflightReport check(PipelineConfig config) {
        Preflight preflight = new Preflight(config);
        preflight.source();
        config.targets().forEach(preflight::target);
        PreflightReport report = new PreflightReport(preflight.findings);
        LOG.info(
                "preflight done errors={} warnings={}",
                report.count(Severity.ERROR),
                report.count(Severity.WARNING));
        return report;
    }

    /** Checks the source only: for a database that is registered before its targets are. */
    public static PreflightReport checkSource(PipelineConfig config) {
        Preflight preflight = new Preflight(config);
        preflight.source();
        return new PreflightReport(preflight.findings);
    }

    /** Checks the targets only, without comparing their tables with the source's. */
    public static PreflightReport checkTargets(PipelineConfig config) {
        Preflight preflight = new Preflight(config);
        config.targets().forEach(preflight::target);
        return new PreflightReport(preflight.findings);
    }

    private void source() {
        SourceConfig itsConfig = config.source();
        try (Connection connection =
                Connections.open(itsConfig.database(), APPLICATION, Endpoint.SOURCE)) {
            source(connection, itsConfig);
        } catch (ReplicationException e) {
            findings.add(ConnectionFinding.of("source", itsConfig.database(), Endpoint.SOURCE, e));
        } catch (SQLException e) {
            findings.add(aborted("source", ErrorCode.SOURCE_NOT_READY, e));
        }
    }

    private void source(Connection connection, SourceConfig itsConfig) throws SQLException {
        execute(connection, PreflightSql.BE_CAREFUL);
        FactsReader reader = new FactsReader(connection);
        ServerFacts server = reader.server();
        execute(connection, PreflightSql.READ_ONLY);
        SourceServerFacts facts = reader.sourceServer(server, itsConfig.slot(), this::canReplicate);
        findings.addAll(SourceServerCheck.checkServer(itsConfig, facts));
        if (server.isTooOld()) {
            return;
        }
        CatalogFacts catalog = reader.catalog();
        PublicationFacts publication = reader.publication(itsConfig.publication());
        CarriedTables carried = new CarriedTables(config, catalog, publication);
        TenantProbe probe = new TenantProbe(connection);
        findings.addAll(NamesCheck.check(config, catalog, carried));
        findings.addAll(
                SourceTablesCheck.check(catalog, carried, publication, server.role(), probe));
        findings.addAll(PublicationCheck.check(itsConfig.publication(), publication, carried));
        if (publication != null) {
            findings.addAll(
                    SequencesCheck.check(
                            SourceSequences.unreadable(connection, itsConfig.publication()),
                            server.role()));
        }
        findings.addAll(SourceServerCheck.checkSlot(itsConfig, facts));
        if (config.replications().stream().anyMatch(it -> it.tier() == Tier.SYNCHRONOUS)) {
            findings.addAll(SynchronousCheck.check(itsConfig, reader.synchronous()));
        }
        if (!reader.capturesDdl()) {
            findings.add(DDL_NOT_CAPTURED);
        }
        findings.addAll(probe.findings(config.replications(), carried));
        source =
                new SourcePicture(
                        server, carried, CatalogReader.tables(connection, idsOf(carried.all())));
    }

    private boolean canReplicate() {
        try (Connection connection =
                Connections.openReplication(config.source().database(), APPLICATION)) {
            return connection.isValid(1);
        } catch (ReplicationException | SQLException e) {
            LOG.debug("no replication connection cause={}", e.toString());
            return false;
        }
    }

    private void target(TargetConfig target) {
        String subject = "target " + target.name();
        try (Connection connection =
                Connections.open(target.database(), APPLICATION, Endpoint.TARGET)) {
            target(connection, target);
        } catch (ReplicationException e) {
            findings.add(ConnectionFinding.of(subject, target.database(), Endpoint.TARGET, e));
        } catch (SQLException e) {
            findings.add(aborted(subject, ErrorCode.TARGET_NOT_READY, e));
        }
    }

    private void target(Connection connection, TargetConfig target) throws SQLException {
        execute(connection, PreflightSql.BE_CAREFUL);
        FactsReader reader = new FactsReader(connection);
        ServerFacts server = reader.server();
        execute(connection, PreflightSql.READ_ONLY);
        TargetServerFacts facts = reader.targetServer(server);
        SourcePicture picture = source;
        findings.addAll(
                TargetServerCheck.check(
                        target, facts, picture == null ? null : picture.server(), targets, config));
        targets.put(target.name(), server);
        if (picture != null) {
            List<CarriedTables.Carried> carried = picture.carried().to(target.name());
            TargetTablesCheck.Definitions definitions =
                    new TargetTablesCheck.Definitions(
                            picture.definitions(),
                            CatalogReader.tables(connection, idsOf(carried)));
            findings.addAll(
                    TargetTablesCheck.check(target, facts, reader.catalog(), definitions, carried));
        }
    }

    private static List<TableId> idsOf(List<CarriedTables.Carried> carried) {
        return carried.stream().map(CarriedTables.Carried::id).toList();
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Finding aborted(String subject, ErrorCode code, SQLException e) {
        LOG.warn("preflight aborted subject={} sqlstate={}", subject, e.getSQLState(), e);
        return new Finding(
                Severity.ERROR,
                code,
                subject,
                "could not be checked to the end: " + e.getMessage(),
                List.of());
    }
}
