package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.TableId;

/** Tells of a column whether some row has no value in it; true if that cannot be told. */
@FunctionalInterface
public interface NullKeys {

    boolean exist(TableId table, String column);
}
