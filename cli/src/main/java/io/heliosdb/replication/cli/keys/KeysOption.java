package io.heliosdb.replication.cli.keys;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Home;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.cli.serve.EmbeddedControl;
import io.heliosdb.replication.control.server.ControlConfigFile;
import io.heliosdb.replication.control.server.FlinkOptions;
import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.core.secret.TenantKeyAdmin;
import io.heliosdb.replication.model.config.EncryptionConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whose keys: of the job of a file, or of the jobs that {@code serve} launches. */
final class KeysOption {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration of a job, or of 'serve' (YAML).")
    private @Nullable Path file;

    @Option(names = "--embedded", description = "Of the jobs of 'serve --embedded'.")
    private boolean embedded;

    TenantKeyAdmin admin() {
        Path config = file;
        if (embedded == (config != null)) {
            throw new Refusal(ExitCode.USAGE, "give either --config FILE or --embedded");
        }
        return new TenantKeyAdmin(
                config == null
                        ? EmbeddedControl.encryption(Home.work().resolve("control"))
                        : encryption(config));
    }

    private static EncryptionConfig encryption(Path file) {
        boolean serves = ControlConfigFile.isOne(file);
        EncryptionConfig encryption =
                serves
                        ? ControlConfigFile.readFlink(file)
                                .map(FlinkOptions::encryption)
                                .orElse(null)
                        : ConfigFile.read(file).job().encryption();
        if (encryption == null) {
            throw new Refusal(
                    ExitCode.USAGE,
                    file + " has no " + (serves ? "flink.encryption" : "job.encryption"));
        }
        return encryption;
    }
}
