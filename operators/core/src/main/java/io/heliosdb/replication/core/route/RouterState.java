package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ReplicationSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a checkpoint keeps of the router.
 *
 * <pre>
 *   state := version(1) = 1  routes(4) route*  xids  lastCommitLsn(8)  insideTransaction(1)
 *   route := spec  failed(1)  parts(4)
 * </pre>
 *
 * @param routes the replications that have begun, with the parts of the open transaction handed on
 * @param unprovenXids see {@link UnprovenXids}
 * @param lastCommitLsn commit LSN of the last whole transaction
 * @param insideTransaction whether parts of a further transaction were routed
 */
public record RouterState(
        List<Route> routes, long[] unprovenXids, long lastCommitLsn, boolean insideTransaction) {

    private static final byte VERSION = 1;

    /** One replication. */
    public record Route(ReplicationSpec spec, boolean failed, int parts) {}

    public RouterState {
        routes = List.copyOf(routes);
    }

    public byte[] encode() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(routes.size());
            for (Route route : routes) {
                LaneInputCodec.writeSpec(route.spec, out);
                out.writeBoolean(route.failed);
                out.writeInt(route.parts);
            }
            LaneInputCodec.writeLongs(unprovenXids, out);
            out.writeLong(lastCommitLsn);
            out.writeBoolean(insideTransaction);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    public static RouterState decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IOException("router state of version " + version);
            }
            int count = in.readInt();
            List<Route> routes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                routes.add(new Route(LaneInputCodec.readSpec(in), in.readBoolean(), in.readInt()));
            }
            return new RouterState(
                    routes, LaneInputCodec.readLongs(in), in.readLong(), in.readBoolean());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
