package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.DdlJson;
import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.ddl.postgres.DdlSql;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a source's tables were like when a target heard of them last. */
final class KnownShapes {

    private final Map<Long, TableShape> byNumber = new LinkedHashMap<>();
    private final Map<TableId, TableShape> byName = new HashMap<>();

    static KnownShapes read(Connection target, String source) throws SQLException {
        KnownShapes known = new KnownShapes();
        try (PreparedStatement query = target.prepareStatement(DdlSql.SHAPES)) {
            query.setString(1, source);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    TableShape shape = DdlJson.shape(row.getString(1));
                    known.byName.put(shape.id(), shape);
                    if (shape.oid() != 0) {
                        known.byNumber.put(SourceShapes.number(shape), shape);
                    }
                }
            }
        }
        return known;
    }

    /**
     * Nothing, if the source has none of these tables, of more than one: then it is another
     * database under the same name, and what the target has is not to go because of that.
     *
     * @param existing the numbers of its tables
     */
    KnownShapes of(Collection<Long> existing) {
        return byNumber.size() < 2 || existing.stream().anyMatch(byNumber::containsKey)
                ? this
                : new KnownShapes();
    }

    /** By number; those without are not among them. */
    Map<Long, TableShape> all() {
        return byNumber;
    }

    Collection<TableId> names() {
        return byName.keySet();
    }

    /** The same table, whatever it was called; null if the target has not heard of it. */
    @Nullable TableShape same(TableShape table) {
        TableShape known = byNumber.get(SourceShapes.number(table));
        if (known != null) {
            return known;
        }
        TableShape named = byName.get(table.id());
        return named != null && named.oid() == 0 ? named : null;
    }

    @Nullable TableShape named(TableId name) {
        return byName.get(name);
    }
}
