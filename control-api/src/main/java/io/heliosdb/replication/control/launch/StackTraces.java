package io.heliosdb.replication.control.launch;

import java.util.List;

/** Stack traces as text, for people. */
public final class StackTraces {

    private static final String CAUSED_BY = "Caused by: ";

    /** Ours are written for people; what is below them is not. */
    private static final String OURS = "io.heliosdb.replication.model.ReplicationException: ";

    private StackTraces() {}

    /** The innermost cause that is ours, or else the innermost, on one line. */
    public static String reason(String trace) {
        List<String> causes =
                trace.lines()
                        .map(String::strip)
                        .filter(line -> !line.startsWith("at ") && !line.startsWith("... "))
                        .filter(line -> !line.isEmpty() && !line.startsWith("End of exception"))
                        .toList();
        String innermost = causes.isEmpty() ? trace : causes.get(0);
        String ours = "";
        for (String line : causes) {
            if (line.startsWith(CAUSED_BY)) {
                innermost = line.substring(CAUSED_BY.length());
            }
            int at = line.indexOf(OURS);
            if (at >= 0) {
                ours = line.substring(at + OURS.length());
            }
        }
        return ours.isEmpty() ? innermost : ours;
    }
}
