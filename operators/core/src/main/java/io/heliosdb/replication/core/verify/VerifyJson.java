package io.heliosdb.replication.core.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/** A report as JSON; names in lower case, positions as PostgreSQL writes them. */
public final class VerifyJson {

    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private VerifyJson() {}

    public static String render(VerifyReport report) {
        try {
            return MAPPER.writeValueAsString(tree(report));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain nodes can be written", e);
        }
    }

    static ObjectNode tree(VerifyReport report) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("verdict", name(report.verdict()));
        root.put("summary", VerifyText.verdict(report));
        root.put("sourcePosition", report.sourcePosition().toString());
        root.put("seconds", report.duration().toMillis() / 1000.0);
        root.put("rows", report.rows());
        ArrayNode replications = root.putArray("replications");
        report.replications().forEach(each -> append(replications.addObject(), each));
        ArrayNode foreign = root.putArray("foreignRows");
        for (ForeignRows rows : report.foreignRows()) {
            foreign.addObject()
                    .put("target", rows.target())
                    .put("table", rows.table().toString())
                    .put("tenants", rows.tenants())
                    .put("rows", rows.rows())
                    .put("exampleTenant", rows.exampleTenant());
        }
        return root;
    }

    private static void append(ObjectNode node, ReplicationResult replication) {
        node.put("replication", replication.replication().value());
        node.put("tenant", replication.tenant().value());
        node.put("target", replication.target());
        node.put("outcome", name(replication.outcome()));
        node.put(
                "position",
                replication.position() == null ? null : replication.position().toString());
        node.put("lagBytes", replication.lagBytes());
        node.put("reason", replication.reason());
        ArrayNode tables = node.putArray("tables");
        replication.tables().forEach(table -> append(tables.addObject(), table));
    }

    private static void append(ObjectNode node, TableResult table) {
        node.put("table", table.table().toString());
        node.put("outcome", name(table.outcome()));
        node.put("sourceRows", table.sourceRows());
        node.put("targetRows", table.targetRows());
        node.put("changedRows", table.changedRows());
        ArrayNode differences = node.putArray("differences");
        for (KeyDifference difference : table.differences()) {
            ObjectNode each = differences.addObject();
            each.put("kind", difference.kind().name().toLowerCase(Locale.ROOT));
            each.put("key", difference.key());
            ArrayNode columns = each.putArray("columns");
            difference.columns().forEach(columns::add);
        }
        node.put("moreDifferences", table.moreDifferences());
        ArrayNode notes = node.putArray("notes");
        table.notes().forEach(notes::add);
    }

    private static String name(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }
}
