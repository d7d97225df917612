package io.heliosdb.replication.control.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.control.SharedPostgres;
import io.heliosdb.replication.control.connection.ConnectionSpec;
import io.heliosdb.replication.control.connection.SourceRole;
import io.heliosdb.replication.control.connection.TargetRole;
import io.heliosdb.replication.control.connection.postgres.ConnectionRepository;
import io.heliosdb.replication.control.replication.Actor;
import io.heliosdb.replication.control.replication.Command;
import io.heliosdb.replication.control.replication.NewReplication;
import io.heliosdb.replication.control.replication.ReplicationConfig;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.control.replication.postgres.ReplicationRepository;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import io.heliosdb.replication.core.feed.DesiredReplication;
import io.heliosdb.replication.core.feed.SealedTarget;
import io.heliosdb.replication.core.feed.SecretOpener;
import io.heliosdb.replication.core.feed.SpecUpserts;
import io.heliosdb.replication.core.feed.SpecView;
import io.heliosdb.replication.core.feed.StoreRows;
import io.heliosdb.replication.core.feed.postgres.ControlStore;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.CompressionLevel;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.Secret;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.WhenFull;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the rows that the API writes to what the job does, through a real store. */
class StoreSpecsTest {

    private static final Actor ME = new Actor("me", null, null);

    @TempDir Path directory;

    private final DatabaseConfig database = SharedPostgres.newDatabase("feed");
    private final SecretKeys keys = SecretKeys.generate();
    private final SpecView view = new SpecView();
    private MetadataStore store;
    private ConnectionRepository connections;
    private Replications replications;
    private UUID source;
    private UUID other;
    private UUID target;
    private ControlStore feed;

    @BeforeEach
    void open() {
        store = MetadataStore.open(database, 2);
        connections = new ConnectionRepository(store, keys);
        replications = new Replications(new ReplicationRepository(store));
        source = connection("source", true);
        other = connection("other", true);
        target = connection("target", false);
        feed = ControlStore.open(database, source);
    }

    @AfterEach
    void close() {
        feed.close();
        store.close();
    }

    private UUID connection(String name, boolean isSource) {
        SourceRole role =
                new SourceRole(
                        "slot_" + name,
                        "pub",
                        new SourceRole.TenantKeys(
                                "tenant_id",
                                Map.of("public.a", "owner"),
                                null,
                                List.of("public.countries")));
        return connections
                .insert(
                        new ConnectionSpec(
                                name,
                                "db." + name,
                                5433,
                                "app",
                                "user_" + name,
                                "require",
                                null,
                                isSource ? role : null,
                                isSource ? null : new TargetRole(7, 2 << 20)),
                        new Secret("pw-" + name))
                .id();
    }

    private UUID replicate(UUID from, String tenant, String schema, String... tables) {
        return replications
                .create(
                        new NewReplication(
                                tenant,
                                from,
                                null,
                                schema,
                                target,
                                null,
                                schema,
                                new ReplicationConfig(
                                        Tier.BEST_EFFORT,
                                        5,
                                        77,
                                        List.of(tables),
                                        ReplicationConfig.RowFilter.OFF,
                                        List.of(),
                                        ReplicationConfig.defaultCompression(Tier.BEST_EFFORT),
                                        ReplicationConfig.Encryption.OFF,
                                        ExistingRows.REPLACE,
                                        true,
                                        1 << 20,
                                        new ReplicationConfig.Backlog(
                                                8 << 20, 1 << 30, 7200, WhenFull.DROP_AND_RESYNC))),
                        ME)
                .id();
    }

    private void sql(String statement, Object... parameters) {
        store.with(handle -> handle.execute(statement, parameters));
    }

    private SecretOpener opener() throws IOException {
        Path file = directory.resolve("keys" + System.nanoTime());
        keys.writeNew(file);
        return SecretOpener.of(new Secret(Files.readString(file)));
    }

    /** What is news of a whole read. */
    private SpecUpserts news() {
        return view.mergeWhole(feed.wanted(view.liveIds()));
    }

    private DesiredReplication only(SpecUpserts news) {
        assertThat(news.replications()).hasSize(1);
        return news.replications().get(0);
    }

    @Test
    void theSourceIsReadWithItsTenancyAndPassword() throws IOException {
        StoreRows.Source read = feed.source(opener());
        assertThat(read.config().database().url())
                .isEqualTo("jdbc:postgresql://db.source:5433/app?sslmode=require");
        assertThat(read.config().database().user()).isEqualTo("user_source");
        assertThat(read.config().database().password().value()).isEqualTo("pw-source");
        assertThat(read.config().slot()).isEqualTo("slot_source");
        assertThat(read.config().publication()).isEqualTo("pub");
        assertThat(read.tenancy().column()).isEqualTo("tenant_id");
        assertThat(read.tenancy().columnByTable())
                .isEqualTo(Map.of(new TableId("public", "a"), "owner"));
        assertThat(read.tenancy().referenceTables())
                .containsExactly(new TableId("public", "countries"));
    }

