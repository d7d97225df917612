package io.heliosdb.replication.core.apply;

import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.TableFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * The wish to copy tables of a replication again, comparing and mending what the target has.
 * Recorded in the target when it is taken up, and until it is carried out: nothing is applied
 * meanwhile.
 *
 * @param tables patterns as in {@link TableFilter}; empty for all
 * @param commandLsn where in the stream it was asked for; 0 if while the job was down
 * @param why who asked for it, and the reason; for people
 */
public record Resync(List<String> tables, long commandLsn, String why) {

    private static final String ANY = "*.*";

    public Resync {
        tables = List.copyOf(tables);
    }

    /** The one that leaves these tables alone, as {@link #spared} tells it. */
    public static Resync sparing(TableFilter spared, long commandLsn, String why) {
        List<String> tables = spared.exclude();
        return new Resync(tables.equals(List.of(ANY)) ? List.of() : tables, commandLsn, why);
    }

    public boolean isWhole() {
        return tables.isEmpty();
    }

    /** What is left alone. */
    public TableFilter spared() {
        return new TableFilter(List.of(), isWhole() ? List.of(ANY) : tables);
    }

    public boolean concerns(TableId table) {
        return !spared().accepts(table);
    }

    /** Both wishes; position and reason are those of the later. */
    public Resync and(Resync later) {
        List<String> both = new ArrayList<>();
        if (!isWhole() && !later.isWhole()) {
            both.addAll(tables);
            later.tables.stream().filter(it -> !tables.contains(it)).forEach(both::add);
        }
        return new Resync(both, later.commandLsn, later.why);
    }
}
