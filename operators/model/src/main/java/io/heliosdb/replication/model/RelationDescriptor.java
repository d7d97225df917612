package io.heliosdb.replication.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A table as the source described it in a pgoutput Relation message: what is needed to read the
 * tuples that follow.
 *
 * <p>Two descriptors with equal content have the same {@link #fingerprint()}, in every process;
 * changes refer to their descriptor by it, because relation OIDs may be reused and a table may
 * change between two changes.
 *
 * @param oid the relation OID at the source (information only)
 * @param replicaIdentity {@code d} default, {@code n} nothing, {@code f} full, {@code i} index
 */
public record RelationDescriptor(
        int oid, TableId table, char replicaIdentity, List<Column> columns) {

    /**
     * One column, in tuple order.
     *
     * @param identity whether it is part of the replica identity
     * @param typeOid type OID at the source
     * @param typeModifier {@code atttypmod}, -1 for none
     */
    public record Column(String name, boolean identity, int typeOid, int typeModifier) {}

    public RelationDescriptor {
        columns = List.copyOf(columns);
    }

    /** Index of the column of that name, or -1. */
    public int indexOf(String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return i;
            }
        }
        return -1;
    }

    /** 64-bit FNV-1a over the whole content. */
    public long fingerprint() {
        long hash = mix(0xcbf29ce484222325L, oid);
        hash = mix(mix(hash, table.schema()), table.name());
        hash = mix(hash, replicaIdentity);
        for (Column column : columns) {
            hash = mix(hash, column.name());
            hash = mix(hash, column.identity() ? 1 : 0);
            hash = mix(mix(hash, column.typeOid()), column.typeModifier());
        }
        return hash;
    }

    private static long mix(long hash, String text) {
        long mixed = mix(hash, text.length());
        for (int i = 0; i < text.length(); i++) {
            mixed = mix(mixed, text.charAt(i));
        }
        return mixed;
    }

    private static long mix(long hash, int value) {
        long mixed = hash;
        for (int shift = 0; shift < 32; shift += 8) {
            mixed = (mixed ^ (value >>> shift & 0xFF)) * 0x100000001b3L;
        }
        return mixed;
    }

    /** Names of the identity columns, in tuple order. */
    public List<String> identityColumns() {
        List<String> names = new ArrayList<>();
        for (Column column : columns) {
            if (column.identity()) {
                names.add(column.name());
            }
        }
        return names;
    }
}
