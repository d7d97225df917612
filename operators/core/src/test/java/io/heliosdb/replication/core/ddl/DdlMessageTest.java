package io.heliosdb.replication.core.ddl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DdlMessageTest {

    private static String shape(String name, String parent, boolean partition) {
        return "{\"schema\": \"s\", \"name\": \"%s\", \"kind\": \"r\", \"persistence\": \"p\", \"replicaIdentity\": \"d\", \"partition\": %s, \"parents\": [%s]}"
                .formatted(name, partition, parent.isEmpty() ? "" : "[\"s\", \"" + parent + "\"]");
    }

    private static String change(String shape, boolean gone) {
        return "{\"before\": " + shape + ", \"after\": " + (gone ? "null" : shape) + "}";
    }

    @Test
    void parentsAreAlteredBeforeWhatInheritsAndDroppedAfterIt_R15() {
        DdlMessage message =
                DdlMessage.parse(
                        "{\"version\": 1, \"tag\": \"ALTER TABLE\", \"tables\": ["
                                + String.join(
                                        ", ",
                                        change(shape("old", "", false), true),
                                        change(shape("older", "old", false), true),
                                        change(shape("leaf", "part", true), false),
                                        change(shape("child", "root", false), false),
                                        change(shape("part", "root", true), false),
                                        change(shape("root", "", false), false))
                                + "]}");

        assertThat(message.inOrder())
                .extracting(change -> change.id().name())
                .isEqualTo(List.of("root", "child", "part", "leaf", "older", "old"));
    }
}
