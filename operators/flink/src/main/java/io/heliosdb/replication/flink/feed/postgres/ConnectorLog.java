package io.heliosdb.replication.flink.feed.postgres;

import java.lang.reflect.Method;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the connector from logging the store's password: at INFO it writes its whole configuration
 * whenever it begins.
 */
final class ConnectorLog {

    /** Of flink-connector-postgres-cdc 3.5.0, {@code PostgresConnectorConfig is {…}}. */
    private static final String TELLTALE =
            "org.apache.flink.cdc.connectors.postgres.source.fetch.PostgresSourceFetchTaskContext";

    private static final Logger LOG = LoggerFactory.getLogger(ConnectorLog.class);

    private ConnectorLog() {}

    /**
     * Sets that logger to WARN, with the means of Log4j 2 or Logback.
     *
     * @throws IllegalStateException it could not: the connector must not begin
     */
    static void silence() {
        Logger telltale = LoggerFactory.getLogger(TELLTALE);
        if (telltale.isInfoEnabled()) {
            withLog4j();
        }
        if (telltale.isInfoEnabled()) {
            withLogback(telltale);
        }
        if (telltale.isInfoEnabled()) {
            throw new IllegalStateException(
                    "logger "
                            + TELLTALE
                            + " would write the store's password: set its level to WARN");
        }
    }

    private static void withLog4j() {
        try {
            Class<?> level = Class.forName("org.apache.logging.log4j.Level");
            Method setLevel =
                    Class.forName("org.apache.logging.log4j.core.config.Configurator")
                            .getMethod("setLevel", String.class, level);
            setLevel.invoke(null, TELLTALE, level.getField("WARN").get(null));
        } catch (ReflectiveOperationException | LinkageError e) {
            LOG.debug("no Log4j 2 cause={}", e.toString());
        }
    }

    private static void withLogback(Logger logger) {
        try {
            Class<?> level = Class.forName("ch.qos.logback.classic.Level");
            logger.getClass()
                    .getMethod("setLevel", level)
                    .invoke(logger, level.getField("WARN").get(null));
        } catch (ReflectiveOperationException | LinkageError e) {
            LOG.debug("no Logback cause={}", e.toString());
        }
    }
}
