package io.heliosdb.replication.core.verify;

import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.TableId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A published table and what of it is compared.
 *
 * @param key columns that name a row, both at the source and in old images of the stream: the
 *     primary key or the replica identity index; empty if there is none
 * @param published columns that the stream carries, by name
 * @param compared columns that are hashed, by name: the published ones, and in a table with key
 *     also generated columns that the target computes by itself
 * @param rowFilter the publication's row filter as SQL, or null
 */
public record VerifiedTable(
        TableId id,
        TenantKey tenantKey,
        List<String> key,
        List<String> published,
        List<String> compared,
        @Nullable String rowFilter) {

    public VerifiedTable {
        key = List.copyOf(key);
        published = published.stream().sorted().toList();
        compared = compared.stream().sorted().toList();
        if (key.isEmpty() && !published.equals(compared)) {
            throw new IllegalArgumentException(id + " has no key: only published columns compare");
        }
    }

    public boolean keyed() {
        return !key.isEmpty();
    }

    /** The key of a row given as its published columns. */
    RowKey keyOf(@Nullable byte[][] values) {
        return new RowKey(key.stream().map(name -> text(values[published.indexOf(name)])).toList());
    }

    static String text(byte @Nullable [] value) {
        return value == null ? "" : new String(value, java.nio.charset.StandardCharsets.UTF_8);
    }
}
