package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.RelationDescriptor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A tenant who writes at random into {@code (tenant_id, id, code, name, note, amount, data)}: makes
 * each change as SQL for a twin table and as the bytes that the router would send.
 */
final class RandomTenant {

    static final String COLUMNS =
            "tenant_id int NOT NULL, id text NOT NULL, code int, name varchar(20), note text, amount numeric, data jsonb";

    private static final String[] TEXTS = {
        "",
        "plain",
        "it's",
        "back\\slash",
        "tab\there",
        "line\nbreak\r\n",
        "\\N",
        "\\.",
        "ünï→语𐍈",
        "\"q\"",
        "{a,b}",
        "NULL",
        "a\u0001b",
        "%s $1 ?",
        "--",
        "12345678901234567890"
    };
    private static final String[] NUMBERS = {"0", "-1.50", "99999999999999.000001", "NaN", "1.0"};
    private static final String[] JSONS = {
        "{}", "null", "[1, \"a\\\\b\"]", "{\"k\": \"v'\\\"\\n\"}"
    };

    private final Random random;
    private final RelationDescriptor relation;
    private final String tenant;
    private final boolean keyed;
    private final List<String[]> rows = new ArrayList<>();
    private final List<String> freeCodes = new ArrayList<>();
    private int nextCode;

    /** SQL of the changes since {@link #start}. */
    final List<String> statements = new ArrayList<>();

    private ChangeSet changes = new ChangeSet();

    RandomTenant(Random random, RelationDescriptor relation, String tenant, boolean keyed) {
        this.random = random;
        this.relation = relation;
        this.tenant = tenant;
        this.keyed = keyed;
        this.nextCode = Integer.parseInt(tenant) * 1_000_000;
    }

    ChangeSet transaction(int size) {
        changes = new ChangeSet();
        statements.clear();
        for (int i = 0; i < size; i++) {
            change();
        }
        return changes;
    }

    private void change() {
        int dice = random.nextInt(1000);
        if (dice < 3) {
            changes.truncate(relation);
            statements.add("DELETE FROM twin WHERE tenant_id = " + tenant);
            rows.clear();
        } else if (rows.isEmpty() || dice < 400) {
            insert();
        } else if (dice < 750) {
            update(random.nextInt(rows.size()), false);
        } else if (dice < 800) {
            update(random.nextInt(rows.size()), true);
        } else {
            delete(random.nextInt(rows.size()));
        }
    }

    private void insert() {
        String[] row = new String[7];
        row[0] = tenant;
        row[1] = key();
        if (keyed && find(row[1]) != null) {
            return;
        }
        fill(row);
        if (!keyed && !rows.isEmpty() && random.nextBoolean()) {
            row = rows.get(random.nextInt(rows.size())).clone();
        }
        rows.add(row);
        changes.insert(relation, row);
        statements.add(
                "INSERT INTO twin VALUES ("
                        + Arrays.stream(row)
                                .map(RandomTenant::literal)
                                .collect(Collectors.joining(", "))
                        + ")");
    }

    private void update(int index, boolean move) {
        String[] old = rows.get(index);
        String[] row = old.clone();
        if (move) {
            row[1] = key();
            if (keyed && find(row[1]) != null && !row[1].equals(old[1])) {
                return;
            }
        }
        fill(row);
        String[] sent = row.clone();
        if (old[4] != null && random.nextInt(3) == 0) {
            row[4] = old[4];
            sent[4] = ChangeSet.UNCHANGED;
        }
        if (old[6] != null && random.nextInt(5) == 0) {
            row[6] = old[6];
            sent[6] = ChangeSet.UNCHANGED;
        }
        StringBuilder set = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            set.append(i == 0 ? "" : ", ").append(name(i)).append(" = ").append(literal(row[i]));
        }
        statements.add("UPDATE twin SET " + set + " WHERE " + one(old));
        if (relation.replicaIdentity() == 'f') {
            changes.update(relation, 'O', old, sent);
        } else if (row[1].equals(old[1])) {
            changes.update(relation, sent);
        } else {
            changes.update(relation, 'K', keyOf(old), sent);
        }
        rows.set(index, row);
    }

    private void delete(int index) {
        String[] old = rows.remove(index);
        if (old[2] != null) {
            freeCodes.add(old[2]);
        }
        statements.add("DELETE FROM twin WHERE " + one(old));
        if (relation.replicaIdentity() == 'f') {
            changes.delete(relation, 'O', old);
        } else {
            changes.delete(relation, 'K', keyOf(old));
        }
    }

    private String one(String[] row) {
        if (keyed) {
            return "tenant_id = " + row[0] + " AND id = " + literal(row[1]);
        }
        StringBuilder where = new StringBuilder();
        for (int i = 0; i < row.length; i++) {
            where.append(i == 0 ? "" : " AND ")
                    .append(name(i))
                    .append(row[i] == null ? " IS NULL" : " = " + literal(row[i]));
        }
        return "ctid = (SELECT ctid FROM twin WHERE " + where + " LIMIT 1)";
    }

    private String name(int column) {
        return relation.columns().get(column).name();
    }

    private static String[] keyOf(String[] row) {
        return new String[] {row[0], row[1], null, null, null, null, null};
    }

    private void fill(String[] row) {
        row[2] = keyed ? code(row[2]) : random.nextBoolean() ? null : "5";
        row[3] = pick(TEXTS);
        row[4] = random.nextInt(8) == 0 ? "long ".repeat(600) + random.nextInt(9) : pick(TEXTS);
        row[5] = pick(NUMBERS);
        row[6] = pick(JSONS);
    }

    /** Unique at every moment; one that another row has given up comes back now and then. */
    private String code(@Nullable String current) {
        if (current != null && random.nextInt(4) == 0) {
            return current;
        }
        String code =
                freeCodes.isEmpty() || random.nextInt(3) > 0
                        ? String.valueOf(nextCode++)
                        : freeCodes.remove(random.nextInt(freeCodes.size()));
        if (current != null) {
            freeCodes.add(current);
        }
        return code;
    }

    private String key() {
        return "k'\\" + random.nextInt(60);
    }

    private @Nullable String pick(String[] values) {
        return random.nextInt(6) == 0 ? null : values[random.nextInt(values.length)];
    }

    private String @Nullable [] find(String key) {
        for (String[] row : rows) {
            if (row[1].equals(key)) {
                return row;
            }
        }
        return null;
    }

    private static String literal(@Nullable String value) {
        return value == null ? "NULL" : "'" + value.replace("'", "''") + "'";
    }
}
