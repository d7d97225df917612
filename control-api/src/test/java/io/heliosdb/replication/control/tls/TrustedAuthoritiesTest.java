package io.heliosdb.replication.control.tls;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that hold no authority are refused by name: nobody is to trust nobody unknowingly. */
class TrustedAuthoritiesTest {

    private @TempDir Path directory;

    @Test
    void anEmptyFileIsRefused() throws IOException {
        Path empty = Files.createFile(directory.resolve("empty.pem"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustedAuthorities.context(empty))
                .withMessageContaining(empty + " holds no certificate");
    }

    @Test
    void whatIsNoCertificateIsRefused() throws IOException {
        Path other = Files.writeString(directory.resolve("other.pem"), "a password, say");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustedAuthorities.context(other))
                .withMessageContaining(other + " holds no certificate");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("missing.pem");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrustedAuthorities.context(missing))
                .withMessageContaining(missing.toString());
    }
}
