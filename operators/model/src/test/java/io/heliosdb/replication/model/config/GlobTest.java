package io.heliosdb.replication.model.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GlobTest {

    /** Against all texts that are long enough to tell. */
    @Test
    void patternsOverlapIfAndOnlyIfATextMatchesBoth() {
        List<String> patterns = words("ab*", 3);
        List<String> texts = words("ab", 6);
        for (String left : patterns) {
            for (String right : patterns) {
                assertThat(Glob.overlap(left, right))
                        .as(left + " and " + right)
                        .isEqualTo(
                                texts.stream()
                                        .anyMatch(
                                                text ->
                                                        Glob.matches(left, text)
                                                                && Glob.matches(right, text)));
            }
        }
    }

    private static List<String> words(String letters, int longest) {
        List<String> words = new ArrayList<>(List.of(""));
        for (int from = 0, length = 0; length < longest; length++) {
            int to = words.size();
            for (; from < to; from++) {
                for (char letter : letters.toCharArray()) {
                    words.add(words.get(from) + letter);
                }
            }
        }
        return words;
    }
}
