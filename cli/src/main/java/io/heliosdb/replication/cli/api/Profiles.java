package io.heliosdb.replication.cli.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** What {@code login} has kept, in a file that only its owner can read. */
record Profiles(Path file) {

    /** The user's own file. */
    static Profiles ofUser() {
        String given = System.getProperty("heliosdb.profiles");
        if (given != null) {
            return new Profiles(Path.of(given));
        }
        String config = System.getenv("XDG_CONFIG_HOME");
        Path directory =
                config == null || config.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".config")
                        : Path.of(config);
        return new Profiles(directory.resolve("heliosdb").resolve("profiles.json"));
    }

    Optional<ApiProfile> find(String name) {
        JsonNode found = read().path(name);
        return found.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        ApiProfile.of(
                                found.path("url").asText(), found.path("credential").asText()));
    }

    private ObjectNode read() {
        if (!Files.exists(file)) {
            return ApiClient.MAPPER.createObjectNode();
        }
        try {
            return (ObjectNode) ApiClient.MAPPER.readTree(Files.readString(file));
        } catch (IOException | ClassCastException e) {
            throw new Refusal(ExitCode.USAGE, file + " is not readable: log in again without it");
        }
    }

    void keep(String name, String url, String credential) {
        ObjectNode all = read();
        all.putObject(name).put("url", url).put("credential", credential);
        try {
            Files.createDirectories(file.getParent());
            Path next =
                    Files.createTempFile(
                            file.getParent(),
                            "profiles",
                            ".next",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
            Files.writeString(next, all.toPrettyString());
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new Refusal(ExitCode.USAGE, "not kept in " + file + ": " + e);
        }
    }
}
