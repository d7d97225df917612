package io.heliosdb.replication.control.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.heliosdb.replication.control.access.JwtOptions;
import io.heliosdb.replication.control.launch.kubernetes.OperatorOptions;
import io.heliosdb.replication.control.secret.SecretKeys;
import io.heliosdb.replication.control.server.ListenOptions.TlsOptions;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.config.DatabaseConfig;
import io.heliosdb.replication.model.config.EncryptionConfig;
import io.heliosdb.replication.model.config.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file of the control plane, YAML. Unknown keys are errors; paths are relative to
 * the file; secrets stand in files of their own or in the environment, never here.
 */
public final class ControlConfigFile {

    /** Where the secret keys may be instead of in a file. */
    public static final String KEYS_VARIABLE = "HELIOSDB_SECRET_KEYS";

    /** Where the store's password may be instead of in a file. */
    public static final String PASSWORD_VARIABLE = "HELIOSDB_STORE_PASSWORD";

    private static final ObjectMapper MAPPER =
            YAMLMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private ControlConfigFile() {}

    record Root(
            @Nullable Store store,
            @Nullable String secretKeysFile,
            @Nullable Listen listen,
            @Nullable Jwt jwt,
            @Nullable Flink flink) {}

    record Flink(
            @Nullable String restUrl,
            @Nullable String checkpointDirectory,
            @Nullable Integer parallelism,
            @Nullable String storeUrl,
            @Nullable String storePasswordFile,
            @Nullable String secretKeysFile,
            @Nullable Encryption encryption,
            @Nullable Kubernetes kubernetes) {}

    record Encryption(@Nullable String masterKeys, @Nullable String dataKeys) {}

    record Kubernetes(
            @Nullable String namespace,
            @Nullable String image,
            @Nullable String serviceAccount,
            @Nullable String secret,
            @Nullable String keysClaim,
            @Nullable String jobManagerMemory,
            @Nullable String taskManagerMemory) {}

    record Store(
            @Nullable String url,
            @Nullable String user,
            @Nullable String passwordFile,
            @Nullable Integer sessions) {}

    record Listen(
            @Nullable String host,
            @Nullable Integer port,
            @Nullable String tlsCertificate,
            @Nullable String tlsKey,
            @Nullable String tlsClientAuthority,
            @Nullable Boolean plainBehindProxy) {}

    record Jwt(
            @Nullable String issuer,
            @Nullable String audience,
            @Nullable Integer clockSkewSeconds,
            @Nullable String hs256SecretFile,
            @Nullable String jwksFile,
            @Nullable String jwksUrl) {}