    @Test
    void otherKeysOpenNothingAndSayNothing() {
        SecretOpener wrong;
        try {
            Path file = directory.resolve("wrong");
            SecretKeys.generate().writeNew(file);
            wrong = SecretOpener.of(new Secret(Files.readString(file)));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThatThrownBy(() -> feed.source(wrong))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining(source.toString())
                .hasNoCause();
    }

    @Test
    void aReplicationIsReadWithEverything() throws IOException {
        UUID id = replicate(source, "acme", "shop", "orders", "!audit.*", "x.y");
        SpecUpserts news = news();
        DesiredReplication read = only(news);
        assertThat(read.id().value()).isEqualTo(id.toString());
        assertThat(read.spec().tenant().value()).isEqualTo("acme");
        assertThat(read.spec().target()).isEqualTo(target.toString());
        assertThat(read.spec().tables())
                .isEqualTo(new TableFilter(List.of("shop.orders", "x.y"), List.of("audit.*")));
        assertThat(read.spec().tier()).isEqualTo(Tier.BEST_EFFORT);
        assertThat(read.spec().priority()).isEqualTo(77);
        assertThat(read.spec().service())
                .isEqualTo(new ServiceConfig(Duration.ofSeconds(5), true, 1 << 20));
        assertThat(read.spec().backlog().compression()).isEqualTo(CompressionLevel.HIGH);
        assertThat(read.spec().backlog().maxBytes()).isEqualTo(1 << 30);
        assertThat(read.spec().backlog().maxAge()).isEqualTo(Duration.ofHours(2));
        assertThat(read.spec().backlog().whenFull()).isEqualTo(WhenFull.DROP_AND_RESYNC);
        assertThat(read.spec().existingRows()).isEqualTo(ExistingRows.REPLACE);
        assertThat(read.spec().paused()).isFalse();
        assertThat(read.ended()).isFalse();
        assertThat(read.version()).isEqualTo(1);

        SealedTarget sealed = news.targets().get(0);
        assertThat(sealed.name()).isEqualTo(target.toString());
        assertThat(sealed.lanes()).isEqualTo(7);
        assertThat(sealed.open(opener()).bytesPerSecond()).isEqualTo(2 << 20);
        assertThat(sealed.toString()).doesNotContain("pw-target");
        assertThat(new String(sealed.secret(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("pw-target");
        assertThat(sealed.open(opener()).database().password().value()).isEqualTo("pw-target");
    }

    @Test
    void aSchemaAloneMeansAllItsTables() {
        replicate(source, "acme", "shop");
        assertThat(only(news()).spec().tables())
                .isEqualTo(new TableFilter(List.of("shop.*"), List.of()));
    }

    @Test
    void otherSourcesAreNoneOfItsBusiness() {
        replicate(other, "acme", null);
        assertThat(news().isEmpty()).isTrue();
    }

    @Test
    void ordersComeAsNumbersThatGrow() {
        UUID id = replicate(source, "acme", null);
        news();
        report(id, 1, "Streaming", null);
        replications.command(id, Command.PAUSE, null, ME);
        assertThat(only(news()).spec().paused()).isTrue();
        report(id, 2, "Paused", null);
        replications.command(id, Command.RESYNC, null, ME);
        DesiredReplication resync = only(news());
        assertThat(resync.resyncGeneration()).isEqualTo(1);
        assertThat(resync.spec().paused()).isFalse();
        report(id, 3, "Error", "0/1A2B");
        replications.command(id, Command.SKIP, null, ME);
        DesiredReplication skip = only(news());
        assertThat(skip.skipLsn()).isEqualTo(0x1A2B);
        assertThat(skip.retryGeneration()).isEqualTo(1);
        assertThat(skip.version()).isEqualTo(4);
        assertThat(skip.skipDdl()).isFalse();
        report(id, 4, "Error", "0/1A2C");
        sql(
                "UPDATE replication_status SET error_code = 'DDL_STOPPED' WHERE replication_id = ?",
                id);
        replications.command(id, Command.SKIP, null, ME);
        DesiredReplication ddl = only(news());
        assertThat(ddl.skipLsn()).isEqualTo(0x1A2C);
        assertThat(ddl.skipDdl()).as("DDL stopped it: its rows are applied").isTrue();
    }

    private void report(UUID id, long version, String state, String position) {
        sql(
                "INSERT INTO replication_status (replication_id, observed_version, state, position)"
                        + " VALUES (?, ?, ?, ?) ON CONFLICT (replication_id) DO UPDATE"
                        + " SET observed_version = EXCLUDED.observed_version,"
                        + " state = EXCLUDED.state, position = EXCLUDED.position",
                id,
                version,
                state,
                position);
    }

    @Test
    void anEndIsNamedUntilItWasReported() {
        UUID id = replicate(source, "acme", null);
        news();
        replications.delete(id, true, ME);
        DesiredReplication end = only(news());
        assertThat(end.ended()).isTrue();
        assertThat(end.cleanup()).isTrue();
        assertThat(news().isEmpty()).as("told once").isTrue();
        assertThat(feed.wanted(List.of()).replications()).as("a restart hears it again").hasSize(1);

        report(id, 2, "Stopped", null);
        assertThat(feed.wanted(List.of()).replications()).isEmpty();
        assertThat(feed.wanted(List.of(id.toString())).replications())
                .as("who believes that it lives is told")
                .singleElement()
                .matches(DesiredReplication::ended);
    }

    @Test
    void rowsThatMeanNothingHereAreLeftOutAndWhatWasKnownHolds() {
        UUID bad = replicate(source, "bad", null);
        UUID good = replicate(source, "good", null);
        assertThat(news().replications()).hasSize(2);
        sql("ALTER TABLE replication_configs DROP CONSTRAINT replication_configs_qos_tier_check");
        sql(
                "ALTER TABLE replication_configs ADD COLUMN of_a_later_version jsonb DEFAULT '{\"x\": 1}'");
        sql(
                "UPDATE replication_configs SET qos_tier = 'Platinum', spec_version = 9 WHERE id = ?",
                bad);
        sql("UPDATE replication_configs SET priority = 3, spec_version = 2 WHERE id = ?", good);
        DesiredReplication news = only(news());
        assertThat(news.id().value()).isEqualTo(good.toString());
        assertThat(news.spec().priority()).isEqualTo(3);
        assertThat(view.liveIds()).contains(bad.toString());
    }

    @Test
    void versionsThatFallAndRowsThatVanishChangeNothing() {
        UUID id = replicate(source, "acme", null);
        sql("UPDATE replication_configs SET spec_version = 5 WHERE id = ?", id);
        news();
        sql("UPDATE replication_configs SET spec_version = 4, priority = 1 WHERE id = ?", id);
        assertThat(news().isEmpty()).isTrue();
        sql("DELETE FROM replication_spec_versions");
        sql("DELETE FROM replication_configs");
        assertThat(news().isEmpty()).isTrue();
        assertThat(view.liveIds()).containsExactly(id.toString());
    }

    @Test
    void aTargetThatChangesIsNews() {
        replicate(source, "acme", null);
        news();
        connections.update(
                target,
                (before, users) ->
                        new ConnectionSpec(
                                before.name(),
                                "elsewhere",
                                before.port(),
                                before.database(),
                                before.username(),
                                before.sslMode(),
                                null,
                                null,
                                before.target()),
                null);
        SpecUpserts news = news();
        assertThat(news.replications()).isEmpty();
        assertThat(news.targets())
                .singleElement()
                .matches(it -> it.url().contains("elsewhere") && it.version() == 2);
    }

    @Test
    void aTargetsBandwidthIsNewsAndIsNoneInRowsFromBefore() throws IOException {
        replicate(source, "acme", null);
        news();
        sql("UPDATE connections SET target = '{\"lanes\": 7}' WHERE id = ?", target);
        assertThat(connections.find(target).orElseThrow().spec().target())
                .isEqualTo(new TargetRole(7, 0));
        SealedTarget before = news().targets().get(0);
        assertThat(before.open(opener()).bytesPerSecond()).isZero();
        sql(
                "UPDATE connections SET target = target || '{\"max_bytes_per_second\": 16384}',"
                        + " version = version + 1 WHERE id = ?",
                target);
        assertThat(news().targets())
                .singleElement()
                .matches(it -> it.bytesPerSecond() == 16_384 && it.lanes() == 7);
    }

    @Test
    void saysWhatItNeedsWithTheStatements() {
        assertThat(feed.check().findings()).isEmpty();
        sql("DROP PUBLICATION heliosdb_control");
        sql("CREATE PUBLICATION heliosdb_control FOR TABLE connections");
        assertThat(feed.check().findings())
                .extracting(Finding::fixSql)
                .containsExactlyInAnyOrder(
                        List.of(
                                "ALTER PUBLICATION heliosdb_control ADD TABLE"
                                        + " heliosdb_control.replication_configs;"),
                        List.of(
                                "ALTER PUBLICATION heliosdb_control ADD TABLE"
                                        + " heliosdb_control.feed_beats;"));
        assertThat(feed.check().hasErrors()).as("it goes on, slower").isFalse();
        for (Finding finding : feed.check().findings()) {
            SharedPostgres.server()
                    .execute(
                            database.url().substring(database.url().lastIndexOf('/') + 1),
                            finding.fixSql().toArray(String[]::new));
        }
        assertThat(feed.check().findings()).isEmpty();
    }

    @Test
    void aRoleWithoutRightsIsToldEachStatement() {
        String name = database.url().substring(database.url().lastIndexOf('/') + 1);
        SharedPostgres.server().execute(name, "CREATE ROLE poor_" + name + " LOGIN");
        try (ControlStore poor =
                ControlStore.open(
                        new DatabaseConfig(database.url(), "poor_" + name, Secret.EMPTY), source)) {
            assertThat(poor.check().hasErrors()).isTrue();
            for (Finding finding : poor.check().findings()) {
                SharedPostgres.server().execute(name, finding.fixSql().toArray(String[]::new));
            }
            assertThat(poor.check().findings()).isEmpty();
            assertThat(poor.wanted(List.of()).isEmpty()).isTrue();
        }
        SharedPostgres.server()
                .execute(name, "DROP OWNED BY poor_" + name, "DROP ROLE poor_" + name);
    }
}
