package io.heliosdb.replication.control.http;

/** A body that is not JSON. */
record Text(String contentType, String body) {}
