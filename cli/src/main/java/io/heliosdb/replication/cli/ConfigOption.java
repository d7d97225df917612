package io.heliosdb.replication.cli;

import io.heliosdb.replication.core.config.ConfigFile;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --config}, for commands that read the configuration file. */
public final class ConfigOption {

    @Option(
            names = "--config",
            required = true,
            paramLabel = "FILE",
            description = "The configuration file (YAML).")
    private Path file = Path.of("");

    public Path file() {
        return file;
    }

    /** The configuration, validated whole. */
    public PipelineConfig read() {
        return ConfigFile.read(file);
    }
}
