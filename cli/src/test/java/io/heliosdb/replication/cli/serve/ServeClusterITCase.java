package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.testkit.Await;
import io.heliosdb.replication.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two {@code serve} processes on one store and one Flink cluster, each and all killed with -9 at
 * random moments while users write and order: everything continues, what was ordered is what is,
 * and there never are two jobs. {@code -Dheliosdb.seed=…} repeats a run, {@code
 * -Dheliosdb.seconds=…} says how long one with {@code -Psoak} takes.
 */
class ServeClusterITCase {

    private enum Victim {
        API,
        OTHER_API,
        STORE,
        TASK_MANAGER,
        JOB_MANAGER
    }

    /** Each alone and together; the JobManager is a matter of {@link SessionClusterITCase}. */
    private static final List<Set<Victim>> SHORT =
            List.of(
                    EnumSet.of(Victim.API, Victim.OTHER_API),
                    EnumSet.of(Victim.STORE),
                    EnumSet.complementOf(EnumSet.of(Victim.JOB_MANAGER)));

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final boolean LONG = Boolean.getBoolean("heliosdb.soak");
    private static final long SECONDS = Long.getLong("heliosdb.seconds", 600);
    private static final long SEED = Long.getLong("heliosdb.seed", LONG ? System.nanoTime() : 7);

    @TempDir Path directory;
    private final Random random = new Random(SEED);
    private PostgresServer postgres;
    private PostgresServer store;
    private TestCluster cluster;
    private final List<ServeProcess> serves = new ArrayList<>();
    private Path config;
    private Shop shop;
    private String source;
    private String target;

    @BeforeEach
    void start() throws IOException {
        postgres = PostgresServer.start();
        store = PostgresServer.start(Map.of(), 0, directory.resolve("store"));
        cluster = new TestCluster(directory.resolve("cluster"));
        SecretKeys.generate().writeNew(directory.resolve("secret-keys.json"));
        Files.writeString(directory.resolve("store-password"), "of-the-store-4711\n");
        config =
                Files.writeString(
                        directory.resolve("control.yaml"),
                        """
                        store: {url: "%s", user: postgres, password-file: store-password}
                        secret-keys-file: secret-keys.json
                        listen: {port: 0}
                        flink: {rest-url: "%s", checkpoint-directory: "%s"}
                        """
                                .formatted(
                                        store.url("postgres"),
                                        cluster.url(),
                                        directory.resolve("jobs")));
        for (int i = 0; i < 2; i++) {
            Path home = Files.createDirectories(directory.resolve("home-" + i));
            Files.createSymbolicLink(home.resolve("job"), TestCluster.home().resolve("job"));
            serves.add(new ServeProcess(home));
            serves.get(i).start("--config", config.toString());
        }
        shop = new Shop(postgres);
        source = serves.get(0).api().connection("shop", postgres.port(), shop.source);
        target = serves.get(1).api().connection("copy", postgres.port(), shop.target);
    }

    @AfterEach
    void stop() throws InterruptedException {
        for (ServeProcess serve : serves) {
            serve.close();
        }
        cluster.close();
        store.close();
        postgres.close();
    }

    @Test
    void everythingContinuesWhateverIsKilled_R1() throws Exception {
        System.out.println("seed " + SEED);
        for (String tenant : ShopUsers.STEADY) {
            shop.order(tenant, 200);
            serves.get(0).api().replication(tenant, source, target);
        }
        try (JobWatch watch = new JobWatch(cluster)) {
            try (ShopUsers users = new ShopUsers(shop, this::anyApi, source, target, SEED)) {
                int rounds = 0;
                long end = System.nanoTime() + SECONDS * 1_000_000_000L;
                for (; LONG ? System.nanoTime() < end : rounds < SHORT.size(); rounds++) {
                    // In the middle of a start, or after it.
                    pause(LONG ? 15_000 : 3_000);
                    kill(LONG ? victims() : SHORT.get(rounds));
                    pause(2_000);
                    bringBack();
                }
                System.out.printf("%d rounds; %s%n", rounds, users.report());
                assertThat(users.orders()).isPositive();
            }
            agree();
            resumeAll();
            agree();
            assertThat(watch.mostAtOnce()).as("jobs at once").isEqualTo(1);
        }
        for (ServeProcess serve : serves) {
            JsonNode job = serve.api().job(source);
            assertThat(List.of(job.get("job_id").asText())).isEqualTo(cluster.alive());
        }
        tellsNoSecret();
    }

    private void pause(int mostMillis) {
        LockSupport.parkNanos(random.nextInt(mostMillis) * 1_000_000L);
    }

    private synchronized ApiHttp anyApi() {
        return serves.get((int) (System.nanoTime() / 1_000 % 2)).api();
    }

    private Set<Victim> victims() {
        if (random.nextInt(4) == 0) {
            return EnumSet.allOf(Victim.class);
        }
        Set<Victim> some = EnumSet.noneOf(Victim.class);
        while (some.isEmpty()) {
            for (Victim victim : Victim.values()) {
                if (random.nextInt(3) == 0) {
                    some.add(victim);
                }
            }
        }
        return some;
    }

