package io.heliosdb.replication.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A target of a given speed, served through the schedule, by a simulated clock. */
class ScheduleSimulationTest {

    private static final long SECOND = 1_000_000;
    private static final Map<ServiceClass, Long> LIMITS =
            Map.of(
                    ServiceClass.SYNCHRONOUS, 0L,
                    ServiceClass.PREMIUM, SECOND,
                    ServiceClass.STANDARD, 30 * SECOND,
                    ServiceClass.BEST_EFFORT, 300 * SECOND,
                    ServiceClass.BULK, 300 * SECOND);

    /** A replication: serial, its transactions wait in order. */
    private static final class Tenant {
        final ServiceClass serviceClass;
        final long everyMicros;
        final ArrayDeque<Long> commits = new ArrayDeque<>();

        Tenant(ServiceClass serviceClass, long everyMicros) {
            this.serviceClass = serviceClass;
            this.everyMicros = everyMicros;
        }

        Urgency urgency() {
            return new Urgency(serviceClass, commits.peekFirst() + LIMITS.get(serviceClass));
        }
    }

    /** One session; a batch of one replication holds up to so many transactions. */
    private static final class Simulation {

        private static final int BATCH = 100;

        final List<Tenant> tenants = new ArrayList<>();
        final Map<ServiceClass, List<Long>> lags = new EnumMap<>(ServiceClass.class);
        final long transactionMicros;
        final long batchMicros;
        final boolean firstComeFirstServed;
        long now;

        Simulation(long transactionMicros, long batchMicros, boolean firstComeFirstServed) {
            this.transactionMicros = transactionMicros;
            this.batchMicros = batchMicros;
            this.firstComeFirstServed = firstComeFirstServed;
        }

        void add(int count, ServiceClass of, long everyMicros) {
            for (int i = 0; i < count; i++) {
                tenants.add(new Tenant(of, everyMicros));
            }
        }

        Simulation run(long untilMicros) {
            Schedule<Tenant> schedule = new Schedule<>(SECOND / 10);
            Random random = new Random(1);
            java.util.PriorityQueue<long[]> arrivals =
                    new java.util.PriorityQueue<>((a, b) -> Long.compare(a[0], b[0]));
            for (int i = 0; i < tenants.size(); i++) {
                arrivals.add(
                        new long[] {(long) (random.nextDouble() * tenants.get(i).everyMicros), i});
            }
            while (now < untilMicros) {
                while (!arrivals.isEmpty() && arrivals.peek()[0] <= now) {
                    long[] arrival = arrivals.poll();
                    Tenant tenant = tenants.get((int) arrival[1]);
                    tenant.commits.add(arrival[0]);
                    if (tenant.commits.size() == 1) {
                        enqueue(schedule, tenant);
                    }
                    arrivals.add(new long[] {arrival[0] + tenant.everyMicros, arrival[1]});
                }
                Tenant next = schedule.poll(now);
                if (next == null) {
                    now = arrivals.peek()[0];
                    continue;
                }
                serve(next, schedule);
            }
            return this;
        }

        private void serve(Tenant tenant, Schedule<Tenant> schedule) {
            int count = Math.min(BATCH, tenant.commits.size());
            now += batchMicros + count * transactionMicros;
            for (int i = 0; i < count; i++) {
                lags.computeIfAbsent(tenant.serviceClass, it -> new ArrayList<>())
                        .add(now - tenant.commits.poll());
            }
            schedule.charge(tenant.serviceClass, count);
            if (!tenant.commits.isEmpty()) {
                enqueue(schedule, tenant);
            }
        }

        private void enqueue(Schedule<Tenant> schedule, Tenant tenant) {
            schedule.add(
                    tenant,
                    firstComeFirstServed
                            ? new Urgency(ServiceClass.STANDARD, now)
                            : tenant.urgency());
        }

