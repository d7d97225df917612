package io.heliosdb.replication.core.config;

import io.heliosdb.replication.core.config.YamlNode.Mark;
import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is wrong with a file, collected so that all is told at once.
 *
 * <p>Values that came out of {@code ${env:…}} or {@code ${file:…}} may be secrets: in every message
 * they are shown as the reference they came from.
 */
final class Problems {

    /** Shorter ones hide nothing and would only garble messages. */
    private static final int SHORTEST_SECRET = 3;

    private record Problem(Mark mark, String path, String message) {}

    private final String file;
    private final List<Problem> list = new ArrayList<>();

    /** Longest first, so that a value that contains another is replaced whole. */
    private final Map<String, String> referenceByValue =
            new TreeMap<>(
                    Comparator.comparingInt(String::length)
                            .reversed()
                            .thenComparing(Comparator.naturalOrder()));

    Problems(String file) {
        this.file = file;
    }

    void add(Mark mark, String path, String message) {
        list.add(new Problem(mark, path, message));
    }

    /** From now on {@code value} is shown as {@code reference}. */
    void conceal(String value, String reference) {
        if (value.length() >= SHORTEST_SECRET) {
            referenceByValue.put(value, reference);
        }
    }

    int count() {
        return list.size();
    }

    /** One line each: {@code file:line:column: key.path: message}, in the order of the file. */
    ReplicationException toException() {
        String text =
                list.stream()
                        .sorted(Comparator.comparing(Problem::mark))
                        .map(this::line)
                        .distinct()
                        .collect(Collectors.joining("\n"));
        return new ReplicationException(ErrorCode.CONFIG_INVALID, text);
    }

    private String line(Problem problem) {
        String message = problem.message();
        for (Map.Entry<String, String> entry : referenceByValue.entrySet()) {
            message = message.replace(entry.getKey(), entry.getValue());
        }
        return file
                + ":"
                + problem.mark().line()
                + ":"
                + problem.mark().column()
                + ": "
                + (problem.path().isEmpty() ? "" : problem.path() + ": ")
                + message;
    }
}
