package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.model.config.DdlTag;

/** A statement for the target, and what kind of DDL it is. */
public record DdlStatement(DdlTag tag, String sql) {}
