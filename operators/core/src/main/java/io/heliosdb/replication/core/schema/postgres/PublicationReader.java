package io.heliosdb.replication.core.schema.postgres;

import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads which tables a publication publishes, with its column lists and row filters. */
public final class PublicationReader {

    private static final int COLUMN_LISTS_SINCE = 15;

    private PublicationReader() {}

    /**
     * The published tables, by name.
     *
     * @throws ReplicationException SOURCE_NOT_READY if there is no such publication
     */
    public static List<PublishedTable> read(Connection source, String publication)
            throws SQLException {
        boolean lists = source.getMetaData().getDatabaseMajorVersion() >= COLUMN_LISTS_SINCE;
        String sql = lists ? SchemaSql.PUBLISHED_TABLES : SchemaSql.PUBLISHED_TABLES_BEFORE_15;
        List<PublishedTable> tables = new ArrayList<>();
        try (PreparedStatement query = source.prepareStatement(sql)) {
            query.setString(1, publication);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    tables.add(
                            new PublishedTable(
                                    new TableId(row.getString(1), row.getString(2)),
                                    CatalogReader.strings(row, 3),
                                    row.getString(4)));
                }
            }
        }
        if (tables.isEmpty() && !exists(source, publication)) {
            throw new ReplicationException(
                    ErrorCode.SOURCE_NOT_READY,
                    "publication "
                            + publication
                            + " does not exist in the source; create it with: CREATE PUBLICATION "
                            + TableId.quote(publication)
                            + " FOR ALL TABLES;");
        }
        return tables;
    }

    private static boolean exists(Connection source, String publication) throws SQLException {
        try (PreparedStatement query = source.prepareStatement(SchemaSql.PUBLICATION_EXISTS)) {
            query.setString(1, publication);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        }
    }
}
