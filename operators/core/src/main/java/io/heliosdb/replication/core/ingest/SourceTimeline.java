package io.heliosdb.replication.core.ingest;

import io.heliosdb.replication.model.Lsn;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The timeline that a source writes on, and where its ancestors ended: a server that is promoted
 * goes on from where it has come, on a new timeline. What the former one wrote behind that is lost.
 *
 * @param timeline 0 if unknown
 * @param ends of former timelines: where each was left
 */
public record SourceTimeline(long timeline, Map<Long, Lsn> ends) implements Serializable {

    public static final SourceTimeline UNKNOWN = new SourceTimeline(0, Map.of());

    public SourceTimeline {
        ends = Map.copyOf(ends);
    }

    /**
     * From a history file: lines of {@code timeline TAB lsn TAB reason}.
     *
     * @param history empty for the first timeline
     */
    public static SourceTimeline parse(long timeline, String history) {
        Map<Long, Lsn> ends = new LinkedHashMap<>();
        for (String line : history.split("\n")) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length >= 2 && fields[0].matches("[0-9]+")) {
                ends.put(Long.parseLong(fields[0]), Lsn.parse(fields[1]));
            }
        }
        return new SourceTimeline(timeline, ends);
    }

    /**
     * Up to where what was read on another timeline is part of this one's past: empty if all of it
     * is, or nobody knows; zero if none of it need be, because that timeline is no ancestor.
     */
    public Optional<Lsn> sharedUpTo(long other) {
        if (other == timeline || other == 0 || timeline == 0) {
            return Optional.empty();
        }
        return Optional.of(ends.getOrDefault(other, new Lsn(0)));
    }

    /** Whether a position that was reached on another timeline is not in this one's past. */
    public boolean lacks(long other, Lsn position) {
        return sharedUpTo(other).map(position::isAfter).orElse(false);
    }
}
