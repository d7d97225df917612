package io.heliosdb.replication.cli;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the READMEs name is there: files, classes, methods, tests, commands and their options. */
class ReadmeTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern LINK = Pattern.compile("\\]\\((?!http|#)([^)#]+)");

    /** {@code `Class`} or {@code `Class.method`}. */
    private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+)(?:\\.(\\w+))?`");

    private static final Pattern COMMAND =
            Pattern.compile(
                    "`\\./heliosdb-cli ([a-z][^`]*)`|^\\./heliosdb-cli ([a-z].*)",
                    Pattern.MULTILINE);

    private static Map<Path, String> readmes;

    /** Our sources by the name of the class. */
    private static Map<String, String> sources;

    @BeforeAll
    static void read() throws IOException {
        readmes = files("README.md").collect(toMap(file -> file, ReadmeTest::text));
        sources =
                files(".java")
                        .collect(
                                toMap(
                                        file -> file.getFileName().toString().replace(".java", ""),
                                        ReadmeTest::text,
                                        String::concat));
        assertThat(readmes).hasSizeGreaterThan(8);
    }

    private static Stream<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all
                    .filter(file -> file.toString().endsWith(suffix))
                    .filter(
                            file ->
                                    !ROOT.relativize(file)
                                            .toString()
                                            .matches("(.*/)?(target|\\..*)/.*"))
                    .toList()
                    .stream();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Finding {
        /** Whether what was found in this file is wrong. */
        boolean isWrong(Path file, MatchResult found);
    }

    private static List<String> wrong(Pattern pattern, Finding finding) {
        List<String> wrong = new ArrayList<>();
        readmes.forEach(
                (file, text) ->
                        pattern.matcher(text)
                                .results()
                                .filter(found -> finding.isWrong(file, found))
                                .forEach(
                                        found ->
                                                wrong.add(
                                                        ROOT.relativize(file)
                                                                + ": "
                                                                + found.group())));
        return wrong;
    }

    @Test
    void linksLeadSomewhere() {
        assertThat(wrong(LINK, (file, link) -> !Files.exists(file.resolveSibling(link.group(1)))))
                .isEmpty();
    }

    /** Names of other projects' classes are not ours to hold. */
    @Test
    void testsAndMethodsExist() {
        assertThat(
                        wrong(
                                NAME,
                                (file, name) -> {
                                    String source = sources.get(name.group(1));
                                    return source == null
                                            ? name.group(1).endsWith("Test")
                                                    || name.group(1).endsWith("ITCase")
                                            : name.group(2) != null
                                                    && !source.matches(
                                                            "(?s).*\\b" + name.group(2) + "\\b.*");
                                }))
                .isEmpty();
    }

    @Test
    void commandsAndOptionsExist() {
        assertThat(
                        wrong(
                                COMMAND,
                                (file, command) ->
                                        !isCommand(
                                                (command.group(1) == null
                                                                ? command.group(2)
                                                                : command.group(1))
                                                        .split("\\s+"))))
                .isEmpty();
    }

    private static boolean isCommand(String[] words) {
        CommandLine at = HeliosCli.commandLine();
        int next = 0;
        while (next < words.length && at.getSubcommands().containsKey(words[next])) {
            at = at.getSubcommands().get(words[next]);
            next++;
        }
        if (next == 0) {
            return false;
        }
        for (; next < words.length; next++) {
            if (words[next].startsWith("--")
                    && at.getCommandSpec().findOption(words[next].split("=")[0]) == null) {
                return false;
            }
        }
        return true;
    }
}
