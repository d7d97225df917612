package io.heliosdb.replication.core.schedule;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Those who are ready for one target, in the order in which they shall be served: earliest deadline
 * first while nobody is late. Among classes that are late, each gets a share of the target by its
 * weight (start-time fair queueing, Goyal et al., SIGCOMM 1996), earliest deadline first within it.
 * So a class cannot be starved: it is late at some time, and from then on has its share.
 *
 * <p>Adding, removing and polling take O(log n). Owned by one thread; clocks come in.
 *
 * @param <L> who is served
 */
public final class Schedule<L> {

    private final long slackMicros;
    private final Map<ServiceClass, Queue<L>> queues = new EnumMap<>(ServiceClass.class);

    /** In the order in which they were added. */
    private final Map<L, Entry<L>> entries = new LinkedHashMap<>();

    private long added;

    /** Virtual time of who was served last. */
    private double virtualTime;

    private record Entry<L>(L who, Urgency urgency, long number) {

        static int compare(Entry<?> a, Entry<?> b) {
            int byDeadline = Long.compare(a.urgency.deadlineMicros(), b.urgency.deadlineMicros());
            return byDeadline != 0 ? byDeadline : Long.compare(a.number, b.number);
        }
    }

    private static final class Queue<L> {
        final TreeSet<Entry<L>> waiting = new TreeSet<>(Entry::compare);

        /** What the class was served, by its weight. */
        double virtualTime;

        /** Whether its first was late when it was last looked at: from then on it has a share. */
        boolean late;
    }

    /**
     * @param slackMicros so long before its deadline somebody counts as late
     */
    public Schedule(long slackMicros) {
        this.slackMicros = slackMicros;
        for (ServiceClass each : ServiceClass.values()) {
            queues.put(each, new Queue<>());
        }
    }

    /** Adds somebody, or changes the place of who waits already. */
    public void add(L who, Urgency urgency) {
        remove(who);
        Entry<L> entry = new Entry<>(who, urgency, added++);
        entries.put(who, entry);
        queueOf(entry).waiting.add(entry);
    }

    /** Takes somebody out who waits; nothing if not. */
    public void remove(L who) {
        Entry<L> entry = entries.remove(who);
        if (entry != null) {
            queueOf(entry).waiting.remove(entry);
        }
    }

    /** Who is next, and waits no more; null if nobody waits. */
    public @Nullable L poll(long nowMicros) {
        Entry<L> next = next(nowMicros);
        if (next == null) {
            return null;
        }
        Queue<L> queue = queueOf(next);
        queue.waiting.pollFirst();
        entries.remove(next.who);
        virtualTime = Math.max(virtualTime, queue.virtualTime);
        return next.who;
    }

    /**
     * Who was added first, and waits no more; null if nobody waits. Whoever is added again each
     * time lets all others go first.
     */
    public @Nullable L pollFirstAdded() {
        if (entries.isEmpty()) {
            return null;
        }
        L first = entries.keySet().iterator().next();
        remove(first);
        return first;
    }

    /** As {@link #poll}, but it goes on waiting. */
    public @Nullable L peek(long nowMicros) {
        Entry<L> next = next(nowMicros);
        return next == null ? null : next.who;
    }

    private @Nullable Entry<L> next(long nowMicros) {
        Entry<L> earliest = null;
        Queue<L> latest = null;
        for (Queue<L> queue : queues.values()) {
            if (queue.waiting.isEmpty()) {
                queue.late = false;
            } else {
                Entry<L> first = queue.waiting.first();
                if (earliest == null || Entry.compare(first, earliest) < 0) {
                    earliest = first;
                }
                lateness(queue, first.urgency.deadlineMicros() <= nowMicros + slackMicros);
                if (queue.late && (latest == null || queue.virtualTime < latest.virtualTime)) {
                    latest = queue;
                }
            }
        }
        return latest == null ? earliest : latest.waiting.first();
    }

    /** Who was away, or could wait, has no claim for that time. */
    private void lateness(Queue<L> queue, boolean late) {
        if (late && !queue.late) {
            queue.virtualTime = Math.max(queue.virtualTime, virtualTime);
        }
        queue.late = late;
    }

    /**
     * What has been served is charged to its class.
     *
     * @param cost bytes, or whatever is the same for all
     */
    public void charge(ServiceClass served, long cost) {
        queues.get(served).virtualTime += (double) cost / served.weight();
    }

    public boolean contains(L who) {
        return entries.containsKey(who);
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public int size() {
        return entries.size();
    }

    private Queue<L> queueOf(Entry<L> entry) {
        return queues.get(entry.urgency.serviceClass());
    }
}
