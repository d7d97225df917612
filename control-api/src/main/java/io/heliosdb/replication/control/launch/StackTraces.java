package io.heliosdb.replication.control.launch;

/** Stack traces as text, for people. */
public final class StackTraces {

    private static final String CAUSED_BY = "Caused by: ";

    private StackTraces() {}

    /** The innermost cause, on one line. */
    public static String innermost(String trace) {
        return trace.lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("at ") && !line.startsWith("... "))
                .filter(line -> !line.isEmpty() && !line.startsWith("End of exception"))
                .reduce((outer, inner) -> inner.startsWith(CAUSED_BY) ? inner : outer)
                .map(line -> line.startsWith(CAUSED_BY) ? line.substring(CAUSED_BY.length()) : line)
                .orElse(trace);
    }
}