    /**
     * Reads and checks the file.
     *
     * @param environment variables by name, null where there is none
     * @throws ReplicationException CONFIG_INVALID
     */
    public static ControlOptions read(Path file, UnaryOperator<@Nullable String> environment) {
        try {
            Root root = MAPPER.readValue(Files.readString(file), Root.class);
            if (root == null) {
                throw new IllegalArgumentException("the file is empty");
            }
            return new Reader(file, environment).options(root);
        } catch (JsonMappingException e) {
            String path =
                    e.getPath().stream()
                            .map(reference -> String.valueOf(reference.getFieldName()))
                            .collect(Collectors.joining("."));
            throw invalid(file, path + ": is not known, or not of the right type");
        } catch (JsonProcessingException e) {
            throw invalid(file, "is not YAML: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e);
        } catch (IllegalArgumentException e) {
            throw invalid(file, String.valueOf(e.getMessage()));
        }
    }

    /** Whether the file is of the control plane, not of a job: it has a store and no source. */
    public static boolean isOne(Path file) {
        try {
            JsonNode root = MAPPER.readTree(Files.readString(file));
            return root != null && root.has("store") && !root.has("source");
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * The Flink cluster of the same file; empty if it names none.
     *
     * @throws ReplicationException CONFIG_INVALID
     */
    public static Optional<FlinkOptions> readFlink(Path file) {
        try {
            Root root = MAPPER.readValue(Files.readString(file), Root.class);
            Flink flink = root == null ? null : root.flink();
            return flink == null ? Optional.empty() : Optional.of(flink(file, root, flink));
        } catch (IOException e) {
            throw invalid(file, "cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw invalid(file, String.valueOf(e.getMessage()));
        }
    }

    private static FlinkOptions flink(Path file, Root root, Flink flink) {
        Store store = Reader.required(root.store(), "store");
        String directory =
                Reader.required(flink.checkpointDirectory(), "flink.checkpoint-directory");
        Kubernetes kubernetes = flink.kubernetes();
        String mounted = kubernetes == null ? null : OperatorOptions.SECRETS + "/";
        return new FlinkOptions(
                flink.restUrl() == null ? null : URI.create(flink.restUrl()),
                kubernetes == null ? null : operator(kubernetes, directory),
                directory,
                flink.parallelism() == null ? 1 : flink.parallelism(),
                flink.storeUrl() == null
                        ? Reader.required(store.url(), "store.url")
                        : flink.storeUrl(),
                mounted == null
                        ? reference(
                                file,
                                flink.storePasswordFile(),
                                store.passwordFile(),
                                PASSWORD_VARIABLE)
                        : "${file:" + mounted + "store-password}",
                mounted == null
                        ? reference(
                                file, flink.secretKeysFile(), root.secretKeysFile(), KEYS_VARIABLE)
                        : "${file:" + mounted + "secret-keys.json}",
                encryption(flink.encryption(), kubernetes));
    }

    private static @Nullable EncryptionConfig encryption(
            @Nullable Encryption encryption, @Nullable Kubernetes kubernetes) {
        if (kubernetes != null) {
            if (encryption != null) {
                throw new IllegalArgumentException(
                        "flink.encryption is for session clusters: on Kubernetes master-keys.json"
                                + " stands in flink.kubernetes.secret, and data keys on the volume"
                                + " of flink.kubernetes.keys-claim");
            }
            return kubernetes.keysClaim() == null
                    ? null
                    : new EncryptionConfig(
                            OperatorOptions.SECRETS + "/master-keys.json", OperatorOptions.KEYS);
        }
        return encryption == null
                ? null
                : new EncryptionConfig(
                        Reader.required(encryption.masterKeys(), "flink.encryption.master-keys"),
                        Reader.required(encryption.dataKeys(), "flink.encryption.data-keys"));
    }

    private static OperatorOptions operator(Kubernetes kubernetes, String directory) {
        return new OperatorOptions(
                Reader.required(kubernetes.namespace(), "flink.kubernetes.namespace"),
                Reader.required(kubernetes.image(), "flink.kubernetes.image"),
                Reader.required(kubernetes.serviceAccount(), "flink.kubernetes.service-account"),
                Reader.required(kubernetes.secret(), "flink.kubernetes.secret"),
                kubernetes.keysClaim(),
                directory,
                kubernetes.jobManagerMemory() == null ? "1g" : kubernetes.jobManagerMemory(),
                kubernetes.taskManagerMemory() == null ? "2g" : kubernetes.taskManagerMemory());
    }

    /** Where the job finds a secret: never the secret itself, for arguments of jobs are shown. */
    private static String reference(
            Path file, @Nullable String there, @Nullable String here, String variable) {
        if (there != null) {
            return "${file:" + there + "}";
        }
        return here == null
                ? "${env:" + variable + "}"
                : "${file:" + file.toAbsolutePath().normalize().resolveSibling(here) + "}";
    }

    private static ReplicationException invalid(Path file, String problem) {
        return new ReplicationException(ErrorCode.CONFIG_INVALID, file + ": " + problem);
    }

    /** Makes options of what was read. */
    private record Reader(Path file, UnaryOperator<@Nullable String> environment) {

        ControlOptions options(Root root) throws IOException {
            Store store = required(root.store(), "store");
            return new ControlOptions(
                    new DatabaseConfig(
                            required(store.url(), "store.url"),
                            required(store.user(), "store.user"),
                            secret(store.passwordFile(), PASSWORD_VARIABLE)),
                    store.sessions() == null
                            ? ControlOptions.DEFAULT_STORE_SESSIONS
                            : store.sessions(),
                    keys(root.secretKeysFile()),
                    listen(root.listen()),
                    root.listen() != null && Boolean.TRUE.equals(root.listen().plainBehindProxy()),
                    jwt(root.jwt()));
        }

        private SecretKeys keys(@Nullable String name) {
            String value = environment.apply(KEYS_VARIABLE);
            if (name != null) {
                return SecretKeys.read(resolve(name));
            }
            if (value != null) {
                return SecretKeys.parse(value);
            }
            throw new IllegalArgumentException(
                    "secret-keys-file is required (make one with: heliosdb-cli secret-keys new FILE),"
                            + " or the variable "
                            + KEYS_VARIABLE);
        }

        private static ListenOptions listenOn(
                @Nullable String host, @Nullable Integer port, @Nullable TlsOptions tls) {
            return new ListenOptions(
                    host == null ? ListenOptions.LOOPBACK : host,
                    port == null ? ListenOptions.DEFAULT_PORT : port,
                    tls);
        }

        private ListenOptions listen(@Nullable Listen listen) {
            if (listen == null) {
                return listenOn(null, null, null);
            }
            String certificate = listen.tlsCertificate();
            String key = listen.tlsKey();
            if ((certificate == null) != (key == null)) {
                throw new IllegalArgumentException(
                        "listen.tls-certificate and listen.tls-key belong together");
            }
            String authority = listen.tlsClientAuthority();
            return listenOn(
                    listen.host(),
                    listen.port(),
                    certificate == null || key == null
                            ? null
                            : new TlsOptions(
                                    resolve(certificate),
                                    resolve(key),
                                    authority == null ? null : resolve(authority)));
        }

        private @Nullable JwtOptions jwt(@Nullable Jwt jwt) throws IOException {
            if (jwt == null) {
                return null;
            }
            String jwksFile = jwt.jwksFile();
            String jwksUrl = jwt.jwksUrl();
            return new JwtOptions(
                    required(jwt.issuer(), "jwt.issuer"),
                    required(jwt.audience(), "jwt.audience"),
                    Duration.ofSeconds(
                            jwt.clockSkewSeconds() == null ? 30 : jwt.clockSkewSeconds()),
                    jwt.hs256SecretFile() == null
                            ? null
                            : secret(jwt.hs256SecretFile(), PASSWORD_VARIABLE),
                    jwksFile == null ? null : resolve(jwksFile),
                    jwksUrl == null ? null : URI.create(jwksUrl));
        }

        private Secret secret(@Nullable String name, String variable) throws IOException {
            if (name != null) {
                return new Secret(Files.readString(resolve(name)).strip());
            }
            String value = environment.apply(variable);
            return value == null ? Secret.EMPTY : new Secret(value);
        }

        private Path resolve(String name) {
            return file.toAbsolutePath().resolveSibling(name);
        }

        private static <T> T required(@Nullable T value, String key) {
            if (value == null) {
                throw new IllegalArgumentException(key + " is required");
            }
            return value;
        }
    }
}
