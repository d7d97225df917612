package io.heliosdb.replication.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    private final Schedule<String> schedule = new Schedule<>(0);

    @Test
    void servesTheEarliestDeadlineFirstWhileNobodyIsLate() {
        add("best effort", ServiceClass.BEST_EFFORT, 300);
        add("premium", ServiceClass.PREMIUM, 400);
        add("standard", ServiceClass.STANDARD, 350);

        assertThat(drain(100)).containsExactly("best effort", "standard", "premium");
    }

    @Test
    void servesWhoCameFirstAmongEquals() {
        for (int i = 0; i < 20; i++) {
            add("lane " + i, ServiceClass.STANDARD, 5);
        }
        assertThat(drain(0)).startsWith("lane 0", "lane 1", "lane 2").endsWith("lane 19");
    }

    @Test
    void servesWhoIsLateBeforeWhoIsNot() {
        add("premium", ServiceClass.PREMIUM, 20);
        add("late", ServiceClass.BEST_EFFORT, 10);

        assertThat(schedule.peek(9)).isEqualTo("late");
        assertThat(drain(15)).containsExactly("late", "premium");
    }

    @Test
    void sharesByWeightAmongThoseWhoAreLate() {
        int[] served = new int[ServiceClass.values().length];
        for (ServiceClass each : ServiceClass.values()) {
            add(each.name(), each, each.ordinal());
        }
        for (int i = 0; i < 5400; i++) {
            String next = schedule.poll(1000);
            ServiceClass of = ServiceClass.valueOf(next);
            served[of.ordinal()]++;
            schedule.charge(of, 100);
            add(next, of, i % 1000);
        }
        assertThat(served).containsExactly(3200, 1600, 400, 100, 100);
    }

    @Test
    void givesNoCreditForHavingBeenAway() {
        add("standard", ServiceClass.STANDARD, 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(schedule.poll(10)).isEqualTo("standard");
            schedule.charge(ServiceClass.STANDARD, 100);
            add("standard", ServiceClass.STANDARD, 0);
        }
        int others = 0;
        add("best effort", ServiceClass.BEST_EFFORT, 0);
        for (int i = 0; i < 100; i++) {
            String next = schedule.poll(10);
            ServiceClass of =
                    next.equals("standard") ? ServiceClass.STANDARD : ServiceClass.BEST_EFFORT;
            others += of == ServiceClass.BEST_EFFORT ? 1 : 0;
            schedule.charge(of, 100);
            add(next, of, 0);
        }
        assertThat(others).isBetween(15, 25);
    }

    /** It waited without being late while another was served: that is no debt to it. */
    @Test
    void givesNoCreditForHavingHadTime() {
        add("first", ServiceClass.BEST_EFFORT, 1_000_000);
        add("second", ServiceClass.BEST_EFFORT, 1_000_000);
        add("premium", ServiceClass.PREMIUM, 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(schedule.poll(i)).isEqualTo("premium");
            schedule.charge(ServiceClass.PREMIUM, 100);
            add("premium", ServiceClass.PREMIUM, i);
        }
        int premium = 0;
        for (int i = 0; i < 1700; i++) {
            String next = schedule.poll(1_000_000);
            premium += next.equals("premium") ? 1 : 0;
            ServiceClass of =
                    next.equals("premium") ? ServiceClass.PREMIUM : ServiceClass.BEST_EFFORT;
            schedule.charge(of, 100);
            add(next, of, i);
        }
        assertThat(premium).isBetween(1590, 1610);
    }

    @Test
    void movesWhoIsAddedAgain() {
        add("a", ServiceClass.BEST_EFFORT, 300);
        add("b", ServiceClass.STANDARD, 200);
        add("a", ServiceClass.PREMIUM, 100);

        assertThat(schedule.size()).isEqualTo(2);
        assertThat(drain(0)).containsExactly("a", "b");

        add("c", ServiceClass.STANDARD, 1);
        schedule.remove("c");
        schedule.remove("nobody");
        assertThat(schedule.isEmpty()).isTrue();
        assertThat(schedule.poll(0)).isNull();
    }

    @Test
    void hurriesWithPriorityAndHeat() {
        Duration limit = Duration.ofSeconds(30);
        assertThat(Urgency.of(spec(0), limit, 0, 1_000).deadlineMicros()).isEqualTo(30_001_000);
        assertThat(Urgency.of(spec(100), limit, 0, 1_000).deadlineMicros()).isEqualTo(15_001_000);
        assertThat(Urgency.of(spec(100), limit, 1, 1_000).deadlineMicros()).isEqualTo(10_001_000);
        assertThat(Urgency.of(spec(50), limit, 0, 0).deadlineMicros())
                .as("unknown is late")
                .isEqualTo(Long.MIN_VALUE);
        assertThat(Urgency.bulk(spec(0), limit, 0, 1).serviceClass()).isEqualTo(ServiceClass.BULK);
        assertThatThrownBy(() -> Urgency.of(spec(0), limit, 1.5, 1))
                .hasMessage("heat 1.5 is not between 0 and 1");
    }

    private static ReplicationSpec spec(int priority) {
        return new ReplicationSpec(
                new ReplicationId("r"),
                new TenantId("t"),
                "target",
                TableFilter.ALL,
                Tier.STANDARD,
                priority,
                false,
                ExistingRows.FAIL);
    }

    private void add(String who, ServiceClass of, long deadline) {
        schedule.add(who, new Urgency(of, deadline));
    }

    private List<String> drain(long now) {
        List<String> order = new ArrayList<>();
        for (String next = schedule.poll(now); next != null; next = schedule.poll(now)) {
            order.add(next);
        }
        return order;
    }
}
