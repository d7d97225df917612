package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.feed.DesiredReplication;
import io.heliosdb.replication.core.stream.LaneInput;
import io.heliosdb.replication.model.Lsn;
import io.heliosdb.replication.model.ReplicationId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes of what the metadata store wants what goes to the lanes, once per version, whatever comes
 * twice or out of order. An order (resync, retry, skip) is carried out when its number differs from
 * the one acted on last; those that a new replication comes with are no orders, it begins anew
 * anyway.
 */
final class DesiredRoutes {

    private static final Logger LOG = LoggerFactory.getLogger(DesiredRoutes.class);

    private static final String WHO = "control API";

    private final RouteTable table;
    private final Supplier<RouteTable.StartPoint> startPoint;
    private final RouterOutput output;
    private final Map<ReplicationId, RouterState.Acted> acted = new HashMap<>();

    /** Versions of ends that went out; after a restart they go out again if the store says so. */
    private final Map<ReplicationId, Long> ended = new HashMap<>();

    DesiredRoutes(
            RouteTable table, Supplier<RouteTable.StartPoint> startPoint, RouterOutput output) {
        this.table = table;
        this.startPoint = startPoint;
        this.output = output;
    }

    /** Ends come first: a tenant that is stopped and begun anew leaves before it comes. */
    void upsert(List<DesiredReplication> wanted) {
        wanted.stream()
                .sorted(Comparator.comparing(it -> !it.ended()))
                .forEach(it -> upsert(it, acted.get(it.id())));
    }

    private void upsert(DesiredReplication wanted, RouterState.@Nullable Acted before) {
        if (before != null && wanted.version() <= before.version()) {
            return;
        }
        if (wanted.ended()) {
            end(wanted);
            return;
        }
        if (ended.containsKey(wanted.id())) {
            // Late: nothing comes back from an end.
            return;
        }
        table.upsert(wanted.spec());
        if (before != null) {
            orders(wanted, before);
        }
        output.emit(new LaneInput.Observed(wanted.id(), wanted.version()));
        acted.put(
                wanted.id(),
                new RouterState.Acted(
                        wanted.version(),
                        wanted.resyncGeneration(),
                        wanted.retryGeneration(),
                        wanted.skipLsn()));
    }

    private void end(DesiredReplication wanted) {
        Long before = ended.put(wanted.id(), wanted.version());
        if (before != null && before >= wanted.version()) {
            ended.put(wanted.id(), before);
            return;
        }
        acted.remove(wanted.id());
        table.leave(wanted.id());
        output.emit(new LaneInput.Ended(wanted.spec(), wanted.version(), wanted.cleanup()));
    }

    private void orders(DesiredReplication wanted, RouterState.Acted before) {
        if (wanted.resyncGeneration() > before.resyncGeneration()) {
            RouteTable.StartPoint here = startPoint.get();
            ReplicationRoute route = table.find(wanted.id());
            if (route != null) {
                route.failed = false;
            }
            told(wanted, "resync");
            output.emit(
                    new LaneInput.Resync(
                            wanted.id(), List.of(), here.lsn(), here.unprovenXids(), WHO));
            return;
        }
        if (wanted.skipLsn() != 0 && wanted.skipLsn() != before.skipLsn()) {
            told(
                    wanted,
                    (wanted.skipDdl() ? "skip DDL of " : "skip ") + Lsn.format(wanted.skipLsn()));
            output.emit(
                    new LaneInput.Skip(
                            wanted.id(), wanted.skipLsn(), wanted.skipDdl(), WHO, "ordered"));
        } else if (wanted.retryGeneration() > before.retryGeneration()) {
            told(wanted, "retry");
            output.emit(new LaneInput.Retry(wanted.id()));
        }
    }

    private static void told(DesiredReplication wanted, String order) {
        LOG.info(
                "order taken replication={} order={} version={}",
                wanted.id(),
                order,
                wanted.version());
    }

    Map<ReplicationId, RouterState.Acted> state() {
        return acted;
    }

    void restore(Map<ReplicationId, RouterState.Acted> state) {
        acted.putAll(state);
    }
}
