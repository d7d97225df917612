package io.heliosdb.replication.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${env:NAME}} and {@code ${file:PATH}} in values. {@code $${} stands for a literal
 * {@code ${}.
 */
final class References {

    private static final Pattern FORM = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)(}?)");

    private final Path directory;
    private final Function<String, @Nullable String> environment;
    private final Problems problems;

    /**
     * @param directory relative paths of {@code ${file:…}} are relative to it
     */
    References(Path directory, Function<String, @Nullable String> environment, Problems problems) {
        this.directory = directory;
        this.environment = environment;
        this.problems = problems;
    }

    /**
     * The value with all references replaced.
     *
     * @throws IllegalArgumentException if one cannot be resolved; the message names it
     */
    String resolve(String text) {
        if (text.indexOf("${") < 0) {
            return text;
        }
        Matcher matcher = FORM.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String value = matcher.group(1) == null ? "${" : lookup(matcher);
            matcher.appendReplacement(resolved, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(resolved).toString();
    }

    private String lookup(Matcher matcher) {
        String reference = matcher.group();
        if (matcher.group(2).isEmpty()) {
            throw new IllegalArgumentException("reference is not closed with '}'");
        }
        String body = matcher.group(1);
        String value;
        if (body.startsWith("env:")) {
            value = environment.apply(body.substring(4));
            if (value == null) {
                throw new IllegalArgumentException(
                        "environment variable '" + body.substring(4) + "' is not set");
            }
        } else if (body.startsWith("file:")) {
            value = content(directory.resolve(body.substring(5)));
        } else {
            throw new IllegalArgumentException(
                    "unknown reference "
                            + reference
                            + ": use ${env:NAME} or ${file:PATH}, and $${ for a literal ${");
        }
        problems.conceal(value, reference);
        return value;
    }

    /** Without the line end that editors and secret stores put behind the last line. */
    private static String content(Path file) {
        try {
            return Files.readString(file).replaceFirst("\\R\\z", "");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "file " + file + " cannot be read (" + e.getClass().getSimpleName() + ")", e);
        }
    }
}
