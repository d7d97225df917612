package io.heliosdb.replication.control.server;

import io.heliosdb.replication.control.access.Authenticator;
import io.heliosdb.replication.control.access.Credential;
import io.heliosdb.replication.control.access.TokenIssuer;
import io.heliosdb.replication.control.access.TokenVerifier;
import io.heliosdb.replication.control.access.postgres.ApiKeyRepository;
import io.heliosdb.replication.control.access.postgres.AuditRepository;
import io.heliosdb.replication.control.access.postgres.OAuthRepository;
import io.heliosdb.replication.control.connection.Connections;
import io.heliosdb.replication.control.connection.postgres.ConnectionRepository;
import io.heliosdb.replication.control.http.RestServer;
import io.heliosdb.replication.control.journal.postgres.JournalRepository;
import io.heliosdb.replication.control.launch.JobCluster;
import io.heliosdb.replication.control.launch.LaunchOptions;
import io.heliosdb.replication.control.launch.Launcher;
import io.heliosdb.replication.control.launch.postgres.SourceJobRepository;
import io.heliosdb.replication.control.metrics.postgres.MetricsRepository;
import io.heliosdb.replication.control.probe.DatabaseProbe;
import io.heliosdb.replication.control.replication.DataPlane;
import io.heliosdb.replication.control.replication.Estimates;
import io.heliosdb.replication.control.replication.Replications;
import io.heliosdb.replication.control.replication.postgres.ReplicationRepository;
import io.heliosdb.replication.control.store.postgres.MetadataStore;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control plane in this process. All state is in the store: several of them on one store behave
 * as one (but for rate limits, which each counts for itself).
 *
 * <p>Safe by default: where nobody can administer yet, it makes an admin key for this process that
 * is good from the loopback interface only, and refuses to listen anywhere else.
 */
public final class ControlServer implements AutoCloseable {

    public static final String VERSION = "0.1.0";

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final long MAINTENANCE_MINUTES = 60;

    private final MetadataStore store;
    private final RestServer rest;
    private final ScheduledExecutorService maintenance;
    private final @Nullable Credential oneTimeKey;
    private final @Nullable Launcher launcher;

    private ControlServer(
            MetadataStore store,
            RestServer rest,
            ScheduledExecutorService maintenance,
            @Nullable Credential oneTimeKey,
            @Nullable Launcher launcher) {
        this.store = store;
        this.rest = rest;
        this.maintenance = maintenance;
        this.oneTimeKey = oneTimeKey;
        this.launcher = launcher;
    }

    /** Where jobs run, and how they are launched. */
    public record Launch(JobCluster cluster, LaunchOptions options) {}

    /** Opens the store and starts to serve; launches no jobs. */
    public static ControlServer start(ControlOptions options, InstantSource clock) {
        return start(options, clock, (Launch) null);
    }

    /**
     * Opens the store and starts to serve.
     *
     * @param launch null: somebody else launches jobs
     */
    public static ControlServer start(
            ControlOptions options, InstantSource clock, @Nullable Launch launch) {
        MetadataStore store = MetadataStore.open(options.store(), options.storeSessions());
        try {
            return start(options, clock, store, launch);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static ControlServer start(
            ControlOptions options,
            InstantSource clock,
            MetadataStore store,
            @Nullable Launch launch) {
        ApiKeyRepository keys = new ApiKeyRepository(store);
        Credential oneTimeKey = oneTimeKey(options, keys);
        OAuthRepository clients = new OAuthRepository(store, options.secretKeys());
        TokenIssuer issuer = TokenIssuer.open(clients, clock);
        TokenVerifier tokens = options.jwt() == null ? null : TokenVerifier.of(options.jwt());
        Connections connections =
                new Connections(new ConnectionRepository(store, options.secretKeys()));
        ReplicationRepository repository = new ReplicationRepository(store);
        boolean encrypts = launch != null && launch.options().encrypts();
        if (launch != null && !encrypts) {
            refuseToStoreInTheClear(repository.countEncrypted());
        }
        AtomicReference<Launcher> launches = new AtomicReference<>();
        Replications replications =
                new Replications(
                        repository,
                        new DataPlane(encrypts),
                        () -> Optional.ofNullable(launches.get()).ifPresent(Launcher::lookSoon));
        SourceJobRepository jobs = new SourceJobRepository(store);
        DatabaseProbe probe =
                new DatabaseProbe(connections, jobs::hasJob, repository::hasSynchronous, clock);
        JournalRepository journal = new JournalRepository(store);
        RestServer rest =
                RestServer.start(
                        new RestServer.Parts(
                                connections,
                                replications,
                                new Estimates(connections, probe, journal),
                                probe,
                                jobs,
                                journal,
                                new MetricsRepository(store),
                                keys,
                                clients,
                                new AuditRepository(store),
                                issuer,
                                new Authenticator(keys, issuer, tokens, oneTimeKey, clock),
                                store::isAlive,
                                store::busySessions,
                                VERSION,
                                clock),
                        options.listen());
        LOG.info("control plane started port={}", rest.port());
        if (launch != null) {
            launches.set(Launcher.start(jobs, launch.cluster(), launch.options()));
        }
        return new ControlServer(store, rest, maintenance(store), oneTimeKey, launches.get());
    }

    /** What was promised when they were made must not end with a line that is missing in a file. */
    private static void refuseToStoreInTheClear(long replications) {
        if (replications > 0) {
            throw new IllegalArgumentException(
                    replications
                            + " replications are to be encrypted while they wait, and jobs of this"
                            + " server would have no keys: configure "
                            + DataPlane.KEYS_SETTING
                            + ", or set config.encryption of these to {\"enabled\": false} first");
        }
    }

    private static @Nullable Credential oneTimeKey(ControlOptions options, ApiKeyRepository keys) {
        if (options.jwt() != null || keys.hasAdmin()) {
            return null;
        }
        if (!options.listen().isLoopback()) {
            throw new IllegalArgumentException(
                    "nobody could administer this server: there is no admin key in the store and no jwt"
                            + " in the configuration. Start once on 127.0.0.1, make a key with the"
                            + " one-time key that is printed then, and start again on "
                            + options.listen().host());
        }
        return Credential.generate();
    }

    private static ScheduledExecutorService maintenance(MetadataStore store) {
        ScheduledExecutorService executor =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread thread = new Thread(task, "store-maintenance");
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.scheduleWithFixedDelay(
                () -> {
                    try {
                        LOG.info("partitions maintained changed={}", store.maintain());
                    } catch (RuntimeException e) {
                        // Tried again; until then rows go to the default partitions.
                        LOG.warn("partitions not maintained", e);
                    }
                },
                0,
                MAINTENANCE_MINUTES,
                TimeUnit.MINUTES);
        return executor;
    }

    public int port() {
        return rest.port();
    }

    /** The admin key of this process, to be shown to who started it; empty if others can do it. */
    public Optional<String> oneTimeKey() {
        return Optional.ofNullable(oneTimeKey).map(Credential::text);
    }

    @Override
    public void close() {
        rest.close();
        if (launcher != null) {
            launcher.close();
        }
        maintenance.shutdownNow();
        store.close();
    }
}
