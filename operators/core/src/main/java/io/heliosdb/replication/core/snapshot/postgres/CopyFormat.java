package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.schema.TableDefinition;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How rows travel from COPY to COPY: as text, which every type has, or as binary, which costs both
 * servers a third less.
 *
 * <p>Binary is for tables whose columns are all of built-in types with the same binary form in
 * every supported version: nothing in it may be an OID of the source (arrays and composites of the
 * user's types, reg*), nor depend on a setting of either database (money), nor be read as something
 * else: domains of the same name may have other base types (a real is a valid integer), and what is
 * an infinite interval in version 17 is a finite one before.
 */
enum CopyFormat {
    TEXT("") {
        @Override
        int keyStart(byte[] row) {
            return 0;
        }

        @Override
        int keyEnd(byte[] row) {
            int end = 0;
            while (row[end] != '\t' && row[end] != '\n') {
                end++;
            }
            return end;
        }

        @Override
        byte[] key(String tenant, String keyType) {
            return escape(tenant);
        }
    },

    /** Each row: number of fields (2 bytes), then per field its length (4 bytes) and its bytes. */
    BINARY(" (FORMAT binary)") {
        @Override
        int keyStart(byte[] row) {
            return FIRST_FIELD;
        }

        @Override
        int keyEnd(byte[] row) {
            int length = ByteBuffer.wrap(row).getInt(Short.BYTES);
            return length < 0 ? length : FIRST_FIELD + length;
        }

        @Override
        byte @Nullable [] key(String tenant, String keyType) {
            return switch (keyType) {
                case "text", "character varying" -> tenant.getBytes(StandardCharsets.UTF_8);
                case "uuid" -> uuid(tenant);
                default -> number(tenant, keyType);
            };
        }
    };

    /** Where the bytes of the first field begin in a binary row. */
    private static final int FIRST_FIELD = Short.BYTES + Integer.BYTES;

    private static final Set<String> KEY_TYPES =
            Set.of("text", "character varying", "smallint", "integer", "bigint", "uuid");

    private static final Set<String> TYPES =
            Set.of(
                    "boolean",
                    "smallint",
                    "integer",
                    "bigint",
                    "real",
                    "double precision",
                    "numeric",
                    "text",
                    "character varying",
                    "character",
                    "bytea",
                    "uuid",
                    "date",
                    "time without time zone",
                    "time with time zone",
                    "timestamp without time zone",
                    "timestamp with time zone",
                    "json",
                    "jsonb",
                    "inet",
                    "cidr",
                    "macaddr",
                    "bit",
                    "bit varying");

    /** As in {@code timestamp(3) without time zone}. */
    private static final Pattern MODIFIER = Pattern.compile("\\([0-9,-]+\\)");

    private final String options;

    CopyFormat(String options) {
        this.options = options;
    }

    /**
     * The best format for these columns, of the same types in both databases.
     *
     * @param key the column that tells whose a row is, null if all are of one tenant
     */
    static CopyFormat of(
            Collection<TableDefinition.Column> columns, TableDefinition.@Nullable Column key) {
        boolean plain =
                !columns.isEmpty()
                        && columns.stream().allMatch(column -> isPlain(column.type()))
                        && (key == null || KEY_TYPES.contains(key.keyType()));
        return plain ? BINARY : TEXT;
    }

    /** By the name of the column's own type, in which a domain has no place. */
    private static boolean isPlain(String type) {
        String name = MODIFIER.matcher(type).replaceFirst("");
        return TYPES.contains(name.endsWith("[]") ? name.substring(0, name.length() - 2) : name);
    }

    /** What a COPY says of it, after TO STDOUT or FROM STDIN. */
    String options() {
        return options;
    }

    /** Where the bytes of a row's first field begin. */
    abstract int keyStart(byte[] row);

    /** Where they end; before their start if the field is NULL. */
    abstract int keyEnd(byte[] row);

    /**
     * The bytes of a key column that holds this tenant, exactly as the source writes them; null if
     * no value of the type has the tenant as its text.
     */
    abstract byte @Nullable [] key(String tenant, String keyType);

    /** A value as COPY text writes it. */
    private static byte[] escape(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 0x0B -> text.append("\\v");
                default -> text.append(c);
            }
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte @Nullable [] number(String tenant, String keyType) {
        int size =
                switch (keyType) {
                    case "smallint" -> Short.BYTES;
                    case "integer" -> Integer.BYTES;
                    case "bigint" -> Long.BYTES;
                    default -> throw new IllegalArgumentException("no key type: " + keyType);
                };
        try {
            long value = Long.parseLong(tenant);
            int unused = Long.SIZE - size * Byte.SIZE;
            boolean fits = value << unused >> unused == value;
            return fits && Long.toString(value).equals(tenant)
                    ? Arrays.copyOfRange(
                            ByteBuffer.allocate(Long.BYTES).putLong(value).array(),
                            Long.BYTES - size,
                            Long.BYTES)
                    : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static byte @Nullable [] uuid(String tenant) {
        try {
            UUID value = UUID.fromString(tenant);
            return value.toString().equals(tenant)
                    ? ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(value.getMostSignificantBits())
                            .putLong(value.getLeastSignificantBits())
                            .array()
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
