package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.TableFilter;
import org.jspecify.annotations.Nullable;

/**
 * What a replication does with DDL, and of which tables.
 *
 * @param tables that it carries if its tenant can have rows in them
 * @param leaveOut the order to leave out what is not carried out of the next transaction's DDL
 */
public record DdlScope(DdlRules rules, TableFilter tables, @Nullable SkipOrder leaveOut) {

    public static final DdlScope ALL = new DdlScope(DdlRules.APPLY, TableFilter.ALL, null);
}
