package io.heliosdb.replication.core.ddl;

import java.util.ArrayList;
import java.util.List;

/**
 * What brings a table of the target from one shape to the next.
 *
 * @param now statements in their order
 * @param later what may be asked of the rows only once every replication has come this far: keys by
 *     which {@link Tightening} knows constraints, indexes and columns
 * @param settled keys that need not be asked for any more
 * @param anew whether rows have changed in a way that the stream does not tell: each replication
 *     copies the table again
 */
public record Migration(List<String> now, List<String> later, List<String> settled, boolean anew) {

    public static final Migration NOTHING = new Migration(List.of(), List.of(), List.of(), false);

    public Migration {
        now = List.copyOf(now);
        later = List.copyOf(later);
        settled = List.copyOf(settled);
    }

    /** Gathers a migration. */
    static final class Builder {
        private final List<String> now = new ArrayList<>();
        private final List<String> later = new ArrayList<>();
        private final List<String> settled = new ArrayList<>();
        private boolean anew;

        void now(String sql) {
            now.add(sql);
        }

        void later(String key) {
            later.add(key);
        }

        void settled(String key) {
            settled.add(key);
        }

        void anew() {
            anew = true;
        }

        Migration build() {
            return new Migration(now, later, settled, anew);
        }
    }
}
