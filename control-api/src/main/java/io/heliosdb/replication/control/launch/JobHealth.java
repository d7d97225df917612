package io.heliosdb.replication.control.launch;

/**
 * How the jobs of all sources are.
 *
 * @param jobs that are known; 0 also where somebody else launches them
 * @param failed those that are not started again by themselves
 * @param failing those whose last start or run has failed, and that are tried again
 * @param silent those that run, and do not follow the store's changes as they happen
 */
public record JobHealth(long jobs, long failed, long failing, long silent) {}
