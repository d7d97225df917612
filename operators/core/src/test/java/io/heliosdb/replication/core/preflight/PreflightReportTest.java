package io.heliosdb.replication.core.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;

class PreflightReportTest {

    @Test
    void rendersFindingsBySubjectWithTheirStatementsAndAVerdict() {
        PreflightReport report =
                new PreflightReport(
                        List.of(
                                Finding.error(
                                        ErrorCode.SOURCE_NOT_READY,
                                        "source",
                                        "wal_level is replica",
                                        "ALTER SYSTEM SET wal_level = 'logical';"),
                                Finding.info(ErrorCode.CONFIG_INVALID, "replication a", "no match"),
                                Finding.warning(
                                        ErrorCode.SOURCE_NOT_READY,
                                        "source",
                                        "two\nlines",
                                        "CREATE x\n    y;",
                                        "SELECT 2;")));

        assertThat(report.render())
                .isEqualTo(
                        """
                        source
                          ERROR   wal_level is replica
                                      ALTER SYSTEM SET wal_level = 'logical';
                          WARNING two
                                  lines
                                      CREATE x
                                          y;
                                      SELECT 2;

                        replication a
                          INFO    no match

                        Run the statements from top to bottom, one by one.
                        not ready: 1 error, 1 warning
                        """);
        assertThat(report.hasErrors()).isTrue();
        assertThat(report.hasUnreachable()).isFalse();
    }

    @Test
    void saysReadyIfThereIsNothingWorseThanAWarning() {
        Finding warning = Finding.warning(ErrorCode.SOURCE_NOT_READY, "source", "so so");

        assertThat(new PreflightReport(List.of()).render()).isEqualTo("ready\n");
        assertThat(new PreflightReport(List.of(warning, warning)).verdict())
                .isEqualTo("ready: 2 warnings");
    }

    @Test
    void saysThatNotEverythingWasCheckedIfADatabaseIsUnreachable() {
        Finding finding = Finding.error(ErrorCode.TARGET_UNREACHABLE, "target eu", "no connection");
        PreflightReport report = new PreflightReport(List.of(finding));

        assertThat(report.hasUnreachable()).isTrue();
        assertThat(report.verdict()).contains("not ready: 1 error").contains("not everything");
    }
}
