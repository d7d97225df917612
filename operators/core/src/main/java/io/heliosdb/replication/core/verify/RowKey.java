package io.heliosdb.replication.core.verify;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The key of a row: the text form of its key columns, in the order of the table's key. */
public record RowKey(List<String> values) implements Comparable<RowKey> {

    public RowKey {
        values = List.copyOf(values);
    }

    /** {@code id=5, tenant_id=3}. */
    public String describe(List<String> columns) {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            parts.add(columns.get(i) + "=" + values.get(i));
        }
        return String.join(", ", parts);
    }

    /** The bucket hash: what SQL computes over the key columns. */
    public long hash(RowHash hash) {
        byte[][] bytes = new byte[values.size()][];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = values.get(i).getBytes(StandardCharsets.UTF_8);
        }
        return hash.of(bytes);
    }

    @Override
    public int compareTo(RowKey other) {
        for (int i = 0; i < Math.min(values.size(), other.values.size()); i++) {
            int order = compare(values.get(i), other.values.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(values.size(), other.values.size());
    }

    /** Shorter first, so that whole numbers come in their order. */
    private static int compare(String left, String right) {
        int byLength = Integer.compare(left.length(), right.length());
        return byLength != 0 ? byLength : left.compareTo(right);
    }
}
