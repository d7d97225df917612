package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.core.route.Router;
import io.heliosdb.replication.flink.route.SpecInput;
import io.heliosdb.replication.flink.stream.RuleListing;
import org.jspecify.annotations.Nullable;

/** Rules: a new job begins with those that it was submitted with. */
public final class RuleInput implements SpecInput<RuleListing> {

    private static final long serialVersionUID = 1L;

    private final RuleListing submitted;

    public RuleInput(RuleListing submitted) {
        this.submitted = submitted;
    }

    @Override
    public @Nullable RuleListing first(boolean anew) {
        return anew ? submitted : null;
    }

    @Override
    public void hand(RuleListing listing, Router router) {
        router.rules(listing.rules());
    }
}
