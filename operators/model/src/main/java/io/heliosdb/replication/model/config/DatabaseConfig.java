package io.heliosdb.replication.model.config;

import java.io.Serializable;

/**
 * How to reach one PostgreSQL database: {@code jdbc:postgresql://host:port/database} and
 * credentials.
 */
public record DatabaseConfig(String url, String user, Secret password) implements Serializable {

    private static final String PREFIX = "jdbc:postgresql://";

    public DatabaseConfig {
        if (!url.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "url must start with " + PREFIX + ", got '" + url + "'");
        }
        if (url.contains("password=")) {
            throw new IllegalArgumentException(
                    "url must not carry a password: use the key 'password' with ${env:NAME} or ${file:PATH}");
        }
        if (user.isBlank()) {
            throw new IllegalArgumentException("user must not be blank for " + url);
        }
    }
}
