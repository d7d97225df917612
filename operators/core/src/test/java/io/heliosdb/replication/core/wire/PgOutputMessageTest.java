package io.heliosdb.replication.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.RelationDescriptor;
import io.heliosdb.replication.model.ReplicationException;
import io.heliosdb.replication.model.TableId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PgOutputMessageTest {

    private static final int BEFORE = 3;

    private final PgOutputMessage message = new PgOutputMessage();

    /** In the middle of a larger array, whose other bytes must not matter. */
    private PgOutputMessage read(byte[] bytes) {
        byte[] array = new byte[BEFORE + bytes.length + 5];
        Arrays.fill(array, (byte) 'n');
        System.arraycopy(bytes, 0, array, BEFORE, bytes.length);
        return message.wrap(array, BEFORE, bytes.length);
    }

    private String value(int tuple, int column) {
        long slice = Tuples.slice(message.bytes(), tuple, message.end(), column);
        if (slice < 0) {
            return slice == Tuples.NULL ? "NULL" : "UNCHANGED";
        }
        return new String(message.bytes(), Tuples.offset(slice), Tuples.length(slice), UTF_8);
    }

    @Test
    void readsTheFrameOfATransaction() {
        assertThat(
                        read(
                                PgOutputWriter.begin(
                                        0x16B374D848L, 1_700_000_000_123_456L, 4_000_000_000L)))
                .extracting(PgOutputMessage::begun)
                .isEqualTo(
                        new PgOutputMessage.Begin(
                                0x16B374D848L, 1_700_000_000_123_456L, 4_000_000_000L));
        assertThat(read(PgOutputWriter.commit(-16, -8, 1_700_000_000_123_456L)).committed())
                .isEqualTo(new PgOutputMessage.Commit(-16, -8, 1_700_000_000_123_456L));
        assertThat(read(PgOutputWriter.origin(7, "upstream")).origin())
                .isEqualTo(new PgOutputMessage.Origin(7, "upstream"));
    }

    @Test
    void readsDescriptions() {
        assertThat(read(PgOutputWriter.relation(9, "", "Größe x", 'i', "*id", "note")).relation())
                .isEqualTo(
                        new RelationDescriptor(
                                9,
                                new TableId("pg_catalog", "Größe x"),
                                'i',
                                List.of(
                                        new RelationDescriptor.Column("id", true, 25, -1),
                                        new RelationDescriptor.Column("note", false, 25, -1))));
        assertThat(read(PgOutputWriter.type(77, "shop", "mood")).typeName())
                .isEqualTo(new PgOutputMessage.TypeName(77, "shop", "mood"));
    }

    @Test
    void readsTruncateAndLogicalMessages() {
        assertThat(read(PgOutputWriter.truncate(3, 1, 2)).truncated())
                .isEqualTo(new PgOutputMessage.Truncate(List.of(1, 2), true, true));
        assertThat(read(PgOutputWriter.truncate(2, 1)).truncated())
                .isEqualTo(new PgOutputMessage.Truncate(List.of(1), false, true));
        byte[] binary = {0, -1, 7};
        PgOutputMessage.LogicalMessage logical =
                read(PgOutputWriter.logicalMessage(false, 42, "other", binary)).logicalMessage();
        assertThat(logical.transactional()).isFalse();
        assertThat(logical.lsn()).isEqualTo(42);
        assertThat(logical.prefix()).isEqualTo("other");
        assertThat(
                        Arrays.copyOfRange(
                                message.bytes(),
                                logical.offset(),
                                logical.offset() + logical.length()))
                .isEqualTo(binary);
    }

    @Test
    void findsTheTuplesOfARow() {
        read(PgOutputWriter.update(5, 'K', new String[] {"1", null}, "2", "é", "<unchanged>"));
        assertThat(message.relationOid()).isEqualTo(5);
        assertThat(message.oldKind()).isEqualTo(PgOutput.KEY_TUPLE);
        assertThat(message.bytes()[message.oldTuple() - 1]).isEqualTo(PgOutput.KEY_TUPLE);
        assertThat(value(message.oldTuple(), 0)).isEqualTo("1");
        assertThat(value(message.oldTuple(), 1)).isEqualTo("NULL");
        assertThat(message.oldEnd() + 1).isEqualTo(message.newTuple());
        assertThat(value(message.newTuple(), 1)).isEqualTo("é");
        assertThat(value(message.newTuple(), 2)).isEqualTo("UNCHANGED");
        assertThat(Tuples.columns(message.bytes(), message.newTuple(), message.end())).isEqualTo(3);
        assertThat(Tuples.hasUnchanged(message.bytes(), message.newTuple(), message.end()))
                .isTrue();
        assertThat(Tuples.hasUnchanged(message.bytes(), message.oldTuple(), message.oldEnd()))
                .isFalse();

        read(PgOutputWriter.update(5, "2", ""));
        assertThat(message.oldKind()).isZero();
        assertThat(message.oldTuple()).isEqualTo(message.oldEnd()).isEqualTo(message.newTuple());
        assertThat(value(message.newTuple(), 1)).isEmpty();

        read(PgOutputWriter.delete(6, 'O', "3"));
        assertThat(message.oldKind()).isEqualTo(PgOutput.OLD_TUPLE);
        assertThat(value(message.oldTuple(), 0)).isEqualTo("3");
        assertThat(message.oldEnd()).isEqualTo(message.end());

        read(PgOutputWriter.insert(7));
        assertThat(message.oldKind()).isZero();
        assertThat(Tuples.end(message.bytes(), message.newTuple(), message.end()))
                .isEqualTo(message.end());
    }

    @Test
    void namesTheMessageAndThePlaceThatCannotBeRead() {
        byte[] insert = PgOutputWriter.insert(5, "one", "two");
        insert[8] = 'x';
        assertThatThrownBy(() -> read(insert))
                .hasMessageContaining("Insert message 'I' of 24 bytes, at its byte 6")
                .hasMessageContaining("kind 'x'")
                .extracting("code")
                .isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        assertThatThrownBy(() -> read(PgOutputWriter.origin(1, "x")).begun())
                .hasMessageContaining("Origin message 'O'")
                .hasMessageContaining("is no Begin");
        read(PgOutputWriter.insert(5, "one"));
        assertThatThrownBy(() -> value(message.newTuple(), 1))
                .hasMessageContaining("has 1 columns, wanted 1");
    }

    static Stream<byte[]> everyKindOfMessage() {
        return Stream.of(
                PgOutputWriter.begin(1, 2, 3),
                PgOutputWriter.commit(1, 2, 3),
                PgOutputWriter.origin(1, "upstream"),
                PgOutputWriter.type(77, "shop", "mood"),
                PgOutputWriter.relation(9, "public", "orders", 'd', "*id", "tenant_id"),
                PgOutputWriter.insert(5, "one", null, "<unchanged>", ""),
                PgOutputWriter.update(5, "one", "two"),
                PgOutputWriter.update(5, 'O', new String[] {"1", "a"}, "2", "b"),
                PgOutputWriter.delete(5, 'K', "1", null),
                PgOutputWriter.truncate(3, 1, 2, 3),
                PgOutputWriter.logicalMessage(true, 1, "p", new byte[] {1, 2, 3}));
    }

    /** Reads everything there is; false if refused as it should be. */
    private boolean isRead(byte[] bytes) {
        try {
            read(bytes);
            switch (message.type()) {
                case PgOutput.BEGIN -> message.begun();
                case PgOutput.COMMIT -> message.committed();
                case PgOutput.ORIGIN -> message.origin();
                case PgOutput.TYPE -> message.typeName();
                case PgOutput.RELATION -> message.relation();
                case PgOutput.TRUNCATE -> message.truncated();
                case PgOutput.MESSAGE -> message.logicalMessage();
                case PgOutput.INSERT, PgOutput.UPDATE, PgOutput.DELETE -> {}
                default -> throw message.violation("is not expected");
            }
            return true;
        } catch (ReplicationException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("everyKindOfMessage")
    void refusesWhatIsCutShortOrTooLong(byte[] whole) {
        assertThat(isRead(whole)).isTrue();
        for (int length = 0; length < whole.length; length++) {
            assertThat(isRead(Arrays.copyOf(whole, length))).as("cut to " + length).isFalse();
        }
        assertThat(isRead(Arrays.copyOf(whole, whole.length + 1))).as("one byte more").isFalse();
    }

    @ParameterizedTest
    @MethodSource("everyKindOfMessage")
    void survivesEveryDamagedByte(byte[] whole) {
        for (int at = 0; at < whole.length; at++) {
            for (int value : new int[] {0, 1, 0x7F, 0x80, 0xFF, 't', 'n', 'K', 'N', 'O'}) {
                byte[] damaged = whole.clone();
                damaged[at] = (byte) value;
                isRead(damaged);
            }
        }
    }
}
