package io.heliosdb.replication.core.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.model.SourceSnapshot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatMessageTest {

    private static HeartbeatMessage parse(String prefix, String content) {
        byte[] bytes = ("<<" + content + ">>").getBytes(UTF_8);
        return HeartbeatMessage.parse(prefix, bytes, 2, bytes.length - 4);
    }

    @Test
    void readsWhatTheSourceWrites() {
        HeartbeatMessage message = parse(HeartbeatMessage.PREFIX, "10:20:10,14|1700000000123456");
        assertThat(message)
                .isEqualTo(
                        new HeartbeatMessage(
                                SourceSnapshot.parse("10:20:10,14"), 1_700_000_000_123_456L));
        assertThat(message.content()).isEqualTo("10:20:10,14|1700000000123456");
    }

    @Test
    void leavesOtherPrefixesAlone_R35() {
        assertThat(parse("heliosdb", "10:20:10,14|1700000000123456")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "|", "10:20:|", "10:20|1", "x:20:|1", "20:10:|1", "1:2:3|x", "\0ÿ|"})
    void takesWhatItCannotReadForAnotherTools_R35(String content) {
        assertThat(parse(HeartbeatMessage.PREFIX, content)).isNull();
    }
}
