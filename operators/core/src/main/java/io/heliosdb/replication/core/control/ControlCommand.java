package io.heliosdb.replication.core.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.heliosdb.replication.model.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * An order to the job, in a signed transactional logical message: so it comes at a defined position
 * of the stream, is not lost when the job is down, and reaches it wherever it runs. The message
 * stands in a transaction of its own.
 *
 * @param replications names of replications or rules; {@code *} for all
 * @param tables for a resync: patterns as in the configuration; empty for all
 * @param position for a skip: the commit LSN of the transaction; else 0
 * @param who and {@code reason}: recorded
 */
public record ControlCommand(
        Verb verb,
        List<String> replications,
        List<String> tables,
        long position,
        String who,
        String reason) {

    public static final String PREFIX = "heliosdb.command";

    /** All replications. */
    public static final String ALL = "*";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What is ordered. */
    public enum Verb {
        /** Copy again, comparing and mending. */
        RESYNC,
        /** Try again now. */
        RETRY,
        /** Leave out one transaction. */
        SKIP,
        /** Leave out the DDL of one transaction that is not carried out. */
        SKIP_DDL
    }

    public ControlCommand {
        replications = List.copyOf(replications);
        tables = List.copyOf(tables);
        if (replications.isEmpty()) {
            throw new IllegalArgumentException("a command needs a replication");
        }
        if ((verb == Verb.SKIP || verb == Verb.SKIP_DDL)
                && (position == 0 || replications.size() != 1)) {
            throw new IllegalArgumentException(
                    "skip needs one replication and a position, not "
                            + replications
                            + " and "
                            + Lsn.format(position));
        }
    }

    /** The body of the message. */
    public String body() {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("verb", verb.name().toLowerCase(Locale.ROOT));
        ArrayNode names = json.putArray("replications");
        replications.forEach(names::add);
        ArrayNode patterns = json.putArray("tables");
        tables.forEach(patterns::add);
        json.put("position", Lsn.format(position));
        json.put("who", who);
        json.put("reason", reason);
        return json.toString();
    }

    /** Reads a body; null if it is none that this version knows. */
    public static @Nullable ControlCommand parse(String body) {
        try {
            JsonNode json = MAPPER.readTree(body);
            return new ControlCommand(
                    Verb.valueOf(json.path("verb").asText().toUpperCase(Locale.ROOT)),
                    texts(json.path("replications")),
                    texts(json.path("tables")),
                    Lsn.parse(json.path("position").asText("0/0")).value(),
                    json.path("who").asText(),
                    json.path("reason").asText());
        } catch (JsonProcessingException | IllegalArgumentException e) {
            return null;
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
