package io.heliosdb.replication.core.ddl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * What one DDL command has changed at the source, as its event triggers tell it.
 *
 * @param tag of the command, such as {@code ALTER TABLE}
 * @param command the client's string as far as {@link #COMMAND_LENGTH}, for people; it may do much
 *     else
 * @param needed types that the tables use now, whenever they were made: nobody at the target may
 *     have needed them before
 */
public record DdlMessage(
        String tag,
        String command,
        List<TableChange> tables,
        List<ObjectChange> objects,
        List<ObjectChange.UserType> needed) {

    public static final String PREFIX = "heliosdb.ddl";

    /** The source cuts {@link #command} off after so many characters. */
    static final int COMMAND_LENGTH = 4000;

    /** The tags whose command fills the table that it makes. */
    private static final Set<String> FILLING = Set.of("CREATE TABLE AS", "SELECT INTO");

    public DdlMessage {
        tables = List.copyOf(tables);
        objects = List.copyOf(objects);
        needed = List.copyOf(needed);
    }

    /**
     * @throws IllegalArgumentException if it cannot be read
     */
    public static DdlMessage parse(String json) {
        return DdlJson.message(json);
    }

    /** Whether a table that the command has made may hold rows that came before its definition. */
    public boolean fillsWhatItMakes() {
        return FILLING.contains(tag);
    }

    /**
     * The tables in the order in which they can be altered: what is inherited changes with the
     * parent, so parents come first; what goes away goes last, for others may have referred to it,
     * and what depends on a parent before that. Of those in between, what refers to another table
     * no more comes before the keys there.
     */
    public List<TableChange> inOrder() {
        List<TableChange> order = new ArrayList<>(tables);
        order.sort(
                Comparator.comparing((TableChange change) -> change.after() == null)
                        .thenComparing(
                                change ->
                                        change.after() == null
                                                ? -depth(change, 0)
                                                : depth(change, 0))
                        .thenComparing(change -> !losesReference(change)));
        return order;
    }

    private static boolean losesReference(TableChange change) {
        TableShape before = change.before();
        TableShape after = change.after();
        return before != null
                && after != null
                && before.definition().constraints().stream()
                        .anyMatch(
                                was ->
                                        was.references() != null
                                                && after.definition().constraints().stream()
                                                        .noneMatch(
                                                                is ->
                                                                        is.name()
                                                                                .equals(
                                                                                        was
                                                                                                .name())));
    }

    /** How many of these tables are above it; a cycle there cannot be. */
    private int depth(TableChange change, int from) {
        TableShape shape = change.after() != null ? change.after() : change.before();
        int depth = from;
        for (TableChange other : from > tables.size() ? List.<TableChange>of() : tables) {
            if (shape != null && shape.definition().isBelow(other.id())) {
                depth = Math.max(depth, depth(other, from + 1));
            }
        }
        return depth;
    }
}
