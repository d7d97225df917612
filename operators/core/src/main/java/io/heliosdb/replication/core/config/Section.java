package io.heliosdb.replication.core.config;

import io.heliosdb.replication.core.config.YamlNode.Entry;
import io.heliosdb.replication.core.config.YamlNode.Mapping;
import io.heliosdb.replication.core.config.YamlNode.Mark;
import io.heliosdb.replication.core.config.YamlNode.Scalar;
import io.heliosdb.replication.core.config.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One section of the file, read key by key.
 *
 * <p>A getter that finds something wrong notes it and returns null; {@link #build} then makes
 * nothing. So one pass finds all problems, and no record is made of half of its values.
 */
final class Section {

    private final String shape;
    private final String path;
    private final Mapping mapping;
    private final References references;
    private final Problems problems;
    private final int problemsBefore;

    /**
     * @param shape path with {@code []} for list entries, as {@link ConfigKey} has it
     * @param path path with indexes, as people read it
     */
    Section(String shape, String path, Mapping mapping, References references, Problems problems) {
        this.shape = shape;
        this.path = path;
        this.mapping = mapping;
        this.references = references;
        this.problems = problems;
        this.problemsBefore = problems.count();
        List<String> known = ConfigKey.childrenOf(shape);
        mapping.entries()
                .forEach(
                        (key, entry) -> {
                            if (!known.contains(key)) {
                                problems.add(
                                        entry.keyMark(),
                                        pathOf(key),
                                        "unknown key" + Nearest.hint(key, known));
                            }
                        });
    }

    Mark mark() {
        return mapping.mark();
    }

    Mark markOf(String key) {
        Entry entry = mapping.entries().get(key);
        return entry == null ? mapping.mark() : entry.value().mark();
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** The section below, or null if it is missing (noted if required) or no section. */
    @Nullable Section section(String key, boolean required) {
        return section(key, shapeOf(key), required);
    }

    /**
     * As above.
     *
     * @param itsShape what keys may stand below it
     */
    @Nullable Section section(String key, String itsShape, boolean required) {
        Entry entry = mapping.entries().get(key);
        if (entry == null) {
            if (required) {
                problems.add(mapping.mark(), pathOf(key), "is missing");
            }
            return null;
        }
        return asSection(itsShape, pathOf(key), entry.value());
    }

    /** The sections of a list; what is no section is noted and left out. */
    List<Section> sections(String key) {
        Entry entry = mapping.entries().get(key);
        List<Section> sections = new ArrayList<>();
        if (entry == null) {
            problems.add(mapping.mark(), pathOf(key), "is missing");
        } else if (!(entry.value() instanceof Sequence sequence)) {
            wrongType(key, entry.value(), "a list of entries, each beginning with '- '");
        } else {
            for (int i = 0; i < sequence.items().size(); i++) {
                Section section =
                        asSection(
                                shapeOf(key) + "[]",
                                pathOf(key) + "[" + i + "]",
                                sequence.items().get(i));
                if (section != null) {
                    sections.add(section);
                }
            }
        }
        return sections;
    }

    /** The texts of one key in a list of sections, as they stand; nothing is noted. */
    Stream<String> rawValues(String list, String key) {
        Entry entry = mapping.entries().get(list);
        if (entry == null || !(entry.value() instanceof Sequence sequence)) {
            return Stream.empty();
        }
        return sequence.items().stream()
                .filter(Mapping.class::isInstance)
                .map(item -> ((Mapping) item).entries().get(key))
                .filter(found -> found != null && found.value() instanceof Scalar)
                .map(found -> ((Scalar) found.value()).text());
    }

    private @Nullable Section asSection(String itsShape, String itsPath, YamlNode node) {
        if (node instanceof Mapping below) {
            return new Section(itsShape, itsPath, below, references, problems);
        }
        problems.add(
                node.mark(),
                itsPath,
                "must have keys below it ("
                        + String.join(", ", ConfigKey.childrenOf(itsShape))
                        + "), but has "
                        + node.kind());
        return null;
    }

    /** The text of a key, its default, or null: missing, empty, or wrong and noted. */
    @Nullable String text(ConfigKey key) {
        Entry entry = mapping.entries().get(key.key());
        if (entry == null) {
            if (key.required()) {
                problems.add(mapping.mark(), pathOf(key.key()), "is missing");
            }
            return key.required() || key.defaultText().isEmpty() ? null : key.defaultText();
        }
        return scalar(pathOf(key.key()), entry.value(), !key.isSecret());
    }

    /** The value of a key, parsed; a parser rejects with an IllegalArgumentException. */
    <T> @Nullable T value(ConfigKey key, Function<String, T> parser) {
        String text = text(key);
        if (text == null) {
            return null;
        }
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            problems.add(markOf(key.key()), pathOf(key.key()), messageOf(e));
            return null;
        }
    }

    boolean has(ConfigKey key) {
        return mapping.entries().containsKey(key.key());
    }

    /** A list of values, empty if the key is missing. */
    <T> List<T> list(ConfigKey key, Function<String, T> parser) {
        Entry entry = mapping.entries().get(key.key());
        List<T> values = new ArrayList<>();
        if (entry == null) {
            return values;
        }
        if (!(entry.value() instanceof Sequence sequence)) {
            wrongType(key.key(), entry.value(), "a list, e.g. [a, b]");
            return values;
        }
        for (int i = 0; i < sequence.items().size(); i++) {
            YamlNode item = sequence.items().get(i);
            add(pathOf(key.key()) + "[" + i + "]", item, parser, values::add);
        }
        return values;
    }

    /** A map of values, empty if the key is missing. */
    <K> Map<K, String> map(ConfigKey key, Function<String, K> keyParser) {
        Entry entry = mapping.entries().get(key.key());
        Map<K, String> values = new LinkedHashMap<>();
        if (entry == null) {
            return values;
        }
        if (!(entry.value() instanceof Mapping below)) {
            wrongType(key.key(), entry.value(), "keys with values below it");
            return values;
        }
        below.entries()
                .forEach(
                        (name, value) -> {
                            String itsPath = pathOf(key.key()) + "." + name;
                            try {
                                K parsed = keyParser.apply(name);
                                add(itsPath, value.value(), t -> t, t -> values.put(parsed, t));
                            } catch (IllegalArgumentException e) {
                                problems.add(value.keyMark(), itsPath, messageOf(e));
                            }
                        });
        return values;
    }

    private <T> void add(
            String itsPath, YamlNode node, Function<String, T> parser, Consumer<T> sink) {
        String text = scalar(itsPath, node, true);
        if (text == null) {
            return;
        }
        try {
            sink.accept(parser.apply(text));
        } catch (IllegalArgumentException e) {
            problems.add(node.mark(), itsPath, messageOf(e));
        }
    }

    private @Nullable String scalar(String itsPath, YamlNode node, boolean needed) {
        if (!(node instanceof Scalar scalar)) {
            problems.add(node.mark(), itsPath, "must have a single value, but has " + node.kind());
            return null;
        }
        try {
            String text = references.resolve(scalar.text());
            if (needed && text.isEmpty()) {
                throw new IllegalArgumentException("must not be empty");
            }
            return text;
        } catch (IllegalArgumentException e) {
            problems.add(scalar.mark(), itsPath, messageOf(e));
            return null;
        }
    }

    /**
     * Makes a record of the values, unless something in this section was wrong. What the record
     * rejects is noted at the key that its message begins with.
     */
    <T> @Nullable T build(Supplier<T> maker) {
        if (problems.count() > problemsBefore) {
            return null;
        }
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            String message = messageOf(e);
            String key =
                    mapping.entries().keySet().stream()
                            .filter(name -> message.startsWith(name + " "))
                            .findFirst()
                            .orElse("");
            problems.add(
                    key.isEmpty() ? mapping.mark() : markOf(key),
                    key.isEmpty() ? path : pathOf(key),
                    key.isEmpty() ? message : message.substring(key.length() + 1));
            return null;
        }
    }

    private void wrongType(String key, YamlNode node, String expected) {
        problems.add(node.mark(), pathOf(key), "must be " + expected + ", but is " + node.kind());
    }

    private String shapeOf(String key) {
        return shape.isEmpty() ? key : shape + "." + key;
    }

    private static String messageOf(IllegalArgumentException e) {
        return String.valueOf(e.getMessage());
    }
}
