package io.heliosdb.replication.model.config;

import java.io.Serializable;

/** A value that never shows in text: logs, errors and dumps print {@code ***}. */
public record Secret(String value) implements Serializable {

    public static final Secret EMPTY = new Secret("");

    @Override
    public String toString() {
        return "***";
    }
}
