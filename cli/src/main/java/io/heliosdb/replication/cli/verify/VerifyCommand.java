package io.heliosdb.replication.cli.verify;

import io.heliosdb.replication.cli.ConfigOption;
import io.heliosdb.replication.cli.DurationConverter;
import io.heliosdb.replication.core.verify.VerifyJson;
import io.heliosdb.replication.core.verify.VerifyOptions;
import io.heliosdb.replication.core.verify.VerifyReport;
import io.heliosdb.replication.core.verify.VerifyText;
import io.heliosdb.replication.core.verify.postgres.Verifier;
import io.heliosdb.replication.model.TenantId;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Source against targets, exactly, while writes go on; only reads. */
@Command(
        name = "verify",
        description = {
            "Compares every row of every replication with the source, at one position, while writes"
                    + " go on and also while the job is down. Names the keys that differ.",
            "Exits with 1 if anything differs, 3 if a database cannot be reached, 4 if all that can"
                    + " be compared is equal and some replications are behind."
        },
        mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {

    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--tenant", paramLabel = "ID", description = "Compares only this tenant.")
    private @Nullable String tenant;

    @Option(names = "--json", description = "Prints JSON.")
    private boolean json;

    @Option(
            names = "--timeout",
            converter = DurationConverter.class,
            defaultValue = "60s",
            paramLabel = "TIME",
            description =
                    "Longest wait for the targets to reach the source's position, and for"
                            + " transactions that are open at the source; default ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofSeconds(60);

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Verifier verifier = new Verifier(config.read(), VerifyOptions.DEFAULT.withTimeout(timeout));
        VerifyReport report =
                verifier.run(
                        Optional.ofNullable(tenant).map(TenantId::new),
                        new ProgressLines(spec.commandLine().getErr(), System::nanoTime));
        out.print(json ? VerifyJson.render(report) + "\n" : VerifyText.render(report));
        out.flush();
        return report.verdict().exitCode();
    }
}
