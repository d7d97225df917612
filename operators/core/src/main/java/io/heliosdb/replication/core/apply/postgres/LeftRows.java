package io.heliosdb.replication.core.apply.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.core.apply.ApplyException.Kind;
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
     * @throws Rejection if the partition stands by itself, or that cannot be told: what of it is
     *     there a copy must find out
     */
    boolean isGone(byte[] bytes, int change) throws StatementFailure, Rejection {
        for (Shaped shaped : left) {
            LeftPartition partition = shaped.partition();
            boolean held =
                    bytes[change] == Changes.TRUNCATE
                            ? !partition.gone()
                            : held(partition, shaped.mapping(), bytes, change);
            if (held && partition.gone()) {
                return true;
            }
            if (held) {
                throw rejection(partition, "belongs to %s, which is no partition of it any more");
            }
        }
        return false;
    }

    private Rejection rejection(LeftPartition partition, String why) {
        return new Rejection(
                ErrorCode.TARGET_INCOMPATIBLE,
                SqlStates.CHECK_VIOLATION,
                "a row of table %s %s; resync the replication"
                        .formatted(relation.table(), why.formatted(partition.id())));
    }

    /** Of an update both rows: the partition may have come when the new one was there already. */
    private boolean held(
            LeftPartition partition, @Nullable ShapeMapping mapping, byte[] bytes, int change)
            throws StatementFailure, Rejection {
        if (mapping != null && mapping.isDropped()) {
            // Rows of before are copied again, but not those that have left since.
            return !partition.gone();
        }
        byte[] row = mapping == null ? bytes : mapping.map(bytes, change);
        int at = mapping == null ? change : 0;
        RelationDescriptor shape = mapping == null ? relation : mapping.descriptor();
        try {
            if (!Changes.hasOld(row, at)) {
                return holds(partition, shape, row, Changes.newTuple(row, at));
            }
            boolean was = holds(partition, shape, row, Changes.oldTuple(at));
            if (row[at] == Changes.UPDATE
                    && was != holds(partition, shape, row, Changes.newTuple(row, at))) {
                throw rejection(partition, "was of %s in part, which has left it");
            }
            return was;
        } catch (StatementFailure e) {
            if (SqlStates.kind(e.sqlState()) != Kind.REJECTED) {
                throw e;
            }
            throw rejection(partition, "may belong to %s, which has left it");
        }
    }

    private boolean holds(LeftPartition partition, RelationDescriptor shape, byte[] row, int tuple)
            throws StatementFailure {
        int column = tuple + 2;
        List<String> fields = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        fields.add("1 AS heliosdb");
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
                        .formatted(literal(partition.condition()), String.join(", ", fields));
        return backend.select(asked, result -> result.getBoolean(1), values.toArray()).get(0);
    }

    /** No parameters: the driver takes a question mark for one, but not within quotes. */
    static String literal(String sql) {
        StringBuilder text = new StringBuilder();
        char quote = 0;
        for (char c : sql.toCharArray()) {
            if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && c == '?') {
                text.append('?');
            }
            text.append(c);
        }
        return text.toString();
    }

    private static @Nullable String text(byte[] row, int column) {
        return row[column] == Changes.NULL || row[column] == Changes.UNCHANGED
                ? null
                : new String(row, column + 5, Changes.i32(row, column + 1), UTF_8);
    }
}
