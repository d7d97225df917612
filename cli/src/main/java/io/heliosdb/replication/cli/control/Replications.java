package io.heliosdb.replication.cli.control;

import io.heliosdb.replication.cli.ExitCode;
import io.heliosdb.replication.cli.Refusal;
import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.config.PipelineConfig;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Which replications are meant. */
final class Replications {

    @Option(
            names = "--replication",
            paramLabel = "NAME",
            description =
                    "A replication by its name in 'status', or a rule of the file with all its"
                            + " replications; may be repeated.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--all", description = "All replications of the file.")
    private boolean all;

    boolean isAll() {
        return all;
    }

    /** As commands name them; refuses what no rule of the file can mean. */
    List<String> in(PipelineConfig config) {
        if (all == !names.isEmpty()) {
            throw new Refusal(ExitCode.USAGE, "give either --all or --replication NAME");
        }
        for (String name : names) {
            if (config.replications().stream().noneMatch(rule -> means(rule, name))) {
                throw new Refusal(
                        ExitCode.USAGE,
                        "no replication '"
                                + name
                                + "' in the file, and no rule that could have made it");
            }
        }
        return all ? List.of(ControlCommand.ALL) : names;
    }

    private static boolean means(ReplicationRule rule, String name) {
        if (rule.name().equals(name)) {
            return true;
        }
        String prefix = rule.name() + "/";
        if (!rule.isPattern() || !name.startsWith(prefix)) {
            return false;
        }
        TenantId tenant = new TenantId(name.substring(prefix.length()));
        return rule.covers(tenant) && rule.specFor(tenant).id().value().equals(name);
    }
}
