package io.heliosdb.replication.cli.run;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM as a condition that one waits for, in place of the JVM's sudden shutdown.
 *
 * <p>A shutdown hook would not do: hooks run at the same time, and Flink's and PostgreSQL's would
 * tear down what a clean stop still needs. The second signal ends the process at once.
 */
public final class StopSignal {

    private final CountDownLatch received = new CountDownLatch(1);

    private StopSignal() {}

    /** From now on signals count here. Once per process. */
    public static StopSignal install() {
        StopSignal stop = new StopSignal();
        stop.handle("INT");
        stop.handle("TERM");
        return stop;
    }

    /** Waits for a signal, at most so long. Returns whether there was one. */
    public boolean await(Duration limit) throws InterruptedException {
        return received.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    public boolean isReceived() {
        return received.getCount() == 0;
    }

    private void signalled() {
        if (isReceived()) {
            // With hooks: processes and temporary files of ours go, the clean stop does not wait.
            new Thread(() -> System.exit(130), "second-signal").start();
        }
        received.countDown();
    }

    /**
     * {@code sun.misc.Signal} is the only way to a signal, is in every JDK (module
     * jdk.unsupported), and may not be named where warnings are errors.
     */
    private void handle(String signal) {
        try {
            Class<?> type = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler =
                    Proxy.newProxyInstance(
                            StopSignal.class.getClassLoader(),
                            new Class<?>[] {handlerType},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("handle")) {
                                    signalled();
                                    return null;
                                }
                                return method.getName().equals("hashCode")
                                        ? (Object) System.identityHashCode(proxy)
                                        : (Object)
                                                (proxy
                                                        == (arguments == null
                                                                ? null
                                                                : arguments[0]));
                            });
            type.getMethod("handle", type, handlerType)
                    .invoke(null, type.getConstructor(String.class).newInstance(signal), handler);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("this JVM does not let us handle SIG" + signal, e);
        }
    }
}
