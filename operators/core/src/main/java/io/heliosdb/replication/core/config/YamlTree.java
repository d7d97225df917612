package io.heliosdb.replication.core.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Parses one YAML document into {@link YamlNode}s.
 *
 * <p>Jackson's data binding keeps neither places nor duplicate keys, so this reads its token
 * stream. A syntax error ends the reading; duplicate keys and aliases are noted and the reading
 * goes on.
 */
final class YamlTree {

    /** 10,000 replications are about 1 MiB; SnakeYAML's own limit of 3 MiB is near that. */
    private static final int MAX_CODE_POINTS = 64 << 20;

    private final Problems problems;
    private final YAMLParser parser;

    private YamlTree(YAMLParser parser, Problems problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The root, or null if the text is not YAML, which is then noted. */
    static @Nullable YamlNode parse(String text, Problems problems) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_CODE_POINTS);
        YAMLFactory factory = YAMLFactory.builder().loaderOptions(options).build();
        try (YAMLParser parser = factory.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return new YamlNode.Empty(new YamlNode.Mark(1, 1));
            }
            YamlTree tree = new YamlTree(parser, problems);
            YamlNode root = tree.node("", first);
            if (parser.nextToken() != null) {
                problems.add(
                        tree.mark(), "", "only one YAML document is expected, a second begins");
            }
            return root;
        } catch (JsonProcessingException e) {
            problems.add(markOf(e), "", "not valid YAML: " + firstLine(e.getOriginalMessage()));
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("reading a text cannot fail", e);
        }
    }

    /** Jackson tells the last token it could read; SnakeYAML knows where the problem is. */
    private static YamlNode.Mark markOf(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException cause && cause.getProblemMark() != null) {
            return new YamlNode.Mark(
                    cause.getProblemMark().getLine() + 1, cause.getProblemMark().getColumn() + 1);
        }
        JsonLocation at = e.getLocation();
        return at == null
                ? new YamlNode.Mark(1, 1)
                : new YamlNode.Mark(at.getLineNr(), at.getColumnNr());
    }

    /** SnakeYAML repeats the offending lines, which may hold a password: only what is wrong. */
    private static String firstLine(String message) {
        return message.lines()
                .filter(line -> !line.startsWith(" ") && !line.isBlank())
                .reduce((context, problem) -> context + ", " + problem)
                .orElse(message);
    }

    private YamlNode node(String path, JsonToken token) throws IOException {
        YamlNode.Mark mark = mark();
        if (parser.isCurrentAlias()) {
            problems.add(mark, path, "aliases (*name) are not supported: write the value out");
            return new YamlNode.Scalar(mark, "alias");
        }
        return switch (token) {
            case START_OBJECT -> mapping(path, mark);
            case START_ARRAY -> sequence(path, mark);
            case VALUE_NULL -> new YamlNode.Empty(mark);
            default -> new YamlNode.Scalar(mark, parser.getText());
        };
    }

    private YamlNode mapping(String path, YamlNode.Mark mark) throws IOException {
        Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            YamlNode.Mark keyMark = mark();
            String key = parser.currentName();
            String keyPath = path.isEmpty() ? key : path + "." + key;
            YamlNode value = node(keyPath, parser.nextToken());
            YamlNode.Entry earlier = entries.putIfAbsent(key, new YamlNode.Entry(keyMark, value));
            if (earlier != null) {
                problems.add(
                        keyMark,
                        keyPath,
                        "key stands twice, first in line " + earlier.keyMark().line());
            }
        }
        return new YamlNode.Mapping(mark, entries);
    }

    private YamlNode sequence(String path, YamlNode.Mark mark) throws IOException {
        List<YamlNode> items = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            items.add(node(path + "[" + items.size() + "]", token));
        }
        return new YamlNode.Sequence(mark, items);
    }

    private YamlNode.Mark mark() {
        JsonLocation at = parser.currentTokenLocation();
        return new YamlNode.Mark(at.getLineNr(), at.getColumnNr());
    }
}
