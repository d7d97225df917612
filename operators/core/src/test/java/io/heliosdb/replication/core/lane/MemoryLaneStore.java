package io.heliosdb.replication.core.lane;

import io.heliosdb.replication.core.segment.SegmentHeader;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Lane state in memory; a copy of it is a checkpoint. */
public final class MemoryLaneStore implements LaneStore {

    private final Map<ReplicationId, byte[]> metas = new HashMap<>();
    private final Map<ReplicationId, Map<Long, RelationDescriptor>> relations = new HashMap<>();
    private final Map<ReplicationId, TreeMap<Long, byte[]>> segments = new HashMap<>();

    /** Segments read back. */
    int reads;

    /** Transactions put, counting those that were put again. */
    long transactionsWritten;

    MemoryLaneStore copy() {
        MemoryLaneStore copy = new MemoryLaneStore();
        copy.metas.putAll(metas);
        relations.forEach((id, map) -> copy.relations.put(id, new HashMap<>(map)));
        segments.forEach((id, map) -> copy.segments.put(id, new TreeMap<>(map)));
        return copy;
    }

    long segmentBytes() {
        return segments.values().stream()
                .flatMap(map -> map.values().stream())
                .mapToLong(segment -> segment.length)
                .sum();
    }

    /** As somebody with access to checkpoints could. */
    void change(ReplicationId replication, Consumer<SortedMap<Long, byte[]>> change) {
        change.accept(segments.get(replication));
    }

    int segmentCount() {
        return segments.values().stream().mapToInt(Map::size).sum();
    }

    @Override
    public List<ReplicationId> replications() {
        return List.copyOf(metas.keySet());
    }

    @Override
    public byte[] meta(ReplicationId replication) {
        return metas.get(replication);
    }

    @Override
    public void putMeta(ReplicationId replication, byte[] meta) {
        metas.put(replication, meta);
    }

    @Override
    public List<RelationDescriptor> relations(ReplicationId replication) {
        return new ArrayList<>(relations.getOrDefault(replication, Map.of()).values());
    }

    @Override
    public void putRelation(ReplicationId replication, RelationDescriptor relation) {
        relations
                .computeIfAbsent(replication, id -> new HashMap<>())
                .put(relation.fingerprint(), relation);
    }

    @Override
    public SortedMap<Long, byte[]> segments(ReplicationId replication) {
        return new TreeMap<>(segments.getOrDefault(replication, new TreeMap<>()));
    }

    @Override
    public Backlog.Store blocks(ReplicationId replication) {
        return new Backlog.Store() {
            @Override
            public void put(long sequence, byte[] segment) {
                transactionsWritten += SegmentHeader.read(segment).count();
                segments.computeIfAbsent(replication, id -> new TreeMap<>()).put(sequence, segment);
            }

            @Override
            public byte[] get(long sequence) {
                reads++;
                return segments.get(replication).get(sequence);
            }

            @Override
            public void remove(long sequence) {
                segments.get(replication).remove(sequence);
            }
        };
    }

    @Override
    public void clear(ReplicationId replication) {
        metas.remove(replication);
        relations.remove(replication);
        segments.remove(replication);
    }
}
