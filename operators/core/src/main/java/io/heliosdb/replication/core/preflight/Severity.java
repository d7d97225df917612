package io.heliosdb.replication.core.preflight;

/** How bad a finding is; the worst first. */
public enum Severity {
    /** The job must not start: rows would be lost, or a replication cannot work at all. */
    ERROR,
    /** It works, but not as one may expect, or not for ever. */
    WARNING,
    /** Good to know. */
    INFO
}
