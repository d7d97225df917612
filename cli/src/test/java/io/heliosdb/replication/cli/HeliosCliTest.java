package io.heliosdb.replication.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HeliosCliTest {

    @TempDir Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void everyCommandHasHelpThatTellsTheExitCodes() {
        for (List<String> command : commands(HeliosCli.commandLine(), List.of())) {
            List<String> arguments = new ArrayList<>(command);
            arguments.add("--help");

            assertThat(run(arguments.toArray(String[]::new))).as("%s", command).isEqualTo(0);
            assertThat(out.toString()).as("%s", command).contains("Usage:").contains("Exit codes:");
            out.getBuffer().setLength(0);
        }
    }

    @Test
    void answersWrongUsageWithExitCode2AndASuggestion() {
        assertThat(run("example-confg")).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString()).contains("example-config");
    }

    @Test
    void theExampleIsAValidConfiguration() throws Exception {
        assertThat(run("example-config")).isEqualTo(ExitCode.OK);
        Path file = Files.writeString(directory.resolve("c.yaml"), out.toString());

        PipelineConfig config = ConfigFile.read(file, name -> "secret");

        assertThat(config.replications()).hasSize(3);
        assertThat(config.job().checkpointDirectory())
                .isEqualTo(directory.resolve("checkpoints").toString());
    }

    @Test
    void everyErrorHasAnExitCode() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ExitCode.of(code)).isBetween(ExitCode.FINDING, ExitCode.UNREACHABLE);
        }
    }

    private int run(String... arguments) {
        return HeliosCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    private static List<List<String>> commands(CommandLine line, List<String> path) {
        List<List<String>> found = new ArrayList<>();
        line.getSubcommands()
                .forEach(
                        (name, below) -> {
                            if (!name.equals("help")
                                    && !below.getCommandSpec().usageMessage().hidden()) {
                                List<String> itsPath = new ArrayList<>(path);
                                itsPath.add(name);
                                found.add(itsPath);
                                found.addAll(commands(below, itsPath));
                            }
                        });
        return found;
    }
}
