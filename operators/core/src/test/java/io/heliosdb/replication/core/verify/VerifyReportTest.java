package io.heliosdb.replication.core.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.verify.KeyDifference.Kind;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.Position;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyReportTest {

    private static final TableId TABLE = new TableId("public", "t");

    private static ReplicationResult result(String id, Outcome outcome, TableResult... tables) {
        return new ReplicationResult(
                new ReplicationId(id),
                new TenantId(id),
                "target",
                outcome,
                Position.after(new Lsn(0x30)),
                0,
                null,
                List.of(tables));
    }

    private static VerifyReport report(List<ForeignRows> foreign, ReplicationResult... results) {
        return new VerifyReport(new Lsn(0x20), Duration.ofMillis(1500), List.of(results), foreign);
    }

    @Test
    void judgesByTheWorst() {
        assertThat(report(List.of(), result("a", Outcome.EQUAL)).verdict().exitCode()).isZero();
        assertThat(
                        report(
                                        List.of(),
                                        result("a", Outcome.BEHIND),
                                        result("b", Outcome.UNREACHABLE),
                                        result("c", Outcome.EQUAL))
                                .verdict()
                                .exitCode())
                .isEqualTo(3);
        assertThat(
                        report(
                                        List.of(),
                                        result("a", Outcome.UNREACHABLE),
                                        result("b", Outcome.DIFFERENT))
                                .verdict()
                                .exitCode())
                .isEqualTo(1);
        assertThat(
                        report(
                                        List.of(new ForeignRows("target", TABLE, 1, 5, "x")),
                                        result("a", Outcome.EQUAL))
                                .verdict())
                .isEqualTo(Outcome.DIFFERENT);
    }

    @Test
    void showsWhatDiffersAndTheVerdictLast() {
        VerifyReport report =
                report(
                        List.of(),
                        result("a", Outcome.EQUAL),
                        result(
                                "b",
                                Outcome.DIFFERENT,
                                new TableResult(
                                        TABLE,
                                        Outcome.DIFFERENT,
                                        1000,
                                        999,
                                        0,
                                        List.of(
                                                new KeyDifference(
                                                        Kind.DIFFERENT, "id=3", List.of("name"))),
                                        true,
                                        List.of())));

        assertThat(VerifyText.render(report).lines())
                .containsExactly(
                        "equal       a (tenant a to target) at 0/30",
                        "different   b (tenant b to target) at 0/30",
                        "  different public.t: 1,000 rows at the source, 999 in the target",
                        "    different: id=3 in name",
                        "    … and more",
                        "different: 1 replications equal, 1 different, 0 behind, 0 unreachable;"
                                + " 1,000 rows at source position 0/20 in 1.5 s");
        assertThat(VerifyJson.tree(report).at("/replications/1/tables/0/differences/0").toString())
                .isEqualTo("{\"kind\":\"different\",\"key\":\"id=3\",\"columns\":[\"name\"]}");
    }

    @Test
    void doesNotCallNothingEqual() {
        assertThat(VerifyText.verdict(report(List.of()))).startsWith("nothing to compare");
    }
}
