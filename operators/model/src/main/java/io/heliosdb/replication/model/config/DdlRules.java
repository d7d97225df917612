package io.heliosdb.replication.model.config;

import java.io.Serializable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a replication does with DDL of its source, by its kind.
 *
 * @param allowed what is carried out under {@link DdlPolicy#APPLY}; before the rest the replication
 *     stops, as before all under {@link DdlPolicy#PAUSE}
 */
public record DdlRules(DdlPolicy policy, Set<DdlTag> allowed) implements Serializable {

    private static final Set<DdlTag> ALL = Set.of(DdlTag.values());

    /** Everything that can be carried out is. */
    public static final DdlRules APPLY = of(DdlPolicy.APPLY);

    public DdlRules {
        allowed = Set.copyOf(allowed);
        if (allowed.isEmpty()) {
            throw new IllegalArgumentException(
                    "ddl-allow must name a kind of DDL; to allow none, say ddl: pause");
        }
        if (policy != DdlPolicy.APPLY && !allowed.equals(ALL)) {
            throw new IllegalArgumentException(
                    "ddl-allow tells what 'ddl: apply' carries out, but ddl is "
                            + policy.name().toLowerCase(Locale.ROOT));
        }
    }

    public static DdlRules of(DdlPolicy policy) {
        return new DdlRules(policy, ALL);
    }

    /** Whether this is carried out. */
    public boolean allows(DdlTag tag) {
        return policy == DdlPolicy.APPLY && allowed.contains(tag);
    }

    /** {@code POLICY}, or {@code POLICY/TAG,TAG} if not everything is allowed. */
    public String text() {
        return allowed.equals(ALL)
                ? policy.name()
                : policy.name()
                        + "/"
                        + Arrays.stream(DdlTag.values())
                                .filter(allowed::contains)
                                .map(Enum::name)
                                .collect(Collectors.joining(","));
    }

    /** Reads what {@link #text} wrote. */
    public static DdlRules parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return of(DdlPolicy.valueOf(text));
        }
        Set<DdlTag> allowed = EnumSet.noneOf(DdlTag.class);
        for (String tag : text.substring(slash + 1).split(",")) {
            allowed.add(DdlTag.valueOf(tag));
        }
        return new DdlRules(DdlPolicy.valueOf(text.substring(0, slash)), allowed);
    }
}
