package io.heliosdb.replication.cli;

import io.heliosdb.replication.cli.api.ApiCommands;
import io.heliosdb.replication.cli.check.CheckCommand;
import io.heliosdb.replication.cli.cluster.ClusterCommand;
import io.heliosdb.replication.cli.control.ResyncCommand;
import io.heliosdb.replication.cli.control.RetryCommand;
import io.heliosdb.replication.cli.control.SkipCommand;
import io.heliosdb.replication.cli.demo.DemoCommand;
import io.heliosdb.replication.cli.keys.TenantKeysCommand;
import io.heliosdb.replication.cli.run.RunCommand;
import io.heliosdb.replication.cli.serve.SecretKeysCommand;
import io.heliosdb.replication.cli.serve.ServeCommand;
import io.heliosdb.replication.cli.status.StatusCommand;
import io.heliosdb.replication.cli.submit.CancelCommand;
import io.heliosdb.replication.cli.submit.SavepointCommand;
import io.heliosdb.replication.cli.submit.SubmitCommand;
import io.heliosdb.replication.cli.verify.VerifyCommand;
import io.heliosdb.replication.model.ReplicationException;
import java.io.PrintWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The command line of the product.
 *
 * <p>Results go to standard output, what goes wrong to standard error; the exit code tells which
 * ({@link ExitCode}). No stack traces: those are in the log file.
 */
@Command(
        name = "heliosdb-cli",
        description = "Replicates single tenants from one PostgreSQL database to another.",
        mixinStandardHelpOptions = true,
        version = "heliosdb-cli 0.1.0",
        subcommands = {
            CheckCommand.class,
            StatusCommand.class,
            VerifyCommand.class,
            DemoCommand.class,
            RunCommand.class,
            ClusterCommand.class,
            SubmitCommand.class,
            SavepointCommand.class,
            CancelCommand.class,
            ResyncCommand.class,
            RetryCommand.class,
            SkipCommand.class,
            ServeCommand.class,
            SecretKeysCommand.class,
            TenantKeysCommand.class,
            ExampleConfigCommand.class,
            DdlCaptureCommand.class,
            WarmUpCommand.class,
            CommandLine.HelpCommand.class
        })
public final class HeliosCli {

    private static final Logger LOG = LoggerFactory.getLogger(HeliosCli.class);

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command and returns its exit code. */
    public static int run(String... arguments) {
        return commandLine().execute(arguments);
    }

    static CommandLine commandLine() {
        CommandLine commands = new CommandLine(new HeliosCli());
        ApiCommands.addTo(commands);
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setExecutionExceptionHandler(
                (exception, command, parsed) -> failed(exception, command));
        commands.setParameterExceptionHandler(
                (exception, arguments) -> misused(exception, exception.getCommandLine()));
        tellExitCodes(commands);
        return commands;
    }

    private static void tellExitCodes(CommandLine command) {
        command.getCommandSpec().usageMessage().footer("", ExitCode.HELP);
        command.getSubcommands().values().forEach(HeliosCli::tellExitCodes);
    }

    private static int failed(Exception exception, CommandLine command) {
        if (exception instanceof Refusal) {
            LOG.info(
                    "command refused command={} reason={}",
                    command.getCommandName(),
                    exception.getMessage());
        } else {
            LOG.error("command failed command={}", command.getCommandName(), exception);
        }
        PrintWriter err = command.getErr();
        if (exception instanceof ReplicationException replication) {
            err.println(error(command, replication.toString()));
            err.flush();
            return ExitCode.of(replication.code());
        }
        if (exception instanceof Refusal refusal) {
            err.println(error(command, String.valueOf(refusal.getMessage())));
            err.flush();
            return refusal.exitCode();
        }
        String message = exception.getMessage();
        err.println(
                error(
                        command,
                        message == null || message.isBlank() ? exception.toString() : message));
        err.println("details: " + System.getProperty("log.file", "no log file"));
        err.flush();
        return ExitCode.FINDING;
    }

    private static int misused(ParameterException exception, CommandLine command) {
        PrintWriter err = command.getErr();
        err.println(error(command, String.valueOf(exception.getMessage())));
        CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.USAGE;
    }

    private static String error(CommandLine command, String message) {
        return command.getHelp().colorScheme().errorText(message).toString();
    }
}
