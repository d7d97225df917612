package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Judges whether the sequences of published tables can be carried along. */
public final class SequencesCheck {

    private SequencesCheck() {}

    /**
     * One finding for all of them.
     *
     * @param unreadable those that the role may not read
     * @param role that the job connects as
     */
    public static List<Finding> check(Collection<TableId> unreadable, String role) {
        if (unreadable.isEmpty()) {
            return List.of();
        }
        String grantee = TableId.quote(role);
        List<String> grants = new ArrayList<>();
        for (TableId sequence : unreadable) {
            grants.add("GRANT SELECT ON SEQUENCE " + sequence.quoted() + " TO " + grantee + ";");
        }
        return List.of(
                Finding.warning(
                        ErrorCode.SOURCE_NOT_READY,
                        "source sequences",
                        "role %s may not read %d of them: they are not carried along, and a target that is promoted would hand out used values"
                                .formatted(grantee, unreadable.size()),
                        grants.toArray(String[]::new)));
    }
}
