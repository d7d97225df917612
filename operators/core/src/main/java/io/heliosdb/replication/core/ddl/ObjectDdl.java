package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TypeStatements;
import io.heliosdb.replication.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes what types, sequences and the like need at the target. */
public final class ObjectDdl {

    private ObjectDdl() {}

    /**
     * What is to be done.
     *
     * @param present an object whose presence shows that nothing is to be done; null: always do it
     * @param absent an object whose absence shows that nothing is to be done; null: always do it
     * @param required false if a refusal is no reason to stop: somebody at the target still needs
     *     it
     */
    public record Plan(
            String item,
            @Nullable TableId present,
            @Nullable TableId absent,
            List<String> statements,
            boolean required) {}

    /**
     * @throws UnsupportedOperationException if it cannot be derived; the message says what it is
     */
    public static Plan plan(ObjectChange change) {
        if (change instanceof ObjectChange.OfType type) {
            return type(type.before(), type.after());
        } else if (change instanceof ObjectChange.OfSequence sequence) {
            return sequence(sequence.before(), sequence.after());
        } else if (change instanceof ObjectChange.Extension extension) {
            return new Plan(
                    "extension " + extension.name(),
                    null,
                    null,
                    List.of(
                            "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(extension.schema()),
                            "CREATE EXTENSION IF NOT EXISTS "
                                    + TableId.quote(extension.name())
                                    + " SCHEMA "
                                    + TableId.quote(extension.schema())),
                    true);
        } else if (change instanceof ObjectChange.DroppedIndex index) {
            return new Plan(
                    "index " + index.id(),
                    null,
                    index.id(),
                    List.of("DROP INDEX " + index.id().quoted()),
                    true);
        } else if (change instanceof ObjectChange.Unclear unclear) {
            throw new UnsupportedOperationException(unclear.what());
        }
        String schema = ((ObjectChange.DroppedSchema) change).name();
        return new Plan(
                "schema " + schema,
                null,
                null,
                List.of("DROP SCHEMA IF EXISTS " + TableId.quote(schema)),
                false);
    }

    /** CREATE SEQUENCE, if there is none of that name. */
    static String createSequence(SequenceDefinition sequence) {
        return TableDdl.createSequence(sequence)
                .replaceFirst("^CREATE SEQUENCE ", "CREATE SEQUENCE IF NOT EXISTS ");
    }

    private static Plan sequence(
            @Nullable SequenceDefinition before, @Nullable SequenceDefinition after) {
        SequenceDefinition any = Objects.requireNonNull(after != null ? after : before);
        String item = "sequence " + any.id();
        if (any.owner() != null && before == null || any.ofIdentity()) {
            // It comes with its table.
            return new Plan(item, null, null, List.of(), true);
        }
        if (before == null) {
            return new Plan(
                    item,
                    any.id(),
                    null,
                    List.of(
                            "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(any.id().schema()),
                            createSequence(any)),
                    true);
        }
        if (after == null) {
            return new Plan(
                    item,
                    null,
                    before.id(),
                    List.of("DROP SEQUENCE IF EXISTS " + before.id().quoted()),
                    false);
        }
        List<String> statements = new ArrayList<>();
        rename("SEQUENCE", before.id(), after.id(), statements);
        if (!TableDdl.createSequence(before)
                .replace(before.id().quoted(), after.id().quoted())
                .equals(TableDdl.createSequence(after))) {
            statements.add(
                    TableDdl.createSequence(after)
                            .replaceFirst("^CREATE SEQUENCE ", "ALTER SEQUENCE "));
        }
        return new Plan(item, null, before.id(), statements, true);
    }

    private static Plan type(
            ObjectChange.@Nullable UserType before, ObjectChange.@Nullable UserType after) {
        if (after == null) {
            TableId gone = Objects.requireNonNull(before).id();
            String kind = before.kind() == 'd' ? "DOMAIN" : "TYPE";
            return new Plan(
                    "type " + gone,
                    null,
                    gone,
                    List.of("DROP " + kind + " " + gone.quoted()),
                    false);
        }
        String item = "type " + after.id();
        if (before == null) {
            return new Plan(
                    item,
                    after.id(),
                    null,
                    List.of(
                            "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(after.id().schema()),
                            after.definition().statement()),
                    true);
        }
        List<String> statements = new ArrayList<>();
        rename(after.kind() == 'd' ? "DOMAIN" : "TYPE", before.id(), after.id(), statements);
        switch (after.kind()) {
            case 'e' -> labels(before, after, statements);
            case 'd' -> domain(before, after, statements);
            default -> {
                if (!before.parts().equals(after.parts())) {
                    throw new UnsupportedOperationException("a change of type " + after.id());
                }
            }
        }
        return new Plan(item, null, before.id(), statements, true);
    }

    private static void labels(
            ObjectChange.UserType before, ObjectChange.UserType after, List<String> statements) {
        String alter = "ALTER TYPE " + after.id().quoted();
        for (int i = 0; i < after.parts().size(); i++) {
            int old = before.labelIds().indexOf(after.labelIds().get(i));
            String label = TypeStatements.literal(after.parts().get(i));
            if (old < 0) {
                String place =
                        i == 0
                                ? after.parts().size() == 1
                                        ? ""
                                        : " BEFORE " + TypeStatements.literal(after.parts().get(1))
                                : " AFTER " + TypeStatements.literal(after.parts().get(i - 1));
                statements.add(alter + " ADD VALUE IF NOT EXISTS " + label + place);
            } else if (!before.parts().get(old).equals(after.parts().get(i))) {
                statements.add(
                        alter
                                + " RENAME VALUE "
                                + TypeStatements.literal(before.parts().get(old))
                                + " TO "
                                + label);
            }
        }
    }

    /** Only constraints: the base type never changes. They are not asked of rows that are there. */
    private static void domain(
            ObjectChange.UserType before, ObjectChange.UserType after, List<String> statements) {
        if (!before.parts().get(0).equals(after.parts().get(0))) {
            throw new UnsupportedOperationException(
                    "a change of default or NOT NULL of domain " + after.id());
        }
        String alter = "ALTER DOMAIN " + after.id().quoted();
        for (String was : before.parts().subList(1, before.parts().size())) {
            if (!after.parts().contains(was)) {
                String name =
                        was.replaceFirst("(?s)^(CONSTRAINT (?:\"(?:[^\"]|\"\")*\"|\\S+)) .*", "$1");
                statements.add(
                        alter + " DROP " + name.replaceFirst("CONSTRAINT", "CONSTRAINT IF EXISTS"));
            }
        }
        for (String is : after.parts().subList(1, after.parts().size())) {
            if (!before.parts().contains(is)) {
                String lax = is.endsWith(" NOT VALID") ? is : is + " NOT VALID";
                statements.add(alter + " ADD " + lax);
            }
        }
    }

    private static void rename(
            String kind, TableId before, TableId after, List<String> statements) {
        if (!before.schema().equals(after.schema())) {
            statements.add("CREATE SCHEMA IF NOT EXISTS " + TableId.quote(after.schema()));
            statements.add(
                    "ALTER "
                            + kind
                            + " "
                            + before.quoted()
                            + " SET SCHEMA "
                            + TableId.quote(after.schema()));
        }
        if (!before.name().equals(after.name())) {
            statements.add(
                    "ALTER "
                            + kind
                            + " "
                            + new TableId(after.schema(), before.name()).quoted()
                            + " RENAME TO "
                            + TableId.quote(after.name()));
        }
    }
}
