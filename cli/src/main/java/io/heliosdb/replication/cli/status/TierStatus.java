package io.heliosdb.replication.cli.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heliosdb.replication.model.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The replications of one tier, of those that were told of it. Null means unknown.
 *
 * @param late beyond their limits now, or within them for less than half a minute
 * @param violations so many times one went beyond its limit since the job began
 * @param lagP50Ms of their lags now, of those that are known
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record TierStatus(
        String tier,
        long replications,
        long late,
        long violations,
        @Nullable Long lagP50Ms,
        @Nullable Long lagP99Ms,
        @Nullable Long lagWorstMs,
        long backlogTransactions,
        long backlogRows,
        long backlogBytes,
        long backlogStoredBytes) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private record Served(ReplicationStatus status, JsonNode service) {}

    /** Those of which there are any, the most urgent first. */
    static List<TierStatus> of(List<ReplicationStatus> replications) {
        List<Served> served =
                replications.stream()
                        .filter(it -> it.service() != null)
                        .map(it -> new Served(it, parsed(it.service())))
                        .toList();
        List<TierStatus> tiers = new ArrayList<>();
        Tier[] all = Tier.values();
        for (int i = all.length - 1; i >= 0; i--) {
            String name = all[i].name().toLowerCase(Locale.ROOT).replace('_', '-');
            List<Served> its =
                    served.stream()
                            .filter(it -> it.service.path("tier").asText().equals(name))
                            .toList();
            if (!its.isEmpty()) {
                tiers.add(of(name, its));
            }
        }
        return tiers;
    }

    private static TierStatus of(String name, List<Served> its) {
        List<Long> lags =
                its.stream()
                        .map(it -> it.status.lagMs())
                        .filter(Objects::nonNull)
                        .sorted()
                        .toList();
        return new TierStatus(
                name,
                its.size(),
                its.stream().filter(it -> it.service.path("late").asBoolean()).count(),
                its.stream().mapToLong(it -> it.service.path("violations").asLong()).sum(),
                percentile(lags, 0.50),
                percentile(lags, 0.99),
                percentile(lags, 1),
                its.stream().mapToLong(it -> orZero(it.status.backlogTransactions())).sum(),
                its.stream().mapToLong(it -> orZero(it.status.backlogRows())).sum(),
                its.stream().mapToLong(it -> orZero(it.status.backlogBytes())).sum(),
                its.stream().mapToLong(it -> orZero(it.status.backlogStoredBytes())).sum());
    }

    private static long orZero(@Nullable Long value) {
        return value == null ? 0 : value;
    }

    private static @Nullable Long percentile(List<Long> ascending, double share) {
        return ascending.isEmpty()
                ? null
                : ascending.get(Math.max(0, (int) Math.ceil(share * ascending.size()) - 1));
    }

    private static JsonNode parsed(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            return MAPPER.createObjectNode();
        }
    }
}
