package io.heliosdb.replication.cli.keys;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.core.secret.TenantKeyAdmin;
import io.heliosdb.replication.model.TenantId;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The data keys that backlogs of tenants are encrypted with. */
@Command(
        name = "tenant-keys",
        description = {
            "Shows, rotates and destroys the data keys that what waits in state is encrypted with"
                    + " (job.encryption in the file of a job; flink.encryption in that of 'serve'). A"
                    + " running job notices within seconds. Give it where the keys are: on a machine"
                    + " that has their files.",
            "To rotate the master key: 'secret-keys add FILE', then 'rewrap'."
        },
        mixinStandardHelpOptions = true)
public final class TenantKeysCommand implements Callable<Integer> {

    private static final String TENANT = "The tenant.";

    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(
                spec.commandLine(), "say list, rotate, rewrap, destroy or renew");
    }

    @Command(
            name = "list",
            description = "Shows which tenants have keys, and how many.",
            mixinStandardHelpOptions = true)
    int list(@Mixin KeysOption keys) {
        for (TenantKeyAdmin.Entry entry : keys.admin().list()) {
            say(entry.tenant() + ": " + (entry.keys() == 0 ? "destroyed" : entry.keys()));
        }
        return ExitCode.OK;
    }

    @Command(
            name = "rotate",
            description =
                    "A new data key for the tenant; the older ones still decrypt what they"
                            + " encrypted.",
            mixinStandardHelpOptions = true)
    int rotate(
            @Mixin KeysOption keys,
            @Parameters(paramLabel = "TENANT", description = TENANT) String tenant) {
        keys.admin().rotate(new TenantId(tenant));
        say("a new key encrypts for " + tenant);
        return ExitCode.OK;
    }

    @Command(
            name = "rewrap",
            description = {
                "Encrypts all data keys with the newest master key and drops the older master"
                        + " keys from their file."
            },
            mixinStandardHelpOptions = true)
    int rewrap(@Mixin KeysOption keys) {
        say(keys.admin().rewrap() + " tenants' keys encrypted with the newest master key");
        return ExitCode.OK;
    }

    @Command(
            name = "destroy",
            description = {
                "Destroys the data keys of the tenant: what waits for it, in state and in every"
                        + " checkpoint, cannot be read any more. Prints the receipt, as JSON.",
                "Its replications stop; 'renew' and 'resync' begin anew."
            },
            mixinStandardHelpOptions = true)
    int destroy(
            @Mixin KeysOption keys,
            @Parameters(paramLabel = "TENANT", description = TENANT) String tenant,
            @Option(
                            names = "--reason",
                            required = true,
                            paramLabel = "TEXT",
                            description = "Why; it stands in the receipt.")
                    String reason,
            @Option(
                            names = "--yes",
                            description = "Without it, says what would be done and does nothing.")
                    boolean yes) {
        if (!yes) {
            throw new Refusal(
                    ExitCode.USAGE,
                    "this cannot be undone: what waits for " + tenant + " is lost; add --yes");
        }
        String who = System.getProperty("user.name");
        say(
                TenantKeyAdmin.text(
                        keys.admin().destroy(new TenantId(tenant), who, reason, Instant.now())));
        return ExitCode.OK;
    }

    @Command(
            name = "renew",
            description = "Makes a key for a tenant whose keys were destroyed.",
            mixinStandardHelpOptions = true)
    int renew(
            @Mixin KeysOption keys,
            @Parameters(paramLabel = "TENANT", description = TENANT) String tenant) {
        keys.admin().renew(new TenantId(tenant));
        say(tenant + " has a key again; 'resync' its replications");
        return ExitCode.OK;
    }

    private void say(String line) {
        spec.commandLine().getOut().println(line);
        spec.commandLine().getOut().flush();
    }
}
