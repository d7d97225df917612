package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.model.TableId;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a command has made of one table.
 *
 * @param before null if the table is new
 * @param after null if it was dropped
 * @param publishedBefore publications that it, or what it was a partition of, belonged to
 * @param published the same after the command
 * @param rewritten whether the rows were written anew, which the WAL does not tell
 */
public record TableChange(
        @Nullable TableShape before,
        @Nullable TableShape after,
        Set<String> publishedBefore,
        Set<String> published,
        boolean rewritten) {

    public TableChange {
        publishedBefore = Set.copyOf(publishedBefore);
        published = Set.copyOf(published);
        if (before == null && after == null) {
            throw new IllegalArgumentException("a table that never was");
        }
    }

    /** What the source knows the table by, whatever its name; 0 if unknown. */
    public long oid() {
        TableShape shape = after != null ? after : Objects.requireNonNull(before);
        return Integer.toUnsignedLong(shape.oid());
    }

    /** The table's name after the command, or its last. */
    public TableId id() {
        return after != null ? after.id() : Objects.requireNonNull(before).id();
    }

    /** Its name before the command, or its first. */
    public TableId idBefore() {
        return before != null ? before.id() : Objects.requireNonNull(after).id();
    }
}
