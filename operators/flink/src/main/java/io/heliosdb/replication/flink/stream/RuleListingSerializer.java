package io.heliosdb.replication.flink.stream;

import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.BacklogConfig;
import io.heliosdb.replication.model.config.DdlRules;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.ReplicationRule;
import io.heliosdb.replication.model.config.ServiceConfig;
import io.heliosdb.replication.model.config.TableFilter;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Rules on the wire and in the state of their source. */
public final class RuleListingSerializer extends ImmutableSerializer<RuleListing> {

    public static final RuleListingSerializer INSTANCE = new RuleListingSerializer();
    public static final FixedTypeInfo<RuleListing> TYPE =
            new FixedTypeInfo<>(RuleListing.class, INSTANCE);

    private static final long serialVersionUID = 1L;

    @Override
    public RuleListing createInstance() {
        return new RuleListing(0, List.of());
    }

    @Override
    public void serialize(RuleListing listing, DataOutputView target) throws IOException {
        write(listing, target);
    }

    @Override
    public RuleListing deserialize(DataInputView source) throws IOException {
        return read(source);
    }

    static void write(RuleListing listing, DataOutput out) throws IOException {
        out.writeLong(listing.version());
        out.writeInt(listing.rules().size());
        for (ReplicationRule rule : listing.rules()) {
            out.writeUTF(rule.name());
            out.writeUTF(rule.tenant());
            out.writeUTF(rule.target());
            writeStrings(rule.tables().include(), out);
            writeStrings(rule.tables().exclude(), out);
            out.writeUTF(rule.tier().name());
            out.writeInt(rule.priority());
            out.writeBoolean(rule.paused());
            out.writeUTF(
                    rule.existingRows().name()
                            + "/"
                            + rule.ddl().text()
                            + "|"
                            + rule.backlog().text()
                            + "|"
                            + rule.service().text());
        }
    }

    static RuleListing read(DataInput in) throws IOException {
        long version = in.readLong();
        int count = in.readInt();
        List<ReplicationRule> rules = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            rules.add(readRule(in));
        }
        return new RuleListing(version, rules);
    }

    private static ReplicationRule readRule(DataInput in) throws IOException {
        String name = in.readUTF();
        String tenant = in.readUTF();
        String target = in.readUTF();
        TableFilter tables = new TableFilter(readStrings(in), readStrings(in));
        Tier tier = Tier.valueOf(in.readUTF());
        int priority = in.readInt();
        boolean paused = in.readBoolean();
        // What was written before there were rules for DDL, a backlog or a service has none.
        String[] texts = in.readUTF().split("\\|");
        String[] policies = texts[0].split("/", 2);
        return new ReplicationRule(
                name,
                tenant,
                target,
                tables,
                tier,
                priority,
                paused,
                ExistingRows.valueOf(policies[0]),
                policies.length > 1 ? DdlRules.parse(policies[1]) : DdlRules.APPLY,
                texts.length > 1 ? BacklogConfig.parse(texts[1]) : BacklogConfig.DEFAULT,
                texts.length > 2 ? ServiceConfig.parse(texts[2]) : ServiceConfig.DEFAULT);
    }

    private static void writeStrings(List<String> texts, DataOutput out) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            out.writeUTF(text);
        }
    }

    private static List<String> readStrings(DataInput in) throws IOException {
        int count = in.readInt();
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(in.readUTF());
        }
        return texts;
    }

    @Override
    public TypeSerializerSnapshot<RuleListing> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version 1. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RuleListing> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
