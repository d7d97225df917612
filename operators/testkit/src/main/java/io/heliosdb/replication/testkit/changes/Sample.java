package io.heliosdb.replication.testkit.changes;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TenantTransaction;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;

/**
 * What applications write, in small transactions of one tenant, as PostgreSQL sends it. The same
 * for the same seed.
 */
public enum Sample {
    /** Orders and their lines, and updates of the order's status. */
    ORDERS {
        @Override
        void write(ChangeWriter changes, int number, Random random, LocalDateTime now) {
            String tenant = "tenant-17";
            String id = Integer.toString(100_000 + number);
            String customer = Integer.toString(1 + random.nextInt(5000));
            String time = ZONED.format(now);
            changes.insert(
                    0,
                    tenant,
                    id,
                    customer,
                    "ORD-2026-" + (100_000 + number),
                    STATUS[random.nextInt(3)],
                    CURRENCY[random.nextInt(CURRENCY.length)],
                    decimal(random.nextInt(500_00), 2),
                    time,
                    time,
                    random.nextInt(10) == 0 ? "please ring the bell twice" : null);
            for (int line = 0; line < 1 + random.nextInt(3); line++) {
                changes.insert(
                        1,
                        tenant,
                        id,
                        Integer.toString(line),
                        "SKU-" + (1000 + random.nextInt(900)),
                        Integer.toString(1 + random.nextInt(4)),
                        decimal(99 + random.nextInt(80) * 100, 2));
            }
            if (number > 10) {
                int earlier = number - 1 - random.nextInt(10);
                changes.update(
                        0,
                        tenant,
                        Integer.toString(100_000 + earlier),
                        customer,
                        "ORD-2026-" + (100_000 + earlier),
                        STATUS[3 + random.nextInt(3)],
                        "EUR",
                        decimal(random.nextInt(500_00), 2),
                        ZONED.format(now.minusSeconds(random.nextInt(4000))),
                        time,
                        null);
            }
        }
    },

    /** What users did: ids, addresses, pages, timings. */
    EVENTS {
        @Override
        void write(ChangeWriter changes, int number, Random random, LocalDateTime now) {
            for (int i = 0; i < 4; i++) {
                changes.insert(
                        0,
                        "tenant-17",
                        new UUID(random.nextLong(), random.nextLong()).toString(),
                        ZONED.format(now.plusNanos(i * 37_000L)),
                        EVENT[random.nextInt(EVENT.length)],
                        "user" + random.nextInt(20_000) + "@example.com",
                        "10.1." + random.nextInt(8) + "." + random.nextInt(256),
                        "/app/" + PAGE[random.nextInt(PAGE.length)] + "/" + random.nextInt(9000),
                        Integer.toString(random.nextInt(900)),
                        random.nextInt(20) == 0 ? "f" : "t");
            }
        }
    },

    /** Twenty sensors in turn, every ten seconds: floats that wander. */
    METRICS {
        @Override
        void write(ChangeWriter changes, int number, Random random, LocalDateTime now) {
            LocalDateTime time = START.plusSeconds(number * 10L);
            for (int sensor = 0; sensor < 20; sensor++) {
                double level = 20 + sensor + 3 * Math.sin(number / 40.0 + sensor);
                changes.insert(
                        0,
                        "tenant-17",
                        "sensor-" + sensor,
                        ZONED.format(time),
                        shortest(level + random.nextGaussian() / 20, 3),
                        shortest(1013 + level / 7 + random.nextGaussian() / 5, 2),
                        Double.toString(random.nextDouble() + 0.001),
                        Long.toString(1_000_000L * sensor + number * 640L + random.nextInt(100)));
            }
        }
    },

