package io.heliosdb.replication.job.local;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.util.Reference;

/**
 * Flink's RPC, loaded once for all clusters of this process. Flink unpacks it and loads its classes
 * anew for each cluster unless told otherwise: most of the time that a second cluster takes to
 * start, and memory for classes that none needs twice.
 */
final class SharedRpc {

    private SharedRpc() {}

    /** With the first use; ends with the process. */
    private static final class Loaded {

        static final Reference<RpcSystem> SYSTEM = load();

        private static Reference<RpcSystem> load() {
            TemporaryDirectory unpacked = TemporaryDirectory.create("heliosdb-rpc-");
            Configuration configuration = new Configuration();
            configuration.set(CoreOptions.TMP_DIRS, unpacked.path().toString());
            return Reference.borrowed(RpcSystem.load(configuration));
        }
    }

    static Reference<RpcSystem> system() {
        return Loaded.SYSTEM;
    }
}
