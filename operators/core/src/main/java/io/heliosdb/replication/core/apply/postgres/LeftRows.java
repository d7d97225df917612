package io.heliosdb.replication.core.apply.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a partitioned table, of a replication that is behind DDL which has taken partitions out
 * of it. In the target they would find no place, or one where they do not belong: the default
 * partition, or whatever has come in the place of what left. The target is asked, row by row; only
 * whoever is behind such DDL pays for that.
 */
final class LeftRows {

    /**
     * @param mapping to the shape that the table had when the partition left; null if rows have it
     */
    record Shaped(LeftPartition partition, @Nullable ShapeMapping mapping) {}

    private final Backend backend;
    private final RelationDescriptor relation;
    private final List<Shaped> left;

    LeftRows(Backend backend, RelationDescriptor relation, List<Shaped> left) {
        this.backend = backend;
        this.relation = relation;
        this.left = List.copyOf(left);
    }

    /**
     * Whether the row has gone with its partition.
     *
     * @throws Rejection if the partition stands by itself: what of it is there a copy must find out
     */
    boolean isGone(byte[] bytes, int change) throws StatementFailure, Rejection {
        for (Shaped shaped : left) {
            LeftPartition partition = shaped.partition();
            if (bytes[change] == Changes.TRUNCATE
                    ? !partition.gone()
                    : holds(partition, shaped.mapping(), bytes, change)) {
                if (partition.gone()) {
                    return true;
                }
                throw new Rejection(
                        ErrorCode.TARGET_INCOMPATIBLE,
                        SqlStates.CHECK_VIOLATION,
                        "a row of table %s belongs to %s, which is no partition of it any more; resync the replication"
                                .formatted(relation.table(), partition.id()));
            }
        }
        return false;
    }

    private boolean holds(
            LeftPartition partition, @Nullable ShapeMapping mapping, byte[] bytes, int change)
            throws StatementFailure {
        if (mapping != null && mapping.isDropped()) {
            return false;
        }
        byte[] row = mapping == null ? bytes : mapping.map(bytes, change);
        int at = mapping == null ? change : 0;
        RelationDescriptor shape = mapping == null ? relation : mapping.descriptor();
        int column =
                2 + (Changes.hasOld(row, at) ? Changes.oldTuple(at) : Changes.newTuple(row, at));
        List<String> fields = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        for (RelationDescriptor.Column described : shape.columns()) {
            String name = described.name();
            String type = partition.types().get(name);
            // It may name more than it asks for, never less.
            if (type != null && partition.condition().contains(name.replace("\"", "\"\""))) {
                fields.add("?::text::" + type + " AS " + TableId.quote(name));
                values.add(text(row, column));
            }
            column = Changes.columnEnd(row, column);
        }
        String asked =
                "SELECT (%s) IS TRUE FROM (SELECT %s) AS v"
                        .formatted(
                                partition.condition().replace("?", "??"),
                                String.join(", ", fields));
        return backend.select(asked, result -> result.getBoolean(1), values.toArray()).get(0);
    }

    private static @Nullable String text(byte[] row, int column) {
        return row[column] == Changes.NULL || row[column] == Changes.UNCHANGED
                ? null
                : new String(row, column + 5, Changes.i32(row, column + 1), UTF_8);
    }
}
