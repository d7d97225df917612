package io.heliosdb.replication.cli;

import io.heliosdb.replication.testkit.PostgresServer;
import io.heliosdb.replication.testkit.PostgresVersion;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Tests of a command that reads a configuration of tenant {@code acme} on a server. */
public abstract class CommandStand {

    protected static PostgresServer server;

    @TempDir Path directory;

    /** What the command printed last. */
    protected final StringWriter out = new StringWriter();

    @BeforeAll
    static void start() {
        server = PostgresServer.start(PostgresVersion.source());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    protected String config(String source, String target) throws IOException {
        return Files.writeString(
                        directory.resolve("c.yaml"),
                        """
                        source: {url: '%s', user: postgres, slot: helios, publication: helios}
                        tenancy: {column: tenant_id}
                        targets: [{name: eu, url: '%s', user: postgres}]
                        replications: [{name: acme, tenant: acme, target: eu}]
                        job: {checkpoint-directory: state}
                        """
                                .formatted(source, target))
                .toString();
    }

    /** Returns the exit code. */
    protected int run(Object command, String file, String... more) {
        out.getBuffer().setLength(0);
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .execute(
                        Stream.concat(Stream.of("--config", file), Stream.of(more))
                                .toArray(String[]::new));
    }
}
