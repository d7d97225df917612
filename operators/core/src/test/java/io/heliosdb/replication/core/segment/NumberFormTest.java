package io.heliosdb.replication.core.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumberFormTest {

    private static final NumberForm INTEGER = new DecimalForm(0, false);
    private static final NumberForm MONEY = new DecimalForm(2, false);
    private static final NumberForm TRIMMED = new DecimalForm(6, true);
    private static final NumberForm DATE = new TimeForm(true, new byte[0]);
    private static final NumberForm LOCAL = new TimeForm(false, new byte[0]);
    private static final NumberForm ZONED = new TimeForm(false, new byte[] {'+', '0', '0'});
    private static final NumberForm FLOAT = new FloatForm();
    private static final NumberForm[] ALL = {INTEGER, MONEY, TRIMMED, DATE, LOCAL, ZONED, FLOAT};

    private static long parse(NumberForm form, String text) {
        byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
        return form.parse(bytes, 1, bytes.length - 1);
    }

    private static String text(NumberForm form, long number) {
        byte[] bytes = new byte[NumberForm.MOST_BYTES + 3];
        int end = form.write(number, bytes, 3);
        return new String(bytes, 3, end - 3, StandardCharsets.UTF_8);
    }

    @Test
    void whateverIsTakenIsGivenBack() {
        String alphabet = "0123456789000111.-+: e20:26-";
        Random random = new Random(3);
        int taken = 0;
        for (int i = 0; i < 300_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(12); c >= 0; c--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            for (NumberForm form : ALL) {
                long number = parse(form, text.toString());
                if (number != NumberForm.NONE) {
                    taken++;
                    assertThat(text(form, number)).isEqualTo(text.toString());
                }
            }
        }
        assertThat(taken).isGreaterThan(10_000);
    }

    @Test
    void takesEveryDayAndItsTimes() {
        for (java.time.LocalDate day = java.time.LocalDate.of(1, 1, 1);
                day.getYear() < 10_000;
                day = day.plusDays(1)) {
            String text = day.toString();
            assertThat(parse(DATE, text)).as(text).isEqualTo(day.toEpochDay());
            assertThat(text(DATE, day.toEpochDay())).isEqualTo(text);
        }
        Random random = new Random(4);
        for (int i = 0; i < 100_000; i++) {
            long micros = (random.nextLong() >> 4 + random.nextInt(20)) % 60_000_000_000_000_000L;
            String text = text(ZONED, micros);
            assertThat(parse(ZONED, text)).as(text).isEqualTo(micros);
            assertThat(parse(LOCAL, text.substring(0, text.length() - 3))).isEqualTo(micros);
        }
    }

    @Test
    void takesFloatsOfAnySize() {
        Random random = new Random(5);
        int taken = 0;
        for (int i = 0; i < 100_000; i++) {
            double value = random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
            String text = text(FLOAT, Double.doubleToRawLongBits(value));
            assertThat(Double.parseDouble(text)).isEqualTo(value);
            taken += parse(FLOAT, text) == NumberForm.NONE ? 0 : 1;
        }
        assertThat(taken).isEqualTo(100_000);
    }

    @ParameterizedTest
    @CsvSource({
        "007",
        "-0",
        "+1",
        "''",
        "-",
        "1.",
        ".5",
        "1.5.0",
        "0x10",
        "1000000000000000000000",
        "NaN",
        "Infinity",
        "1e5",
        "1E+20",
        "1.0e+20",
        "2026-02-29",
        "2026-13-01",
        "0000-01-01",
        "2026-11-21 24:00:00",
        "2026-11-21 16:38:60",
        "2026-11-21 16:38:20.",
        "2026-11-21 16:38:20.50",
        "2026-11-21 16:38:20.1234567",
        "2026-11-21T16:38:20",
        "2026-11-21 16:38:20+01",
        "12026-11-21",
    })
    void leavesWhatItWouldWriteInAnotherWay(String text) {
        for (NumberForm form : ALL) {
            assertThat(parse(form, text))
                    .as(form.getClass() + " " + text)
                    .isEqualTo(NumberForm.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1e+15, 1e+15",
        "123456789012345, 123456789012345",
        "0.0001, 0.0001",
        "1e-05, 1e-05",
        "-1.5e-300, -1.5e-300",
        "100, 100",
        "0.30000000000000004, 0.30000000000000004",
    })
    void writesFloatsAsPostgresDoes(String text, double value) {
        assertThat(parse(FLOAT, text)).isEqualTo(Double.doubleToRawLongBits(value));
    }
}
