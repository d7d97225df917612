package io.heliosdb.replication.core.snapshot.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a part of a table, committed as one transaction of the target.
 *
 * @param part null if there is nothing to copy and only the indexes are to be built, or the table
 *     is mended, in all its parts
 * @param range null for the whole part
 * @param pages size, for the order
 */
record CopyTask(
        TablePlan table,
        TablePlan.@Nullable Part part,
        TablePlan.@Nullable Range range,
        long pages,
        List<Member> members) {

    CopyTask {
        members = List.copyOf(members);
    }

    CopyTask with(List<Member> some) {
        return new CopyTask(table, part, range, pages, some);
    }
}
