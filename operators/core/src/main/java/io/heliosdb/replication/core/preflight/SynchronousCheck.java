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

    /** {@code ANY 2 (}, {@code FIRST 1 (}, {@code 1 (}. */
    private static final Pattern METHOD =
            Pattern.compile("\\s*(?:(FIRST|ANY)\\s+)?(\\d+)\\s*\\(", Pattern.CASE_INSENSITIVE);

    private SynchronousCheck() {}

    /** Only where there are Synchronous replications. */
    public static List<Finding> check(SourceConfig config, Settings settings) {
        List<Finding> findings = new ArrayList<>();
        String standby = config.applicationName();
        Standbys standbys = Standbys.parse(settings.standbyNames());
        if (standbys.names(standby) && !standbys.mustHave(standby)) {
            findings.add(
                    warning(
                            "synchronous_standby_names ("
                                    + settings.standbyNames()
                                    + ") lets another standby answer for '"
                                    + standby
                                    + "': commits do not wait for synchronous replications then."
                                    + " Name it first, or wait for all"));
        }
        if (!standbys.names(standby)) {
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

    /** What is in {@code synchronous_standby_names}. */
    private record Standbys(boolean any, int count, List<String> list) {

        static Standbys parse(String setting) {
            Matcher method = METHOD.matcher(setting);
            boolean counted = method.lookingAt();
            List<String> list = new ArrayList<>();
            Matcher name = NAME.matcher(counted ? setting.substring(method.end()) : setting);
            while (name.find()) {
                list.add(
                        name.group(1) == null ? name.group() : name.group(1).replace("\"\"", "\""));
            }
            return new Standbys(
                    counted && "ANY".equalsIgnoreCase(method.group(1)),
                    counted ? Integer.parseInt(method.group(2)) : 1,
                    list);
        }

        boolean names(String standby) {
            return list.contains("*") || place(standby) >= 0;
        }

        /** Whether no commit returns without it. */
        boolean mustHave(String standby) {
            return any
                    ? place(standby) >= 0 && count >= list.size()
                    : place(standby) >= 0 && place(standby) < count;
        }

        private int place(String standby) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i).equalsIgnoreCase(standby)) {
                    return i;
                }
            }
            return -1;
        }
    }
}
