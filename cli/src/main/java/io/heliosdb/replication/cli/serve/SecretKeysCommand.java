package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ControlOptions;
import io.heliosdb.replication.control.server.SecretRotation;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The keys that secrets in the metadata store are encrypted with. */
@Command(
        name = "secret-keys",
        description = {
            "Makes and rotates the keys that secrets in the metadata store are encrypted with;"
                    + " 'new' and 'add' also for the master keys of backlogs (see 'tenant-keys').",
            "To rotate: 'add', restart every 'serve', 'encrypt', restart again when convenient."
        },
        mixinStandardHelpOptions = true)
public final class SecretKeysCommand implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "say new, add or encrypt");
    }

    @Command(
            name = "new",
            description = "Makes a file with one key; never overwrites.",
            mixinStandardHelpOptions = true)
    int make(@Parameters(paramLabel = "FILE", description = "The file to make.") Path file) {
        try {
            SecretKeys.generate().writeNew(file);
        } catch (FileAlreadyExistsException e) {
            throw new Refusal(ExitCode.USAGE, file + " exists already");
        }
        say("made " + file + "; keep a copy in a safe place: without it, secrets are lost");
        return ExitCode.OK;
    }

    @Command(
            name = "add",
            description = "Adds a key, which encrypts from the next start on.",
            mixinStandardHelpOptions = true)
    int add(@Parameters(paramLabel = "FILE", description = "The file.") Path file) {
        SecretRotation.addKey(file);
        say("added; restart every 'serve', then run 'secret-keys encrypt'");
        return ExitCode.OK;
    }

    @Command(
            name = "encrypt",
            description =
                    "Encrypts all secrets of the store with the newest key, drops the others.",
            mixinStandardHelpOptions = true)
    int encrypt(
            @Option(
                            names = {"-c", "--config"},
                            required = true,
                            paramLabel = "FILE",
                            description = "Configuration of the control plane.")
                    @Nullable Path config,
            @Parameters(paramLabel = "FILE", description = "The file with the keys.") Path file) {
        ControlOptions options = ServeCommand.options(config);
        int count = SecretRotation.encryptAnew(options.store(), file);
        say(count + " secrets encrypted with the newest key; the others are gone from " + file);
        return ExitCode.OK;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
