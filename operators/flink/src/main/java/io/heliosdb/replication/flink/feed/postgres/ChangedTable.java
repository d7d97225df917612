package io.heliosdb.replication.flink.feed.postgres;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.cdc.debezium.DebeziumDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Of a captured change only whether it may concern the job of a source: what the row says is read
 * from the store, where it is newest.
 */
final class ChangedTable implements DebeziumDeserializationSchema<Boolean> {

    private static final long serialVersionUID = 1L;

    private final String source;

    ChangedTable(String source) {
        this.source = source;
    }

    @Override
    public void deserialize(SourceRecord record, Collector<Boolean> out) {
        out.collect(concerns(record));
    }

    private boolean concerns(SourceRecord record) {
        String topic = String.valueOf(record.topic());
        if (topic.endsWith(".feed_beats")) {
            return false;
        }
        if (topic.endsWith(".replication_configs")
                && record.value() instanceof Struct value
                && value.schema().field("after") != null) {
            Struct after = value.getStruct("after");
            return after == null || source.equals(after.getString("source_connection_id"));
        }
        return true;
    }

    @Override
    public TypeInformation<Boolean> getProducedType() {
        return Types.BOOLEAN;
    }
}
