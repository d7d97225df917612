package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.config.DdlPolicy;
import io.heliosdb.replication.model.config.TableFilter;

/**
 * What a replication does with DDL, and of which tables.
 *
 * @param tables that it carries if its tenant can have rows in them
 */
public record DdlScope(DdlPolicy policy, TableFilter tables) {

    public static final DdlScope ALL = new DdlScope(DdlPolicy.APPLY, TableFilter.ALL);
}
