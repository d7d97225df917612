package io.heliosdb.replication.flink.ingest;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalPosition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The one split of a WAL source: whose log, which slot, how far.
 *
 * @param timeline of the source, on which the position was reached; 0 if unknown
 * @param source checked at every start, so that a checkpoint is never continued on another database
 */
public record WalSplit(SourceIdentity source, String slot, WalPosition position, long timeline)
        implements SourceSplit {

    static final SimpleVersionedSerializer<WalSplit> SERIALIZER = new Serializer();

    @Override
    public String splitId() {
        return slot;
    }

    WalSplit at(WalPosition newPosition, long newTimeline) {
        return new WalSplit(source, slot, newPosition, newTimeline);
    }

    private static final class Serializer implements SimpleVersionedSerializer<WalSplit> {

        private static final int VERSION = 2;

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(WalSplit split) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(split.source.systemIdentifier());
                out.writeUTF(split.source.database());
                out.writeUTF(split.slot);
                out.writeLong(split.position.restartLsn());
                out.writeLong(split.position.partialCommitLsn());
                out.writeLong(split.position.partialOrdinal());
                out.writeLong(split.timeline);
            }
            return bytes.toByteArray();
        }

        @Override
        public WalSplit deserialize(int version, byte[] bytes) throws IOException {
            if (version < 1 || version > VERSION) {
                throw new IOException("WAL split of version " + version);
            }
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                return new WalSplit(
                        new SourceIdentity(in.readUTF(), in.readUTF()),
                        in.readUTF(),
                        new WalPosition(in.readLong(), in.readLong(), in.readLong()),
                        version == 1 ? 0 : in.readLong());
            }
        }
    }
}
