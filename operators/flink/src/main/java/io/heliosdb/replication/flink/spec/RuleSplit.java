package io.heliosdb.replication.flink.spec;

import io.heliosdb.replication.flink.stream.RuleListing;
import io.heliosdb.replication.flink.stream.RuleListingSerializer;
import io.heliosdb.replication.model.config.ReplicationRule;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The one split of the specification stream: which rules hold.
 *
 * @param version of the last listing emitted
 * @param submitted tells the rules that the job was submitted with; a job that is submitted with
 *     others begins with those
 * @param rules the last ones that were valid; null if nobody knows (a new job, or a checkpoint of
 *     the first version of this)
 */
record RuleSplit(long version, String submitted, @Nullable List<ReplicationRule> rules)
        implements SourceSplit {

    static final RuleSplit FIRST = new RuleSplit(0, "", null);
    static final SimpleVersionedSerializer<RuleSplit> SERIALIZER = new Serializer();

    /** Takes the place of rules that a job is submitted with, in {@link #submitted}. */
    static String fingerprint(List<ReplicationRule> rules) {
        try {
            DataOutputSerializer out = new DataOutputSerializer(256);
            RuleListingSerializer.INSTANCE.serialize(new RuleListing(0, rules), out);
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(out.getCopyOfBuffer()));
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String splitId() {
        return "rules";
    }

    RuleSplit next(List<ReplicationRule> newRules) {
        return new RuleSplit(version + 1, submitted, newRules);
    }

    /** {@code version(8) submitted known(1) [listing]}; version 1 had the first only. */
    private static final class Serializer implements SimpleVersionedSerializer<RuleSplit> {

        private static final int VERSION = 2;

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(RuleSplit split) throws IOException {
            DataOutputSerializer out = new DataOutputSerializer(256);
            out.writeLong(split.version);
            out.writeUTF(split.submitted);
            out.writeBoolean(split.rules != null);
            if (split.rules != null) {
                RuleListingSerializer.INSTANCE.serialize(
                        new RuleListing(split.version, split.rules), out);
            }
            return out.getCopyOfBuffer();
        }

        @Override
        public RuleSplit deserialize(int version, byte[] bytes) throws IOException {
            DataInputDeserializer in = new DataInputDeserializer(bytes);
            return switch (version) {
                case 1 -> new RuleSplit(in.readLong(), "", null);
                case VERSION ->
                        new RuleSplit(
                                in.readLong(),
                                in.readUTF(),
                                in.readBoolean()
                                        ? RuleListingSerializer.INSTANCE.deserialize(in).rules()
                                        : null);
                default -> throw new IOException("rule split of version " + version);
            };
        }
    }
}
