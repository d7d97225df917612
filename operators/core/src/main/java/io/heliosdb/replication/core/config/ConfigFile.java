package io.heliosdb.replication.core.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.ControlStoreConfig;
import io.heliosdb.replication.model.config.PipelineConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
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
        return parse(file, bytes(file), environment);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw invalid(file, "does not exist", e);
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** As {@link #read}, of a content that was read before. */
    public static PipelineConfig parse(Path file, byte[] content) {
        return parse(file, content, System::getenv);
    }

    /** Reads the file of a job that follows a control store. */
    public static ControlStoreConfig readControl(Path file) {
        return readControl(file, System::getenv);
    }

    static ControlStoreConfig readControl(
            Path file, Function<String, @Nullable String> environment) {
        return parse(file, bytes(file), environment, PipelineReader::readControl);
    }

    /**
     * The same of a text that is no file, such as an argument, which others may see: passwords and
     * keys must be references.
     *
     * @param directory relative paths are relative to it
     */
    public static ControlStoreConfig parseControl(Path directory, String text) {
        return parseControl(directory, text, System::getenv);
    }

    static ControlStoreConfig parseControl(
            Path directory, String document, Function<String, @Nullable String> environment) {
        Path name = directory.resolve("argument");
        Problems problems = new Problems("argument");
        YamlNode root = YamlTree.parse(document, problems);
        for (String key : List.of("password", "secret-keys")) {
            String text = scalarBelow(root, "store", key);
            if (text != null && !text.isEmpty() && !text.matches("\\$\\{(env|file):[^}]*}")) {
                throw new ReplicationException(
                        ErrorCode.CONFIG_INVALID,
                        "argument: store."
                                + key
                                + ": must be ${env:NAME} or ${file:PATH}: others can see arguments");
            }
        }
        return parse(name, document.getBytes(UTF_8), environment, PipelineReader::readControl);
    }

    private static @Nullable String scalarBelow(
            @Nullable YamlNode root, String section, String key) {
        YamlNode node = root;
        for (String name : List.of(section, key)) {
            YamlNode.Entry entry =
                    node instanceof YamlNode.Mapping mapping ? mapping.entries().get(name) : null;
            node = entry == null ? null : entry.value();
        }
        return node instanceof YamlNode.Scalar scalar ? scalar.text() : null;
    }

    private static PipelineConfig parse(
            Path file, byte[] content, Function<String, @Nullable String> environment) {
        return parse(file, content, environment, PipelineReader::read);
    }

    private static <T> T parse(
            Path file,
            byte[] content,
            Function<String, @Nullable String> environment,
            BiFunction<PipelineReader, YamlNode, @Nullable T> reader) {
        Path directory = file.toAbsolutePath().normalize().getParent();
        if (directory == null) {
            throw invalid(file, "is a directory", null);
        }
        Problems problems = new Problems(file.toString());
        YamlNode root = YamlTree.parse(text(file, content), problems);
        T config =
                root == null
                        ? null
                        : reader.apply(new PipelineReader(directory, environment, problems), root);
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
