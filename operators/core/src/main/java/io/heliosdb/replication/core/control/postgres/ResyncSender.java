package io.heliosdb.replication.core.control.postgres;

import io.heliosdb.replication.core.control.ControlCommand;
import io.heliosdb.replication.core.control.ResyncOrders;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.config.DatabaseConfig;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Sends orders one after the other from a thread of its own, which ends when there are none. */
public final class ResyncSender implements ResyncOrders {

    private static final String WHO = "heliosdb";

    private final DatabaseConfig source;
    private final ExecutorService sender;

    public ResyncSender(DatabaseConfig source) {
        this.source = source;
        ThreadPoolExecutor one =
                new ThreadPoolExecutor(
                        1,
                        1,
                        5,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "order-resync");
                            thread.setDaemon(true);
                            return thread;
                        });
        one.allowCoreThreadTimeOut(true);
        this.sender = one;
    }

    @Override
    public void order(ReplicationId id, String why, Consumer<String> failed) {
        ControlCommand command =
                new ControlCommand(
                        ControlCommand.Verb.RESYNC, List.of(id.value()), List.of(), 0, WHO, why);
        sender.execute(
                () -> {
                    try {
                        CommandSender.send(source, command);
                    } catch (ReplicationException e) {
                        failed.accept(e.getMessage());
                    }
                });
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }
}
