package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What brings a table of the target from one shape to the next.
 *
 * @param now in their order
 * @param later what may be asked of the rows only once every replication has come this far: keys by
 *     which {@link Tightening} knows constraints, indexes and columns
 * @param asked what {@code later} comes to, as told to people
 * @param settled keys that need not be asked for any more
 * @param anew whether rows have changed in a way that the stream does not tell: each replication
 *     copies the table again
 */
public record Migration(
        List<DdlStatement> now,
        List<String> later,
        List<DdlStatement> asked,
        List<String> settled,
        boolean anew) {

    public static final Migration NOTHING = only(List.of());

    public Migration {
        now = List.copyOf(now);
        later = List.copyOf(later);
        asked = List.copyOf(asked);
        settled = List.copyOf(settled);
    }

    /** Nothing but these statements. */
    public static Migration only(List<DdlStatement> now) {
        return new Migration(now, List.of(), List.of(), List.of(), false);
    }

    public List<String> statements() {
        return now.stream().map(DdlStatement::sql).toList();
    }

    /** What must be allowed for this to be carried out. */
    public List<DdlStatement> wanted() {
        return Stream.concat(now.stream(), asked.stream()).toList();
    }

    /** The same between other statements. */
    public Migration around(List<DdlStatement> ahead, List<DdlStatement> behind) {
        List<DdlStatement> all = new ArrayList<>(ahead);
        all.addAll(now);
        all.addAll(behind);
        return new Migration(all, later, asked, settled, anew);
    }

    /** Gathers a migration. */
    static final class Builder {
        private final List<DdlStatement> now = new ArrayList<>();
        private final List<String> later = new ArrayList<>();
        private final List<DdlStatement> asked = new ArrayList<>();
        private final List<String> settled = new ArrayList<>();
        private boolean anew;

        void now(DdlTag tag, String sql) {
            now.add(new DdlStatement(tag, sql));
        }

        /** What came with the table: whoever allows that allows this. */
        void later(String key) {
            later.add(key);
        }

        void later(String key, TableShape after) {
            later.add(key);
            asked.add(Tightening.told(key, after));
        }

        void settled(String key) {
            settled.add(key);
        }

        void anew() {
            anew = true;
        }

        Migration build() {
            return new Migration(now, later, asked, settled, anew);
        }
    }
}
