package io.heliosdb.replication.core.feed;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a job knows of what is wanted: the highest versions seen. Not thread-safe.
 *
 * <p>Nothing ends because it is not named any more: a store that was emptied or set back must not
 * take the backlogs of its replications with it.
 */
public final class SpecView {

    private static final Logger LOG = LoggerFactory.getLogger(SpecView.class);

    private final Map<String, SealedTarget> targets = new LinkedHashMap<>();
    private final Map<String, DesiredReplication> replications = new LinkedHashMap<>();

    /** Told once. */
    private final Set<String> regressed = new HashSet<>();

    /** Takes in what was read; returns what of it is news, targets before who uses them. */
    public SpecUpserts merge(SpecUpserts read) {
        List<SealedTarget> newTargets = new ArrayList<>();
        for (SealedTarget target : read.targets()) {
            SealedTarget known = targets.get(target.name());
            // The same version may come encrypted anew.
            if (known == null || target.version() >= known.version() && !target.equals(known)) {
                targets.put(target.name(), target);
                newTargets.add(target);
            }
        }
        List<DesiredReplication> news = new ArrayList<>();
        for (DesiredReplication wanted : read.replications()) {
            String id = wanted.id().value();
            DesiredReplication known = replications.get(id);
            if (known == null || wanted.version() > known.version()) {
                replications.put(id, wanted);
                regressed.remove(id);
                news.add(wanted);
            } else if (wanted.version() < known.version() && regressed.add(id)) {
                LOG.warn(
                        "store has an older version, which is ignored replication={} version={} known={}",
                        id,
                        wanted.version(),
                        known.version());
            }
        }
        return new SpecUpserts(newTargets, news);
    }

    /**
     * Takes in a whole read; as {@link #merge}, and forgets ends that it does not name any more:
     * they were reported.
     */
    public SpecUpserts mergeWhole(SpecUpserts read) {
        Set<String> named = new HashSet<>();
        read.replications().forEach(it -> named.add(it.id().value()));
        replications.values().removeIf(it -> it.ended() && !named.contains(it.id().value()));
        return merge(read);
    }

    /** Ends that were handed on need not be remembered: the store names them until it is told. */
    public void forgetEnded() {
        replications.values().removeIf(DesiredReplication::ended);
    }

    /** Replications that are not known to have ended. */
    public List<String> liveIds() {
        return replications.values().stream()
                .filter(it -> !it.ended())
                .map(it -> it.id().value())
                .toList();
    }

    /**
     * What a restart begins with, before the store was asked. Ends are left to the store: one that
     * was reported since must not be carried out again.
     */
    public SpecUpserts live() {
        return new SpecUpserts(
                List.copyOf(targets.values()),
                replications.values().stream().filter(it -> !it.ended()).toList());
    }
}
