package io.heliosdb.replication.cli.control;

import picocli.CommandLine.Option;

/** Who orders something, and why: recorded beside what is done. */
final class Orderer {

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why; recorded, and shown to whoever asks later.")
    private String reason = "not told";

    @Option(
            names = "--who",
            paramLabel = "NAME",
            description = "Who orders it; default is the user of the system.")
    private String who = System.getProperty("user.name", "unknown");

    String reason() {
        return reason;
    }

    String who() {
        return who;
    }
}
