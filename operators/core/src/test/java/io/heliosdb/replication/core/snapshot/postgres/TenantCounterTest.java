package io.heliosdb.replication.core.snapshot.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TenantCounterTest {

    @Test
    void countsLinesAndBytesOfEachTenantAndOfNoOther() {
        TenantCounter counter = byText(List.of("a", "ab", "ü\\b\tc"));

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
        TenantCounter counter = byText(tenants);
        for (int i = 0; i < tenants.size(); i++) {
            assertThat(counter.count(line(tenants.get(i) + "\tx\n"))).isEqualTo(i);
        }
        assertThat(counter.count(line("t1\tx\n"))).isEqualTo(TenantCounter.NOBODY);
    }

    @Test
    void findsTheKeyInBinaryRows() {
        TenantCounter counter =
                TenantCounter.byFirstField(
                        CopyFormat.BINARY, "integer", List.of("7", "007", "-1", "3000000000"));

        assertThat(counter.count(binary(0, 0, 0, 4, 0, 0, 0, 7, 9))).isZero();
        assertThat(counter.count(binary(0, 0, 0, 4, -1, -1, -1, -1))).isEqualTo(2);
        assertThat(counter.count(binary(0, 0, 0, 4, 0, 0, 0, 8)))
                .as("nobody's")
                .isEqualTo(TenantCounter.NOBODY);
        assertThat(counter.count(binary(-1, -1, -1, -1, 0, 0, 0, 1, 7)))
                .as("NULL")
                .isEqualTo(TenantCounter.NOBODY);

        assertThat(counter.rows()).as("007 is not the text of 7").containsExactly(1, 0, 1, 0);
    }

    private static TenantCounter byText(List<String> tenants) {
        return TenantCounter.byFirstField(CopyFormat.TEXT, "text", tenants);
    }

    /** A row of two fields, of which the rest is given. */
    private static byte[] binary(int... rest) {
        byte[] row = new byte[2 + rest.length];
        row[1] = 2;
        for (int i = 0; i < rest.length; i++) {
            row[2 + i] = (byte) rest[i];
        }
        return row;
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
