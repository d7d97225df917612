package io.heliosdb.replication.core.ddl;

import java.util.List;
import java.util.Set;

/**
 * What one DDL command has changed at the source, as its event triggers tell it.
 *
 * @param tag of the command, such as {@code ALTER TABLE}
 * @param command the client's string as far as {@link #COMMAND_LENGTH}, for people; it may do much
 *     else
 */
public record DdlMessage(
        String tag, String command, List<TableChange> tables, List<ObjectChange> objects) {

    public static final String PREFIX = "heliosdb.ddl";

    /** The source cuts {@link #command} off after so many characters. */
    static final int COMMAND_LENGTH = 4000;

    /** The tags whose command fills the table that it makes. */
    private static final Set<String> FILLING = Set.of("CREATE TABLE AS", "SELECT INTO");

    public DdlMessage {
        tables = List.copyOf(tables);
        objects = List.copyOf(objects);
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
}
