package io.heliosdb.replication.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.heliosdb.replication.cli.DurationConverter;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.run.StopSignal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job, from nothing to verified rows, on this machine alone. */
@Command(
        name = "demo",
        description = {
            "Starts two PostgreSQL servers, fills one with a multi-tenant application, lets its users"
                    + " work, replicates every tenant into the other, and compares both at the end.",
            "Without --duration it runs until Ctrl-C, and then compares. Leaves nothing behind."
        },
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--tenants",
            defaultValue = "20",
            paramLabel = "N",
            description = "How many tenants; default ${DEFAULT-VALUE}.")
    private int tenants;

    @Option(
            names = "--duration",
            converter = DurationConverter.class,
            paramLabel = "TIME",
            description = "How long the users work, e.g. 60s or 5m; default until Ctrl-C.")
    private @Nullable Duration duration;

    @Option(
            names = "--rate",
            defaultValue = "200",
            paramLabel = "N",
            description =
                    "Transactions per second; 0 for as many as possible; default ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--rows",
            defaultValue = "10000",
            paramLabel = "N",
            description = "Scale of the existing rows; default ${DEFAULT-VALUE}.")
    private int rows;

    @Option(
            names = "--port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "Port of the source, the target has the next one; default any free.")
    private int port;

    @Option(
            names = "--web-port",
            defaultValue = "8081-8181",
            paramLabel = "PORT",
            description =
                    "Port of Flink's web UI; a range takes the first free; default ${DEFAULT-VALUE}.")
    private String webPort = "8081-8181";

    @Option(names = "--json", description = "Prints a summary as JSON on standard output.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        // With --json standard output holds nothing else.
        PrintWriter talk = json ? spec.commandLine().getErr() : out;
        StopSignal stop = StopSignal.install();
        DemoSummary summary;
        talk.println("starting two PostgreSQL servers, filling the source");
        talk.flush();
        try (DemoStand stand = DemoStand.start(tenants, rows, port)) {
            Demo demo = new Demo(stand, talk, stop);
            summary = demo.run(webPort, rate, duration);
        }
        if (summary == null) {
            talk.println("interrupted, nothing compared");
            talk.flush();
            return ExitCode.INTERRUPTED;
        }
        if (json) {
            out.println(
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(summary));
            out.flush();
        }
        return summary.isEqual() ? ExitCode.OK : ExitCode.FINDING;
    }
}
