package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a checkpoint keeps of the router.
 *
 * <pre>
 *   state := version(1) = 3  routes(4) route*  xids  lastCommitLsn(8)  insideTransaction(1)
 *            tables(4) {schema table column}*
 *            desired(4) {replication version(8) resync(4) retry(4) skipLsn(8)}*
 *   route := spec  failed(1)  parts(4)
 * </pre>
 *
 * Version 1 had no tables, version 2 nothing desired.
 *
 * @param routes the replications that have begun, with the parts of the open transaction handed on
 * @param unprovenXids see {@link UnprovenXids}
 * @param lastCommitLsn commit LSN of the last whole transaction
 * @param insideTransaction whether parts of a further transaction were routed
 * @param tenantKeys the tables that were carried by a tenant key column, with its name
 * @param desired what was last acted on of what the metadata store wants, by replication
 */
public record RouterState(
        List<Route> routes,
        long[] unprovenXids,
        long lastCommitLsn,
        boolean insideTransaction,
        Map<TableId, String> tenantKeys,
        Map<ReplicationId, Acted> desired) {

    private static final byte VERSION = 3;
    private static final byte WITHOUT_DESIRED = 2;
    private static final byte WITHOUT_TABLES = 1;

    /** Of a {@link io.heliosdb.replication.core.feed.DesiredReplication}: what was carried out. */
    public record Acted(long version, int resyncGeneration, int retryGeneration, long skipLsn) {}

    /** One replication. */
    public record Route(ReplicationSpec spec, boolean failed, int parts) {}

    public RouterState {
        routes = List.copyOf(routes);
        tenantKeys = Map.copyOf(tenantKeys);
        desired = Map.copyOf(desired);
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
            out.writeInt(tenantKeys.size());
            for (Map.Entry<TableId, String> entry : tenantKeys.entrySet()) {
                LaneInputCodec.writeString(entry.getKey().schema(), out);
                LaneInputCodec.writeString(entry.getKey().name(), out);
                LaneInputCodec.writeString(entry.getValue(), out);
            }
            out.writeInt(desired.size());
            for (Map.Entry<ReplicationId, Acted> entry : desired.entrySet()) {
                LaneInputCodec.writeString(entry.getKey().value(), out);
                out.writeLong(entry.getValue().version);
                out.writeInt(entry.getValue().resyncGeneration);
                out.writeInt(entry.getValue().retryGeneration);
                out.writeLong(entry.getValue().skipLsn);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Map<TableId, String> readTenantKeys(DataInputStream in) throws IOException {
        Map<TableId, String> keys = new HashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            TableId table =
                    new TableId(LaneInputCodec.readString(in), LaneInputCodec.readString(in));
            keys.put(table, LaneInputCodec.readString(in));
        }
        return keys;
    }

    private static Map<ReplicationId, Acted> readDesired(DataInputStream in) throws IOException {
        Map<ReplicationId, Acted> desired = new HashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            desired.put(
                    new ReplicationId(LaneInputCodec.readString(in)),
                    new Acted(in.readLong(), in.readInt(), in.readInt(), in.readLong()));
        }
        return desired;
    }

    public static RouterState decode(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version < WITHOUT_TABLES || version > VERSION) {
                throw new IOException("router state of version " + version);
            }
            int count = in.readInt();
            List<Route> routes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                routes.add(new Route(LaneInputCodec.readSpec(in), in.readBoolean(), in.readInt()));
            }
            return new RouterState(
                    routes,
                    LaneInputCodec.readLongs(in),
                    in.readLong(),
                    in.readBoolean(),
                    version == WITHOUT_TABLES ? Map.of() : readTenantKeys(in),
                    version <= WITHOUT_DESIRED ? Map.of() : readDesired(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
