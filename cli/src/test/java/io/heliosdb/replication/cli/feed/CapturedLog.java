package io.heliosdb.replication.cli.feed;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** Everything that is logged by anybody in this JVM, from INFO on. */
final class CapturedLog extends AbstractAppender implements AutoCloseable {

    private final List<String> lines = new ArrayList<>();
    private final LoggerConfig root;
    private final Level before;

    private CapturedLog(LoggerContext context) {
        super("captured", null, null, true, Property.EMPTY_ARRAY);
        this.root = context.getConfiguration().getRootLogger();
        this.before = root.getLevel();
        start();
        root.setLevel(Level.INFO);
        root.addAppender(this, Level.INFO, null);
        context.updateLoggers();
    }

    static CapturedLog begin() {
        return new CapturedLog(LoggerContext.getContext(false));
    }

    @Override
    public synchronized void append(LogEvent event) {
        StringBuilder line = new StringBuilder(event.getMessage().getFormattedMessage());
        for (Throwable t = event.getThrown(); t != null; t = t.getCause()) {
            line.append('\n').append(t);
        }
        lines.add(line.toString());
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        root.removeAppender("captured");
        root.setLevel(before);
        LoggerContext.getContext(false).updateLoggers();
        stop();
    }
}
