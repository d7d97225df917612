package io.heliosdb.replication.job;

import static io.heliosdb.replication.job.Stand.awaitState;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Values that fill a good part of the heap: each passes through it whole. */
class LargeValuesITCase extends JobStand {

    private static final Duration LONG = Duration.ofMinutes(Soak.times(2, 10));

    private static final String DOCS =
            "SELECT tenant_id, id, n, length(t), md5(t), md5(b) FROM public.doc WHERE tenant_id IN ('big', 'small') ORDER BY 1, 2";

    /** Text of 12 (in the full form 100) MB, bytea of half that, in a heap of {@link #heap}. */
    @Test
    void carriesValuesOfAHundredMegabytes_R7() {
        int megabytes = Soak.times(12, 100);
        String text = "repeat(md5('%s'), " + megabytes * 31_250 + ")";
        String bytes = "decode(repeat(md5('%s'), " + megabytes * 15_625 + "), 'hex')";
        stand.onSource(
                "CREATE TABLE doc (tenant_id text, id int, n int, t text, b bytea, PRIMARY KEY (tenant_id, id))",
                "CREATE PUBLICATION helios FOR ALL TABLES",
                "INSERT INTO doc VALUES ('big', 1, 0, %s, %s)"
                        .formatted(text.formatted("a"), bytes.formatted("b")));
        stand.replicate("big", "big", "main").replicate("small", "small", "main").write();
        stand.startProcess("-Xmx" + heap(megabytes) + "m");
        awaitState(targetServer, target, "big", "STREAMING");
        awaitState(targetServer, target, "small", "STREAMING");
        stand.awaitSame(LONG, targetServer, target, DOCS);
        stand.onSource(
                "INSERT INTO doc VALUES ('small', 1, 0, 'x', 'y'), ('big', 2, 0, %s, NULL)"
                        .formatted(text.formatted("c")),
                "UPDATE doc SET n = n + 1",
                "UPDATE doc SET b = %s WHERE tenant_id = 'big' AND id = 2"
                        .formatted(bytes.formatted("d")),
                "UPDATE doc SET t = %s WHERE id = 1".formatted(text.formatted("e")),
                "INSERT INTO doc VALUES ('small', 2, 0, 'after them', NULL)");
        stand.awaitSame(LONG, targetServer, target, DOCS);
    }

    private static int heap(int megabytes) {
        return Integer.getInteger("heliosdb.heap", 200 + 12 * megabytes);
    }
}
