package io.heliosdb.replication.control.replication;

import org.jspecify.annotations.Nullable;

/** Who orders something, from where and why, for the record. */
public record Actor(String name, @Nullable String address, @Nullable String reason) {}
