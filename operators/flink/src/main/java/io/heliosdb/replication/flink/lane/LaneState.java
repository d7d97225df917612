package io.heliosdb.replication.flink.lane;

import io.heliosdb.replication.core.lane.Backlog;
import io.heliosdb.replication.core.lane.LaneStore;
import io.heliosdb.replication.core.segment.SegmentCodec;
import io.heliosdb.replication.core.stream.LaneInputCodec;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;

/**
 * Lanes in keyed state, keyed by replication id. Three states: what the lane is, its relations by
 * fingerprint, the segments of its backlog by sequence. Their values are bytes of our own codecs,
 * so state evolves on our terms.
 */
final class LaneState implements LaneStore {

    static final String META = "lane-meta";
    static final String RELATIONS = "lane-relations";
    static final String SEGMENTS = "lane-segments";

    private final KeyedStateBackend<String> backend;
    private final ValueState<byte[]> meta;
    private final MapState<Long, byte[]> relations;
    private final MapState<Long, byte[]> segments;

    LaneState(KeyedStateBackend<String> backend, KeyedStateStore store) {
        this.backend = backend;
        this.meta =
                store.getState(
                        new ValueStateDescriptor<>(META, BytePrimitiveArraySerializer.INSTANCE));
        this.relations =
                store.getMapState(
                        new MapStateDescriptor<>(
                                RELATIONS,
                                LongSerializer.INSTANCE,
                                BytePrimitiveArraySerializer.INSTANCE));
        this.segments =
                store.getMapState(
                        new MapStateDescriptor<>(
                                SEGMENTS,
                                LongSerializer.INSTANCE,
                                BytePrimitiveArraySerializer.INSTANCE));
    }

    @Override
    public List<ReplicationId> replications() {
        try (Stream<String> keys = backend.getKeys(META, VoidNamespace.INSTANCE)) {
            return keys.map(ReplicationId::new).toList();
        }
    }

    @Override
    public byte[] meta(ReplicationId replication) {
        return at(replication, meta::value);
    }

    @Override
    public void putMeta(ReplicationId replication, byte[] value) {
        at(
                replication,
                () -> {
                    meta.update(value);
                    return value;
                });
    }

    @Override
    public List<RelationDescriptor> relations(ReplicationId replication) {
        return at(
                replication,
                () -> {
                    List<RelationDescriptor> found = new ArrayList<>();
                    for (byte[] bytes : relations.values()) {
                        found.add(
                                LaneInputCodec.readRelation(
                                        new DataInputStream(new ByteArrayInputStream(bytes))));
                    }
                    return found;
                });
    }

    @Override
    public void putRelation(ReplicationId replication, RelationDescriptor relation) {
        at(
                replication,
                () -> {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    LaneInputCodec.writeRelation(relation, new DataOutputStream(bytes));
                    relations.put(relation.fingerprint(), bytes.toByteArray());
                    return relation;
                });
    }

    @Override
    public SortedMap<Long, byte[]> segments(ReplicationId replication) {
        return at(
                replication,
                () -> {
                    SortedMap<Long, byte[]> found = new TreeMap<>();
                    for (Map.Entry<Long, byte[]> entry : segments.entries()) {
                        found.put(entry.getKey(), SegmentCodec.headerOf(entry.getValue()));
                    }
                    return found;
                });
    }

    @Override
    public Backlog.Store blocks(ReplicationId replication) {
        return new Backlog.Store() {
            @Override
            public void put(long sequence, byte[] segment) {
                at(
                        replication,
                        () -> {
                            segments.put(sequence, segment);
                            return segment;
                        });
            }

            @Override
            public byte[] get(long sequence) {
                return at(replication, () -> segments.get(sequence));
            }

            @Override
            public void remove(long sequence) {
                at(
                        replication,
                        () -> {
                            segments.remove(sequence);
                            return sequence;
                        });
            }
        };
    }

    @Override
    public void clear(ReplicationId replication) {
        at(
                replication,
                () -> {
                    meta.clear();
                    relations.clear();
                    segments.clear();
                    return replication;
                });
    }

    private interface Access<T> {
        T run() throws Exception;
    }

    private <T> T at(ReplicationId replication, Access<T> access) {
        backend.setCurrentKey(replication.value());
        try {
            return access.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("state of replication " + replication, e);
        }
    }
}