    private void kill(Set<Victim> victims) throws IOException, InterruptedException {
        List<Victim> order = new ArrayList<>(victims);
        Collections.shuffle(order, random);
        for (Victim victim : order) {
            switch (victim) {
                case API -> serves.get(0).kill();
                case OTHER_API -> serves.get(1).kill();
                case STORE -> {
                    store.kill();
                    store = null;
                }
                case TASK_MANAGER -> cluster.killTaskManager();
                case JOB_MANAGER -> cluster.killJobManager();
            }
        }
        System.out.println("killed " + order);
    }

    /** In any order, as those who look after processes do; an API that cannot start tries again. */
    private void bringBack() throws IOException {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        Collections.shuffle(order, random);
        while (!order.isEmpty()) {
            int next = order.remove(0);
            if (next == 2 && store == null) {
                store = PostgresServer.start(Map.of(), storePort(), directory.resolve("store"));
            } else if (next == 3) {
                cluster.start();
            } else if (next < 2
                    && !serves.get(next).process().isAlive()
                    && !serves.get(next).startIfItCan("--config", config.toString())) {
                order.add(next);
            }
        }
    }

    private int storePort() throws IOException {
        String text = Files.readString(config);
        return Integer.parseInt(text.replaceFirst("(?s).*?localhost:(\\d+).*", "$1"));
    }

    /** What was ordered is what is told, and what is there. */
    private void agree() {
        ApiHttp api = serves.get(random.nextInt(2)).api();
        Await.until(
                () -> "what was ordered",
                PATIENCE,
                () -> api.get("/v1/replications").get("data").toString() + unsettled(),
                text -> unsettled().isEmpty());
        for (JsonNode it : api.get("/v1/replications").get("data")) {
            if (it.get("status").asText().equals("Streaming")) {
                String tenant = it.get("tenant_id").asText();
                Await.until(
                        () -> tenant + " to be equal",
                        PATIENCE,
                        () -> shop.difference(tenant),
                        String::isEmpty);
            }
        }
        if (ShopUsers.replication(api, ShopUsers.COME_AND_GO) == null) {
            String left =
                    "SELECT count(*) FROM orders WHERE tenant_id = '" + ShopUsers.COME_AND_GO + "'";
            Await.until(
                    () -> "rows of who went to be gone",
                    PATIENCE,
                    () -> shop.value(shop.target, left),
                    "0"::equals);
        }
        assertThat(
                        inStore(
                                "SELECT string_agg(message, '; ') FROM heliosdb_control.replication_events"
                                        + " WHERE event_type = 'Error'"))
                .as("nothing went to error")
                .isEqualTo("null");
    }

    /**
     * Of what the store says: live ones whose state is not what was ordered, ended ones that have
     * not.
     */
    private String unsettled() {
        String found =
                inStore(
                        """
                        SELECT string_agg(concat_ws(' ', c.tenant_id, c.desired_state, c.deleted_at,
                                          c.spec_version, s.observed_version, s.state, s.reason), '; ')
                        FROM heliosdb_control.replication_configs c
                        LEFT JOIN heliosdb_control.replication_status s ON s.replication_id = c.id
                        WHERE s.observed_version IS DISTINCT FROM c.spec_version
                           OR s.state <> CASE WHEN c.deleted_at IS NOT NULL THEN 'Stopped'
                                              WHEN c.desired_state = 'Paused' THEN 'Paused'
                                              ELSE 'Streaming' END
                        """);
        return found.equals("null") ? "" : found;
    }

    private String inStore(String sql) {
        return Shop.value(store, "postgres", sql);
    }

    private void resumeAll() {
        ApiHttp api = serves.get(0).api();
        for (String tenant : ShopUsers.STEADY) {
            JsonNode it = ShopUsers.replication(api, tenant);
            if (it.get("status").asText().equals("Paused")) {
                api.post("/v1/replications/" + it.get("id").asText() + "/start", "{}");
            }
            shop.order(tenant, 10);
        }
    }

    private void tellsNoSecret() throws IOException, InterruptedException {
        JsonNode keys =
                new ObjectMapper()
                        .readTree(Files.readString(directory.resolve("secret-keys.json")));
        List<String> secrets = new ArrayList<>(keys.findValuesAsText("value"));
        secrets.add("s3cret-of-");
        secrets.add("of-the-store-4711");
        String job = cluster.alive().get(0);
        List<String> texts = new ArrayList<>();
        texts.add(cluster.logs());
        for (String path : List.of("", "/config", "/plan", "/exceptions", "/checkpoints")) {
            texts.add(cluster.call("GET", "/jobs/" + job + path).toString());
        }
        texts.add(cluster.call("GET", "/jobmanager/config").toString());
        serves.forEach(serve -> texts.add(serve.log() + serve.printed()));
        for (String secret : secrets) {
            assertThat(texts).noneMatch(text -> text.contains(secret));
        }
        assertThat(cluster.logs()).doesNotContain("No suitable driver");
    }
}
