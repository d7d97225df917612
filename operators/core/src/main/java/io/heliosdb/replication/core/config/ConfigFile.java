package io.heliosdb.replication.core.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
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
        byte[] content;
        try {
            content = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw invalid(file, "does not exist", e);
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e.getMessage(), e);
        }
        return parse(file, content, environment);
    }

    /** As {@link #read}, of a content that was read before. */
    public static PipelineConfig parse(Path file, byte[] content) {
        return parse(file, content, System::getenv);
    }

    private static PipelineConfig parse(
            Path file, byte[] content, Function<String, @Nullable String> environment) {
        Path directory = file.toAbsolutePath().normalize().getParent();
        if (directory == null) {
            throw invalid(file, "is a directory", null);
        }
        Problems problems = new Problems(file.toString());
        YamlNode root = YamlTree.parse(text(file, content), problems);
        PipelineConfig config =
                root == null
                        ? null
                        : new PipelineReader(directory, environment, problems).read(root);
        if (config == null || problems.count() > 0) {
            throw problems.toException();
        }
        return config;
    }

    /** Malformed input is refused, not replaced. */
    private static String text(Path file, byte[] content) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw invalid(file, "is not UTF-8 text", e);
        }
    }

    private static ReplicationException invalid(
            Path file, String message, @Nullable Throwable cause) {
        return new ReplicationException(
                ErrorCode.CONFIG_INVALID, "configuration file " + file + " " + message, cause);
    }
}
