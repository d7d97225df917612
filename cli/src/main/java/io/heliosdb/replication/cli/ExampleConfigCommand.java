package io.heliosdb.replication.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "example-config",
        description = "Prints a configuration file to begin with.",
        mixinStandardHelpOptions = true)
final class ExampleConfigCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(text());
        spec.commandLine().getOut().flush();
        return ExitCode.OK;
    }

    static String text() {
        try (InputStream in = ExampleConfigCommand.class.getResourceAsStream("example.yaml")) {
            return new String(
                    Objects.requireNonNull(in, "example.yaml").readAllBytes(),
                    StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the example is part of the jar", e);
        }
    }
}
