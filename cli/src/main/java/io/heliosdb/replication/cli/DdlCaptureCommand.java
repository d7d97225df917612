package io.heliosdb.replication.cli;

import io.heliosdb.replication.core.ddl.postgres.DdlCapture;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a superuser runs at the source so that its DDL is carried along. */
@Command(
        name = "ddl-capture",
        description = {
            "Prints the SQL that lets the source of the file tell its DDL: event triggers that write a"
                    + " signed logical message. Connects to nothing.",
            "Run it as a superuser in the source database; it may be run again."
        },
        mixinStandardHelpOptions = true)
final class DdlCaptureCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String user = config.read().source().database().user();
        PrintWriter out = spec.commandLine().getOut();
        out.print("BEGIN;\n");
        DdlCapture.install(user).forEach(statement -> out.print(statement + ";\n"));
        out.print("COMMIT;\n");
        out.flush();
        return ExitCode.OK;
    }
}