    /** Documents as jsonb writes them. */
    DOCUMENTS {
        @Override
        void write(ChangeWriter changes, int number, Random random, LocalDateTime now) {
            String document =
                    String.format(
                            Locale.ROOT,
                            "{\"id\": %d, \"name\": \"%s %s\", \"tags\": [\"%s\", \"%s\"],"
                                    + " \"price\": %s, \"address\": {\"zip\": \"%05d\", \"city\":"
                                    + " \"%s\", \"street\": \"%s %d\"}, \"active\": %s, \"score\":"
                                    + " %d}",
                            number,
                            WORD[random.nextInt(WORD.length)],
                            WORD[random.nextInt(WORD.length)],
                            WORD[random.nextInt(WORD.length)],
                            PAGE[random.nextInt(PAGE.length)],
                            decimal(random.nextInt(90_000), 2),
                            random.nextInt(99_999),
                            CITY[random.nextInt(CITY.length)],
                            WORD[random.nextInt(WORD.length)],
                            random.nextInt(200),
                            random.nextBoolean(),
                            random.nextInt(1000));
            changes.insert(
                    0,
                    "tenant-17",
                    new UUID(random.nextLong(), random.nextLong()).toString(),
                    document,
                    ZONED.format(now));
        }
    },

    /** The transaction of pgbench: balances and a history without a key. */
    PGBENCH {
        @Override
        void write(ChangeWriter changes, int number, Random random, LocalDateTime now) {
            int delta = random.nextInt(10_001) - 5000;
            String account = Integer.toString(1 + random.nextInt(100_000));
            String teller = Integer.toString(1 + random.nextInt(10));
            String filler = " ".repeat(84);
            String balance = Integer.toString(random.nextInt(200_000) - 100_000);
            changes.update(0, account, "1", balance, filler)
                    .update(1, teller, "1", Integer.toString(delta * 3 + number), null)
                    .update(2, "1", Integer.toString(delta + number * 7), null)
                    .insert(
                            3,
                            teller,
                            "1",
                            account,
                            Integer.toString(delta),
                            LOCAL.format(now),
                            null);
        }
    };

    private static final LocalDateTime START = LocalDateTime.of(2026, 11, 21, 8, 0);
    private static final String[] STATUS = {
        "new", "paid", "reserved", "packed", "shipped", "delivered"
    };
    private static final String[] CURRENCY = {"EUR", "EUR", "EUR", "USD", "CHF"};
    private static final String[] EVENT = {"page_view", "click", "search", "add_to_cart", "login"};
    private static final String[] PAGE = {"orders", "products", "customers", "settings", "reports"};
    private static final String[] CITY = {"Berlin", "Hamburg", "München", "Köln", "Zürich", "Wien"};
    private static final String[] WORD = {
        "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "haven", "iris", "juniper",
        "kestrel", "lumen", "maple", "nimbus", "onyx", "pine", "quartz", "raven", "sage", "tundra"
    };

    /** Timestamps as PostgreSQL writes them: no decimals that are not needed. */
    private static final DateTimeFormatter LOCAL =
            new DateTimeFormatterBuilder()
                    .appendPattern("yyyy-MM-dd HH:mm:ss")
                    .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
                    .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter ZONED =
            new DateTimeFormatterBuilder().append(LOCAL).appendLiteral("+00").toFormatter();

    abstract void write(ChangeWriter changes, int number, Random random, LocalDateTime now);

    /** So many transactions, one after the other. */
    public List<TenantTransaction> transactions(int count, long seed) {
        Random random = new Random(seed);
        List<TenantTransaction> transactions = new ArrayList<>(count);
        LocalDateTime now = START;
        long lsn = 0x1_6000_0000L;
        for (int number = 0; number < count; number++) {
            now = now.plusNanos(1000L * (500 + random.nextInt(40_000)));
            ChangeWriter changes = new ChangeWriter();
            write(changes, number, random, now);
            lsn += 200 + changes.size() + random.nextInt(2000);
            transactions.add(
                    new TenantTransaction(
                            new ReplicationId("shop/tenant-17"),
                            lsn,
                            1_795_000_000_000_000L + number * 20_000L + random.nextInt(9000),
                            740_000L + number * 3L + random.nextInt(3),
                            0,
                            true,
                            0,
                            changes.rows(),
                            new long[] {0x1111_2222_3333_4444L, 0x5555_6666_7777_8888L, 3L, -4L},
                            changes.toBytes()));
        }
        return transactions;
    }

    private static String decimal(int unscaled, int scale) {
        return BigDecimal.valueOf(unscaled, scale).toPlainString();
    }

    private static String shortest(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .setScale(decimals, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }
}
