package io.heliosdb.replication.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;

/** Where the cluster of {@code cluster start} answers. */
public final class ClusterAddress {

    private ClusterAddress() {}

    /** The REST API of the cluster in the default directory, whether it runs or not. */
    public static URI ofDefault() {
        try {
            return URI.create(
                    "http://localhost:"
                            + new StandaloneCluster(StandaloneCluster.defaultDirectory())
                                    .restPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
