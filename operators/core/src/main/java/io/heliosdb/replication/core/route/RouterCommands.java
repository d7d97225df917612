package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands commands to the lanes that they are for, between two source transactions. */
final class RouterCommands {

    private static final Logger LOG = LoggerFactory.getLogger(RouterCommands.class);

    private final RouteTable routes;
    private final Supplier<RouteTable.StartPoint> startPoint;
    private final RouterOutput output;

    RouterCommands(
            RouteTable routes, Supplier<RouteTable.StartPoint> startPoint, RouterOutput output) {
        this.routes = routes;
        this.startPoint = startPoint;
        this.output = output;
    }

    void carryOut(ControlCommand command) {
        RouteTable.StartPoint here = startPoint.get();
        for (String name : command.replications()) {
            List<ReplicationRoute> named = routes.named(name);
            LOG.info(
                    "command received verb={} replication={} lanes={} lsn={} who={} reason={}",
                    command.verb(),
                    name,
                    named.size(),
                    Lsn.format(here.lsn()),
                    command.who(),
                    command.reason());
            for (ReplicationRoute route : named) {
                output.emit(record(route, command, here));
            }
        }
    }

    private static LaneInput record(
            ReplicationRoute route, ControlCommand command, RouteTable.StartPoint here) {
        return switch (command.verb()) {
            case RESYNC -> {
                // What the stream went on without may be missing in any table.
                List<String> tables = route.failed ? List.of() : command.tables();
                route.failed = false;
                yield new LaneInput.Resync(
                        route.spec.id(),
                        tables,
                        here.lsn(),
                        here.unprovenXids(),
                        command.who() + ": " + command.reason());
            }
            case RETRY -> new LaneInput.Retry(route.spec.id());
            case SKIP, SKIP_DDL ->
                    new LaneInput.Skip(
                            route.spec.id(),
                            command.position(),
                            command.verb() == ControlCommand.Verb.SKIP_DDL,
                            command.who(),
                            command.reason());
        };
    }
}
