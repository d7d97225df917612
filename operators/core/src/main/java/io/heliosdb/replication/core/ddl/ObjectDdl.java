package io.heliosdb.replication.core.ddl;

import io.heliosdb.replication.core.schema.SequenceDefinition;
import io.heliosdb.replication.core.schema.TableDdl;
import io.heliosdb.replication.core.schema.TypeStatements;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlTag;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes what types, sequences and the like need at the target. */
public final class ObjectDdl {

    private ObjectDdl() {}

    /**
     * A statement.
     *
     * @param was a label or constraint that the type must have; null for none
     * @param is a label or constraint that it must not have yet; null for none
     */
    public record Step(String sql, @Nullable String was, @Nullable String is) {

        Step(String sql) {
            this(sql, null, null);
        }

        /** Whether it is still to be done: a copy makes types as they are by then. */
        public boolean isNeeded(Set<String> parts) {
            return (was == null || parts.contains(was)) && (is == null || !parts.contains(is));
        }
    }

    /**
     * What is to be done.
     *
     * @param present an object whose presence shows that nothing is to be done; null: always do it
     * @param absent an object whose absence shows that nothing is to be done; null: always do it
     * @param required false if a refusal is no reason to stop: somebody at the target still needs
     *     it
     */
    public record Plan(
            DdlTag tag,
            String item,
            @Nullable TableId present,
            @Nullable TableId absent,
            List<Step> steps,
            boolean required) {

        Plan(
                DdlTag tag,
                String item,
                @Nullable TableId present,
                @Nullable TableId absent,
                boolean required,
                String... statements) {
            this(
                    tag,
                    item,
                    present,
                    absent,
                    Arrays.stream(statements).map(Step::new).toList(),
                    required);
        }
    }

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
                    DdlTag.EXTENSION,
                    "extension " + extension.name(),
                    null,
                    null,
                    true,
                    "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(extension.schema()),
                    "CREATE EXTENSION IF NOT EXISTS "
                            + TableId.quote(extension.name())
                            + " SCHEMA "
                            + TableId.quote(extension.schema()));
        } else if (change instanceof ObjectChange.DroppedIndex index) {
            return new Plan(
                    DdlTag.INDEX,
                    "index " + index.id(),
                    null,
                    index.id(),
                    true,
                    "DROP INDEX " + index.id().quoted());
        } else if (change instanceof ObjectChange.Unclear unclear) {
            throw new UnsupportedOperationException(unclear.what());
        }
        String schema = ((ObjectChange.DroppedSchema) change).name();
        return new Plan(
                DdlTag.SCHEMA,
                "schema " + schema,
                null,
                null,
                false,
                "DROP SCHEMA IF EXISTS " + TableId.quote(schema));
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
            return new Plan(DdlTag.SEQUENCE, item, null, null, true);
        }
        if (before == null) {
            return new Plan(
                    DdlTag.SEQUENCE,
                    item,
                    any.id(),
                    null,
                    true,
                    "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(any.id().schema()),
                    createSequence(any));
        }
        if (after == null) {
            return new Plan(
                    DdlTag.SEQUENCE,
                    item,
                    null,
                    before.id(),
                    false,
                    "DROP SEQUENCE IF EXISTS " + before.id().quoted());
        }
        List<Step> steps = new ArrayList<>();
        rename("SEQUENCE", before.id(), after.id(), steps);
        if (!TableDdl.createSequence(before)
                .replace(before.id().quoted(), after.id().quoted())
                .equals(TableDdl.createSequence(after))) {
            steps.add(
                    new Step(
                            TableDdl.createSequence(after)
                                    .replaceFirst("^CREATE SEQUENCE ", "ALTER SEQUENCE ")));
        }
        return new Plan(DdlTag.SEQUENCE, item, null, before.id(), steps, true);
    }

    private static Plan type(
            ObjectChange.@Nullable UserType before, ObjectChange.@Nullable UserType after) {
        if (after == null) {
            TableId gone = Objects.requireNonNull(before).id();
            String kind = before.kind() == 'd' ? "DOMAIN" : "TYPE";
            return new Plan(
                    before.kind() == 'e' ? DdlTag.ENUM : DdlTag.TYPE,
                    "type " + gone,
                    null,
                    gone,
                    false,
                    "DROP " + kind + " " + gone.quoted());
        }
        DdlTag tag = after.kind() == 'e' ? DdlTag.ENUM : DdlTag.TYPE;
        String item = "type " + after.id();
        if (before == null) {
            return new Plan(
                    tag,
                    item,
                    after.id(),
                    null,
                    true,
                    "CREATE SCHEMA IF NOT EXISTS " + TableId.quote(after.id().schema()),
                    after.definition().statement());
        }
        List<Step> steps = new ArrayList<>();
        rename(after.kind() == 'd' ? "DOMAIN" : "TYPE", before.id(), after.id(), steps);
        switch (after.kind()) {
            case 'e' -> labels(before, after, steps);
            case 'd' -> domain(before, after, steps);
            default -> {
                if (!before.parts().equals(after.parts())) {
                    throw new UnsupportedOperationException("a change of type " + after.id());
                }
            }
        }
        return new Plan(tag, item, null, before.id(), steps, true);
    }

    private static void labels(
            ObjectChange.UserType before, ObjectChange.UserType after, List<Step> steps) {
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
                steps.add(new Step(alter + " ADD VALUE IF NOT EXISTS " + label + place));
            } else if (!before.parts().get(old).equals(after.parts().get(i))) {
                String was = before.parts().get(old);
                steps.add(
                        new Step(
                                alter
                                        + " RENAME VALUE "
                                        + TypeStatements.literal(was)
                                        + " TO "
                                        + label,
                                was,
                                after.parts().get(i)));
            }
        }
    }

    /** Only constraints: the base type never changes. They are not asked of rows that are there. */
    private static void domain(
            ObjectChange.UserType before, ObjectChange.UserType after, List<Step> steps) {
        if (!before.parts().get(0).equals(after.parts().get(0))) {
            throw new UnsupportedOperationException(
                    "a change of default or NOT NULL of domain " + after.id());
        }
        String alter = "ALTER DOMAIN " + after.id().quoted();
        Set<String> dropped = new HashSet<>();
        for (String was : before.parts().subList(1, before.parts().size())) {
            if (!after.parts().contains(was)) {
                String name = nameOf(was);
                dropped.add(name);
                steps.add(new Step(alter + " DROP CONSTRAINT IF EXISTS " + name));
            }
        }
        for (String is : after.parts().subList(1, after.parts().size())) {
            if (!before.parts().contains(is)) {
                String lax = is.endsWith(" NOT VALID") ? is : is + " NOT VALID";
                String name = nameOf(is);
                steps.add(
                        new Step(
                                alter + " ADD " + lax,
                                null,
                                dropped.contains(name) ? null : unquoted(name)));
            }
        }
    }

    /** As it stands in {@code CONSTRAINT name CHECK …}. */
    private static String nameOf(String constraint) {
        return constraint.replaceFirst("(?s)^CONSTRAINT (\"(?:[^\"]|\"\")*\"|\\S+) .*", "$1");
    }

    private static String unquoted(String name) {
        return name.startsWith("\"")
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name;
    }

    private static void rename(String kind, TableId before, TableId after, List<Step> steps) {
        if (!before.schema().equals(after.schema())) {
            String schema = TableId.quote(after.schema());
            steps.add(new Step("CREATE SCHEMA IF NOT EXISTS " + schema));
            steps.add(new Step("ALTER " + kind + " " + before.quoted() + " SET SCHEMA " + schema));
        }
        if (!before.name().equals(after.name())) {
            steps.add(
                    new Step(
                            "ALTER "
                                    + kind
                                    + " "
                                    + new TableId(after.schema(), before.name()).quoted()
                                    + " RENAME TO "
                                    + TableId.quote(after.name())));
        }
    }
}
