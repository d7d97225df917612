package io.heliosdb.replication.model.config;

/** What the first copy does when the target already holds rows of the tenant. */
public enum ExistingRows {
    /** The replication goes to Error and touches nothing. */
    FAIL,
    /**
     * The tenant's rows in the target are deleted first, in the transaction that copies the table.
     */
    REPLACE
}
