package io.heliosdb.replication.cli.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.core.preflight.Finding;
import io.heliosdb.replication.core.preflight.PreflightReport;
import io.heliosdb.replication.core.preflight.postgres.Preflight;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The preflight against the databases of the file; changes nothing in them. */
@Command(
        name = "check",
        description = {
            "Checks source and targets of the file, and prints the SQL that mends what it finds."
                    + " Changes nothing.",
            "Exits with 1 if the job must not start, 3 if a database cannot be reached or logged"
                    + " in to."
        },
        mixinStandardHelpOptions = true)
public final class CheckCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    /** What {@code --json} prints. */
    record Output(String verdict, boolean ready, List<Finding> findings) {}

    @Override
    public Integer call() throws JsonProcessingException {
        PreflightReport report = Preflight.check(config.read());
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(report) + "\n" : report.render());
        out.flush();
        return exitCode(report);
    }

    static int exitCode(PreflightReport report) {
        if (report.hasUnreachable()) {
            return ExitCode.UNREACHABLE;
        }
        return report.hasErrors() ? ExitCode.FINDING : ExitCode.OK;
    }

    private static String json(PreflightReport report) throws JsonProcessingException {
        return new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(
                        new Output(report.verdict(), !report.hasErrors(), report.findings()));
    }
}
