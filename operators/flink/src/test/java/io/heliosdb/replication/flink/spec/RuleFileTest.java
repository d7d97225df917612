package io.heliosdb.replication.flink.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuleFileTest {

    @TempDir Path directory;

    private Pipeline pipeline;
    private RuleFile file;

    @BeforeEach
    void settle() throws IOException {
        pipeline = new Pipeline(directory);
        pipeline.write(Pipeline.text("a", "b", "c"));
        file = new RuleFile(pipeline.file);
        assertThat(file.look()).isNull();
        assertThat(file.look()).isEqualTo(Pipeline.rules("a", "b", "c"));
        assertThat(file.look()).as("told once").isNull();
    }

    @Test
    void doesNotActOnAFileThatIsHalfSaved() throws IOException {
        String text = Pipeline.text("a", "b", "c", "d");
        String half = Pipeline.text("a");
        assertThat(text).startsWith(half);
        pipeline.write(half);
        assertThat(file.look()).as("valid, and lacks three replications").isNull();
        pipeline.write(text);
        assertThat(file.look()).isNull();
        assertThat(file.look()).isEqualTo(Pipeline.rules("a", "b", "c", "d"));
    }

    @Test
    void changesNothingForAFileThatIsNotValid() throws IOException {
        pipeline.write(Pipeline.text("a").replace("tenant: a", "tenant: ''"));
        assertThat(file.look()).isNull();
        assertThat(file.look()).isNull();
        assertThat(file.isValid()).isFalse();
        pipeline.write(Pipeline.text("a"));
        assertThat(file.look()).isNull();
        assertThat(file.look()).isEqualTo(Pipeline.rules("a"));
        assertThat(file.isValid()).isTrue();
    }

    @Test
    void aFileThatComesBackCountsOnceItHasSettled() throws IOException {
        pipeline.delete();
        assertThat(file.look()).isNull();
        assertThat(file.isValid()).isFalse();
        pipeline.write(Pipeline.text("a", "b", "c"));
        assertThat(file.look()).isNull();
        assertThat(file.look()).isEqualTo(Pipeline.rules("a", "b", "c"));
        assertThat(file.isValid()).isTrue();
    }
}
