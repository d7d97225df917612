package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.ingest.SourceIdentity;

/**
 * A server and the session's database and role in it.
 *
 * @param version {@code server_version_num}
 * @param readOnly whether transactions of this session are read only by default
 * @param systemIdentifier of the cluster; a copy made by base backup has the same
 * @param startedAt when the server started: tells apart clusters that have the same identifier
 */
public record ServerFacts(
        int version,
        String versionText,
        boolean inRecovery,
        boolean readOnly,
        String role,
        String database,
        String encoding,
        String systemIdentifier,
        String startedAt) {

    private static final int LEAST_VERSION = 150000;

    /** Whether most other questions cannot even be asked. */
    public boolean isTooOld() {
        return version < LEAST_VERSION;
    }

    /** Whether both are sessions of one database. */
    boolean isSameDatabase(ServerFacts other) {
        return systemIdentifier.equals(other.systemIdentifier)
                && startedAt.equals(other.startedAt)
                && database.equals(other.database);
    }

    /** In the form in which it stands beside progress. */
    String identity() {
        return new SourceIdentity(systemIdentifier, database).toString();
    }
}
