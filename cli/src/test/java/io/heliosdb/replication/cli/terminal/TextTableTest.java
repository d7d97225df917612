package io.heliosdb.replication.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void alignsTextLeftAndNumbersRight() {
        TextTable table = new TextTable(1, "tenant", "rows");
        table.row("a", Quantity.count(1234567L));
        table.row("longer-name", Quantity.count(null));

        assertThat(table.lines())
                .containsExactly(
                        "tenant            rows",
                        "a            1 234 567",
                        "longer-name    unknown");
    }

    @Test
    void showsUnknownAsUnknown() {
        assertThat(Quantity.bytes(null)).isEqualTo("unknown");
        assertThat(Quantity.bytes(0L)).isEqualTo("0 B");
        assertThat(Quantity.bytes(1536L)).isEqualTo("1.5 KiB");
    }
}
