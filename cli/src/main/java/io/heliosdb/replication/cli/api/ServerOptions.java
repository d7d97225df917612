package io.heliosdb.replication.cli.api;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.control.tls.TrustedAuthorities;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which control API is called, and as whom. What is said here wins over variables and profiles. */
final class ServerOptions {

    static final String URL_VARIABLE = "HELIOSDB_API";
    static final String KEY_VARIABLE = "HELIOSDB_API_KEY";
    static final String PROFILE_VARIABLE = "HELIOSDB_PROFILE";
    static final String DEFAULT_PROFILE = "default";

    @Option(
            names = "--api",
            paramLabel = "URL",
            description =
                    "The control API; else variable HELIOSDB_API, else the profile's, else"
                            + " http://127.0.0.1:8080.")
    @Nullable String api;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description =
                    "File with an API key or a token, - for standard input; else variable"
                            + " HELIOSDB_API_KEY, else the profile's.")
    @Nullable String keyFile;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "What 'login' kept; else variable HELIOSDB_PROFILE, else 'default'.")
    @Nullable String profile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "Certificates (PEM) that the server's is checked with.")
    @Nullable Path authorities;

    ApiClient open() {
        return open(System::getenv, Profiles.ofUser());
    }

    ApiClient open(UnaryOperator<@Nullable String> environment, Profiles profiles) {
        return client(profile(environment, profiles));
    }

    ApiClient client(ApiProfile itsProfile) {
        return new ApiClient(itsProfile, tls());
    }

    ApiProfile profile(UnaryOperator<@Nullable String> environment, Profiles profiles) {
        String named = profile == null ? environment.apply(PROFILE_VARIABLE) : profile;
        Optional<ApiProfile> kept = profiles.find(named == null ? DEFAULT_PROFILE : named);
        if (named != null && kept.isEmpty()) {
            throw new Refusal(
                    ExitCode.USAGE,
                    "there is no profile " + named + ": make it with login --profile " + named);
        }
        String givenUrl = api == null ? environment.apply(URL_VARIABLE) : api;
        String url =
                givenUrl == null
                        ? kept.map(ApiProfile::url).orElse(ApiProfile.DEFAULT_URL)
                        : givenUrl;
        String file = keyFile;
        String key = file == null ? environment.apply(KEY_VARIABLE) : secret(file);
        ApiProfile said = ApiProfile.of(url, key);
        // A kept key is for the server that it was kept for, and goes to no other.
        return said.credential().isEmpty()
                        && kept.filter(it -> it.url().equals(said.url())).isPresent()
                ? kept.get()
                : said;
    }

    /** What a file holds, without the end of the line; {@code -} is standard input. */
    static String secret(String file) {
        try {
            byte[] bytes =
                    file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
            return new String(bytes, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new Refusal(ExitCode.USAGE, file + " cannot be read: " + e);
        }
    }

    private @Nullable SSLContext tls() {
        if (authorities == null) {
            return null;
        }
        try {
            return TrustedAuthorities.context(authorities);
        } catch (IllegalArgumentException e) {
            throw new Refusal(ExitCode.USAGE, e.getMessage());
        }
    }
}
