package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantCounterTest {

    @Test
    void countsLinesAndBytesOfEachTenantAndOfNoOther() {
        TenantCounter counter = TenantCounter.byFirstField(List.of("a", "ab", "ü\\b\tc"));

        assertThat(counter.count(line("a\t1\n"))).isZero();
        assertThat(counter.count(line("ab\t22\n"))).isEqualTo(1);
        assertThat(counter.count(line("a\n"))).as("the only column").isZero();
        assertThat(counter.count(line("ü\\\\b\\tc\tx\n"))).as("escaped").isEqualTo(2);
        assertThat(counter.count(line("abc\t1\n"))).isEqualTo(TenantCounter.NOBODY);
        assertThat(counter.count(line("\\N\t1\n"))).isEqualTo(TenantCounter.NOBODY);
        assertThat(counter.count(line("\t1\n"))).isEqualTo(TenantCounter.NOBODY);

        assertThat(counter.rows()).containsExactly(2, 1, 1);
        assertThat(counter.bytes()).containsExactly(6, 6, 11);
    }

    @Test
    void tellsManyTenantsApart() {
        List<String> tenants = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            tenants.add("t" + i * 31);
        }
        TenantCounter counter = TenantCounter.byFirstField(tenants);
        for (int i = 0; i < tenants.size(); i++) {
            assertThat(counter.count(line(tenants.get(i) + "\tx\n"))).isEqualTo(i);
        }
        assertThat(counter.count(line("t1\tx\n"))).isEqualTo(TenantCounter.NOBODY);
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
