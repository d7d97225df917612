package io.heliosdb.replication.core.config;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration file into a {@link PipelineConfig} that is valid as a whole.
 *
 * <p>Fails with {@code CONFIG_INVALID}; the message has a line per problem, {@code
 * file:line:column: key.path: what is wrong}, for all problems of the file. No message holds a
 * value that came out of {@code ${env:…}} or {@code ${file:…}}, or a password.
 */
public final class ConfigFile {

    private ConfigFile() {}

    public static PipelineConfig read(Path file) {
        return read(file, System::getenv);
    }

    /**
     * @param environment what {@code ${env:NAME}} stands for, or null if it is not set
     */
    public static PipelineConfig read(Path file, Function<String, @Nullable String> environment) {
        Path absolute = file.toAbsolutePath().normalize();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw invalid(file, "is a directory", null);
        }
        Problems problems = new Problems(file.toString());
        YamlNode root = YamlTree.parse(content(file), problems);
        PipelineConfig config =
                root == null
                        ? null
                        : new PipelineReader(directory, environment, problems).read(root);
        if (config == null || problems.count() > 0) {
            throw problems.toException();
        }
        return config;
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw invalid(file, "does not exist", e);
        } catch (CharacterCodingException e) {
            throw invalid(file, "is not UTF-8 text", e);
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static ReplicationException invalid(
            Path file, String message, @Nullable Throwable cause) {
        return new ReplicationException(
                ErrorCode.CONFIG_INVALID, "configuration file " + file + " " + message, cause);
    }
}
