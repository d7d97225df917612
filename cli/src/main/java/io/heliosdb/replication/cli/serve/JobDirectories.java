package io.heliosdb.replication.cli.serve;

import io.heliosdb.replication.control.launch.ClusterException;
import io.heliosdb.replication.control.launch.Restore;
import io.heliosdb.replication.job.local.CheckpointDirectory;
import io.heliosdb.replication.model.ReplicationException;
import java.util.Optional;
import java.util.UUID;

/**
 * The checkpoint directories of sources: one each, below a root that the API and the jobs see under
 * the same name.
 *
 * @param root URI or absolute path
 */
record JobDirectories(String root) {

    String location(UUID connection) {
        return root.replaceAll("/+$", "") + "/" + connection;
    }

    /**
     * @throws ReplicationException CHECKPOINT_UNREADABLE
     */
    CheckpointDirectory of(UUID connection) {
        return CheckpointDirectory.open(location(connection));
    }

    /** The newest checkpoint or savepoint of a source. */
    Optional<Restore> newest(UUID connection) {
        try {
            return of(connection).newest().map(point -> new Restore(point.path(), point.ours()));
        } catch (ReplicationException e) {
            throw new ClusterException(String.valueOf(e.getMessage()), e);
        }
    }

    String stops(UUID connection) {
        return of(connection).stopsUri();
    }
}
