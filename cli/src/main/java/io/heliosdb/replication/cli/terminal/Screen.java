package io.heliosdb.replication.cli.terminal;

import java.io.PrintWriter;
import java.util.List;

/**
 * Lines that are drawn over their former version on a terminal, and printed one after the other
 * elsewhere.
 */
public final class Screen {

    private static final String UP_AND_CLEAR = "\u001b[%dA\u001b[J";

    private final PrintWriter out;
    private final boolean redraws;
    private int drawn;

    private Screen(PrintWriter out, boolean redraws) {
        this.out = out;
        this.redraws = redraws;
    }

    /** Draws over if the process has a terminal. */
    public static Screen of(PrintWriter out) {
        return new Screen(out, System.console() != null && !"dumb".equals(System.getenv("TERM")));
    }

    public boolean redraws() {
        return redraws;
    }

    /** Shows these lines in place of the last ones. */
    public void draw(List<String> lines) {
        if (redraws && drawn > 0) {
            out.printf(UP_AND_CLEAR, drawn);
        }
        lines.forEach(out::println);
        out.flush();
        drawn = lines.size();
    }

    /** Prints a line that stays. */
    public void say(String line) {
        out.println(line);
        out.flush();
        drawn = 0;
    }
}
