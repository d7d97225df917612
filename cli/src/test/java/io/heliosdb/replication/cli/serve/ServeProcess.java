package io.heliosdb.replication.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.cli.HeliosCli;
import io.heliosdb.replication.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code serve} as its users run it: a process of its own. */
final class ServeProcess {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Pattern ADDRESS = Pattern.compile("control API at (http://\\S+)/v1");
    private static final Pattern KEY = Pattern.compile("only: (hk_\\S+)");

    final Path home;
    private final List<Path> outputs = new ArrayList<>();
    private Process process;
    private volatile ApiHttp api;

    ServeProcess(Path home) {
        this.home = home;
    }

    /** Starts it and waits until it answers. */
    ApiHttp start(String... options) throws IOException {
        assertThat(startIfItCan(options)).as(printed()).isTrue();
        return api;
    }

    /** Starts it and waits until it answers, or ends because it cannot. */
    boolean startIfItCan(String... options) throws IOException {
        Path output = home.resolve("out-" + System.nanoTime());
        outputs.add(output);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-Dheliosdb.home=" + home,
                                "-Dlog.file=" + home.resolve("log"),
                                // That of the tests comes first on the class path.
                                "-Dlog4j2.configurationFile=" + logging(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HeliosCli.class.getName(),
                                "serve"));
        command.addAll(List.of(options));
        process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        Await.until(
                () -> "the control API runs; its log ends with " + logEnd() + threads(),
                PATIENCE,
                () -> text(output),
                text -> !process.isAlive() || KEY.matcher(text).find());
        boolean answers = KEY.matcher(text(output)).find();
        if (answers) {
            api = new ApiHttp(group(ADDRESS, text(output)), group(KEY, text(output)));
        }
        return answers;
    }

    private static String logging() {
        return Path.of("src/main/resources/log4j2.properties").toUri().toString();
    }

    ApiHttp api() {
        return api;
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As Ctrl-C does; returns the exit code. */
    int end() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    Process process() {
        return process;
    }

    /** What it has printed since it was started last. */
    String printed() {
        return text(outputs.get(outputs.size() - 1));
    }

    private String logEnd() {
        String log = log();
        return log.substring(Math.max(0, log.length() - 2_000));
    }

    /** What it is doing. */
    private String threads() {
        try {
            Process dump =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                            .toString(),
                                    String.valueOf(process.pid()),
                                    "Thread.print")
                            .redirectErrorStream(true)
                            .start();
            return new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    String log() {
        return text(home.resolve("log"));
    }

    private static String text(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String group(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }

    void close() throws InterruptedException {
        if (process != null && process.isAlive()) {
            end();
        }
    }
}
