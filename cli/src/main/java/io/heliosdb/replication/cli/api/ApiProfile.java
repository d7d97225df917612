package io.heliosdb.replication.cli.api;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A control API and who one is there.
 *
 * @param url without a slash at the end
 */
record ApiProfile(String url, Optional<Credential> credential) {

    static final String DEFAULT_URL = "http://127.0.0.1:8080";

    /** What is sent with each call. */
    record Credential(String header, String value) {

        /** An API key, or else a token. */
        static Credential of(String text) {
            return text.startsWith("hk_")
                    ? new Credential("X-API-Key", text)
                    : new Credential("Authorization", "Bearer " + text);
        }

        @Override
        public String toString() {
            return "Credential[" + header + "]";
        }
    }

    static ApiProfile of(String url, @Nullable String credential) {
        return new ApiProfile(
                url.replaceAll("/+$", "").replaceAll("/v1$", ""),
                credential == null || credential.isBlank()
                        ? Optional.empty()
                        : Optional.of(Credential.of(credential.strip())));
    }
}
