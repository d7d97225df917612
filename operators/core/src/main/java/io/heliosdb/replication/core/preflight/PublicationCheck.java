package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.core.preflight.CarriedTables.Carried;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Judges the publication: it exists, publishes everything, and covers what is carried. */
public final class PublicationCheck {

    private PublicationCheck() {}

    /**
     * @param publication null if there is none of that name
     */
    public static List<Finding> check(
            String name, @Nullable PublicationFacts publication, CarriedTables carried) {
        List<Carried> unpublished =
                carried.all().stream()
                        .filter(it -> it.entry() == null && !it.table().unlogged())
                        .toList();
        String subject = "source publication " + name;
        if (publication == null) {
            return List.of(
                    Finding.error(
                            ErrorCode.SOURCE_NOT_READY,
                            subject,
                            "does not exist",
                            create(name, unpublished)));
        }
        List<Finding> findings = new ArrayList<>();
        if (!publication.missingOperations().isEmpty()) {
            findings.add(
                    Finding.error(
                            ErrorCode.SOURCE_NOT_READY,
                            subject,
                            "does not publish "
                                    + publication.missingOperations().stream()
                                            .map(it -> it.name().toLowerCase(Locale.ROOT))
                                            .collect(Collectors.joining(", "))
                                    + ": targets would silently differ",
                            "ALTER PUBLICATION "
                                    + TableId.quote(name)
                                    + " SET (publish = 'insert, update, delete, truncate');"));
        }
        for (Carried table : unpublished) {
            findings.add(
                    Finding.warning(
                            ErrorCode.SOURCE_NOT_READY,
                            subject,
                            "does not cover table " + table.id() + ", which is not replicated",
                            "ALTER PUBLICATION "
                                    + TableId.quote(name)
                                    + " ADD TABLE "
                                    + table.id().quoted()
                                    + ";"));
        }
        return findings;
    }

    /**
     * Names the tables: a publication for all tables would let the application's UPDATE fail on
     * tables that have no replica identity, and needs a superuser.
     */
    private static String create(String name, List<Carried> tables) {
        String create = "CREATE PUBLICATION " + TableId.quote(name);
        if (tables.isEmpty()) {
            return create + ";";
        }
        String list =
                tables.stream().map(it -> it.id().quoted()).collect(Collectors.joining(",\n    "));
        boolean partitioned = tables.stream().anyMatch(it -> it.table().isPartitioned());
        return create
                + " FOR TABLE\n    "
                + list
                + (partitioned ? "\n    WITH (publish_via_partition_root = true)" : "")
                + ";";
    }
}
