package io.heliosdb.replication.cli.serve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * People who go on whatever is away: some write in the shop, some order at the API. Tenants {@code
 * steady-…} are paused and resumed, {@code come-and-go} is deleted with its rows and made anew.
 */
final class ShopUsers implements AutoCloseable {

    static final List<String> STEADY = List.of("steady-1", "steady-2", "steady-3");
    static final String COME_AND_GO = "come-and-go";

    private final Shop shop;
    private final Supplier<ApiHttp> api;
    private final String source;
    private final String target;
    private final Thread writer;
    private final Thread orderer;
    private volatile boolean closed;
    private volatile int writes;
    private volatile int orders;
    private volatile int refusals;

    /**
     * @param api one of the instances, perhaps one that is away
     */
    ShopUsers(Shop shop, Supplier<ApiHttp> api, String source, String target, long seed) {
        this.shop = shop;
        this.api = api;
        this.source = source;
        this.target = target;
        this.writer = new Thread(() -> write(new Random(seed)), "write");
        this.orderer = new Thread(() -> order(new Random(seed + 1)), "order");
        writer.start();
        orderer.start();
    }

    private void write(Random random) {
        while (!closed) {
            int pick = random.nextInt(STEADY.size() + 1);
            shop.change(pick == STEADY.size() ? COME_AND_GO : STEADY.get(pick), random);
            writes++;
            // Each write is a session of its own: more of them leave no time to anybody else.
            LockSupport.parkNanos((20 + random.nextInt(60)) * 1_000_000L);
        }
    }

    private void order(Random random) {
        while (!closed) {
            try {
                if (random.nextInt(8) == 0) {
                    comeOrGo();
                } else {
                    pauseOrStart(STEADY.get(random.nextInt(STEADY.size())));
                }
                orders++;
            } catch (AssertionError e) {
                // The API is away, or the store, or the move is illegal now: they try again.
                refusals++;
            }
            LockSupport.parkNanos(random.nextInt(400) * 1_000_000L);
        }
    }

    private void pauseOrStart(String tenant) {
        ApiHttp api = this.api.get();
        JsonNode it = replication(api, tenant);
        String verb = it.get("status").asText().equals("Paused") ? "start" : "pause";
        api.post("/v1/replications/" + it.get("id").asText() + "/" + verb, "{}");
    }

    private void comeOrGo() {
        ApiHttp api = this.api.get();
        JsonNode it = replication(api, COME_AND_GO);
        if (it == null) {
            api.replication(COME_AND_GO, source, target, "Replace");
        } else {
            String id = it.get("id").asText();
            api.delete("/v1/replications/" + id + "?cleanup_target=true");
        }
    }

    /** Null if there is none. */
    static JsonNode replication(ApiHttp api, String tenant) {
        return api.get("/v1/replications?tenant_id=" + tenant).get("data").get(0);
    }

    String report() {
        return writes + " writes, " + orders + " orders, " + refusals + " in vain";
    }

    int orders() {
        return orders;
    }

    @Override
    public void close() {
        closed = true;
        try {
            writer.join(60_000);
            orderer.join(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
