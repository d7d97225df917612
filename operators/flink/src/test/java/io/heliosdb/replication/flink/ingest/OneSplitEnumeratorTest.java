package io.heliosdb.replication.flink.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.ingest.SourceIdentity;
import io.heliosdb.replication.core.ingest.WalPosition;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneSplitEnumeratorTest {

    private static final WalSplit SPLIT =
            new WalSplit(new SourceIdentity("7", "db"), "slot", new WalPosition(1, 2, 3), 4);

    private final OneSplitEnumerator.StateSerializer<WalSplit> serializer =
            new OneSplitEnumerator.StateSerializer<>(WalSplit.SERIALIZER);

    @Test
    void itsStateSurvives() throws IOException {
        for (OneSplitEnumerator.State<WalSplit> state :
                List.of(
                        OneSplitEnumerator.State.<WalSplit>first(),
                        new OneSplitEnumerator.State<WalSplit>(true, null),
                        new OneSplitEnumerator.State<>(false, SPLIT))) {
            assertThat(serializer.deserialize(serializer.getVersion(), serializer.serialize(state)))
                    .isEqualTo(state);
        }
    }

    @Test
    void readsTheFirstVersion() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0);
        bytes.writeBytes(WalSplit.SERIALIZER.serialize(SPLIT));
        assertThat(serializer.deserialize(1, bytes.toByteArray()))
                .as("it told of no timeline")
                .isEqualTo(
                        new OneSplitEnumerator.State<>(
                                false,
                                new WalSplit(SPLIT.source(), SPLIT.slot(), SPLIT.position(), 0)));
        assertThat(serializer.deserialize(1, new byte[] {1}))
                .isEqualTo(new OneSplitEnumerator.State<WalSplit>(true, null));
    }
}
