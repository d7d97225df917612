package io.heliosdb.replication.cli.submit;

import io.heliosdb.replication.cli.cluster.ClusterAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Flink cluster is meant. */
final class RemoteOption {

    @Option(
            names = "--rest",
            paramLabel = "URL",
            description =
                    "REST API of the Flink cluster, e.g. http://flink:8081; default: the one that"
                            + " 'cluster start' started.")
    private @Nullable URI rest;

    RemoteJobs open() {
        return new RemoteJobs(rest == null ? ClusterAddress.ofDefault() : rest);
    }
}
