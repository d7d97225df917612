package io.heliosdb.replication.core.secret;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * That the data keys of a tenant were destroyed: what was encrypted with them cannot be read any
 * more, wherever copies of it are.
 *
 * @param keyIds what the keys were told apart by, also at the begin of what they encrypted
 * @param fingerprint SHA-256 of the keys as they were stored
 * @param destroyedAt ISO-8601
 */
public record DestructionReceipt(
        @JsonProperty("tenant") String tenant,
        @JsonProperty("key_ids") List<Integer> keyIds,
        @JsonProperty("fingerprint") String fingerprint,
        @JsonProperty("destroyed_at") String destroyedAt,
        @JsonProperty("who") String who,
        @JsonProperty("reason") String reason) {

    public DestructionReceipt {
        keyIds = List.copyOf(keyIds);
    }
}
