package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.model.TableId;

/**
 * Rows in a replicated table of a target that belong to tenants which are not replicated there.
 *
 * @param tenants how many such tenants
 * @param exampleTenant one of them; the empty string stands for a NULL tenant key
 */
public record ForeignRows(
        String target, TableId table, long tenants, long rows, String exampleTenant) {}
