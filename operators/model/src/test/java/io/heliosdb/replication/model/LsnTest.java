package io.heliosdb.replication.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

    @ParameterizedTest
    @ValueSource(strings = {"0/0", "16/B374D848", "FFFFFFFF/FFFFFFFF", "0/A"})
    void keepsPostgresText(String text) {
        assertThat(Lsn.parse(text)).hasToString(text);
    }

    @Test
    void comparesUnsigned() {
        assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("1/0"));
        assertThat(Lsn.parse("1/10").bytesSince(Lsn.parse("1/0"))).isEqualTo(16);
        assertThat(Lsn.parse("1/0").bytesSince(Lsn.parse("1/10"))).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "/1", "1/", "1/G", "123456789/1"})
    void refusesOtherText(String text) {
        assertThatThrownBy(() -> Lsn.parse(text)).hasMessageContaining("'" + text + "'");
    }
}
