package io.heliosdb.replication.core.preflight;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.config.SourceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Judges whether commits at the source wait for Synchronous replications, and which others wait
 * with them.
 */
public final class SynchronousCheck {

    /**
     * What the server says.
     *
     * @param standbyNames {@code synchronous_standby_names}
     * @param commit {@code synchronous_commit} of a session that does not set it
     */
    public record Settings(String standbyNames, String commit) {}

    private static final String RELOAD = "SELECT pg_reload_conf();";

    private static final Pattern NAME = Pattern.compile("\"((?:[^\"]|\"\")*)\"|[^\\s,()\"]+");

    private SynchronousCheck() {}

    /** Only where there are Synchronous replications. */
    public static List<Finding> check(SourceConfig config, Settings settings) {
        List<Finding> findings = new ArrayList<>();
        String standby = config.applicationName();
        if (!names(settings.standbyNames(), standby)) {
            findings.add(
                    warning(
                            "commits do not wait for synchronous replications:"
                                    + " synchronous_standby_names does not name '"
                                    + standby
                                    + "'. Once it does, sessions whose synchronous_commit is"
                                    + " remote_apply wait; while no job runs they wait for ever"
                                    + " (empty the setting then)",
                            "ALTER SYSTEM SET synchronous_standby_names = '\"" + standby + "\"';",
                            RELOAD,
                            "-- for the role whose commits shall wait:",
                            "-- ALTER ROLE … SET synchronous_commit = 'remote_apply';"));
        }
        if (!List.of("off", "local", "remote_apply").contains(settings.commit())) {
            findings.add(
                    warning(
                            "synchronous_commit is "
                                    + settings.commit()
                                    + ": sessions that do not set it wait until a checkpoint of the"
                                    + " job covers their commit, seconds each, once"
                                    + " synchronous_standby_names names '"
                                    + standby
                                    + "'. If no other standby needs it:",
                            "ALTER SYSTEM SET synchronous_commit = 'local';",
                            RELOAD));
        }
        return findings;
    }

    private static Finding warning(String message, String... fix) {
        return Finding.warning(ErrorCode.SOURCE_NOT_READY, "source", message, fix);
    }

    private static boolean names(String setting, String standby) {
        Matcher name = NAME.matcher(setting);
        while (name.find()) {
            String found =
                    name.group(1) == null ? name.group() : name.group(1).replace("\"\"", "\"");
            if (found.equals("*") || found.equalsIgnoreCase(standby)) {
                return true;
            }
        }
        return false;
    }
}