        long p99(ServiceClass of) {
            List<Long> sorted = new ArrayList<>(lags.get(of));
            Collections.sort(sorted);
            return sorted.get((int) (sorted.size() * 0.99));
        }

        int served() {
            return lags.values().stream().mapToInt(List::size).sum();
        }
    }

    /** The mix of the benchmark: who loads in bulk wants twice what the target can do. */
    private static Simulation mixed(boolean firstComeFirstServed) {
        Simulation simulation = new Simulation(50, 200, firstComeFirstServed);
        simulation.add(20, ServiceClass.PREMIUM, SECOND / 50);
        simulation.add(50, ServiceClass.STANDARD, SECOND);
        simulation.add(1, ServiceClass.BEST_EFFORT, 25);
        return simulation.run(200 * SECOND);
    }

    @Test
    void keepsTheLimitsUnderABulkLoad() {
        Simulation simulation = mixed(false);

        assertThat(simulation.p99(ServiceClass.PREMIUM)).isLessThan(SECOND);
        assertThat(simulation.p99(ServiceClass.STANDARD)).isLessThan(30 * SECOND);
        assertThat(simulation.lags.get(ServiceClass.BEST_EFFORT))
                .as("it gets what is left")
                .hasSizeGreaterThan(1_000_000);
    }

    /** Its limit is five minutes: from then on it has its share, and no more. */
    @Test
    void keepsTheLimitsAlsoOnceTheBulkLoadIsLate() {
        Simulation simulation = new Simulation(500, 200, false);
        simulation.add(20, ServiceClass.PREMIUM, SECOND / 50);
        simulation.add(50, ServiceClass.STANDARD, SECOND);
        simulation.add(4, ServiceClass.BEST_EFFORT, 2000);
        simulation.run(700 * SECOND);

        assertThat(Collections.max(simulation.lags.get(ServiceClass.BEST_EFFORT)))
                .as("it is late")
                .isGreaterThan(300 * SECOND);
        assertThat(Collections.max(simulation.lags.get(ServiceClass.PREMIUM)))
                .isLessThan(2 * SECOND);
        assertThat(Collections.max(simulation.lags.get(ServiceClass.STANDARD)))
                .isLessThan(31 * SECOND);
    }

    @Test
    void losesNoThroughputForIt() {
        assertThat(mixed(false).served()).isGreaterThan(mixed(true).served() * 9 / 10);
    }

    @Test
    void starvesNobodyWhereTheTargetIsFarTooSlow() {
        Simulation simulation = new Simulation(1000, 200, false);
        simulation.add(40, ServiceClass.PREMIUM, SECOND / 100);
        simulation.add(40, ServiceClass.STANDARD, SECOND / 100);
        simulation.add(40, ServiceClass.BEST_EFFORT, SECOND / 100);
        simulation.run(2000 * SECOND);

        double all = simulation.served();
        assertThat(simulation.lags.get(ServiceClass.PREMIUM).size() / all).isBetween(0.6, 0.8);
        assertThat(simulation.lags.get(ServiceClass.STANDARD).size() / all).isBetween(0.15, 0.3);
        assertThat(simulation.lags.get(ServiceClass.BEST_EFFORT).size() / all).isBetween(0.03, 0.1);
    }

    @Test
    void staysFastWithTenThousand() {
        Schedule<Integer> schedule = new Schedule<>(0);
        for (int i = 0; i < 10_000; i++) {
            schedule.add(i, new Urgency(ServiceClass.values()[i % 5], i * 7919L % 10_007));
        }
        // A million turns: seconds if each looked at all of them, so hours.
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                java.time.Duration.ofSeconds(30),
                () -> {
                    for (int turn = 0; turn < 1_000_000; turn++) {
                        int next = schedule.poll(turn);
                        ServiceClass of = ServiceClass.values()[next % 5];
                        schedule.charge(of, 10);
                        schedule.add(next, new Urgency(of, turn + next % 100));
                    }
                });
        assertThat(schedule.size()).isEqualTo(10_000);
    }
}
