package io.heliosdb.replication.core.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody may have meant. */
final class Nearest {

    private Nearest() {}

    /** {@code , did you mean 'x'?} if something is near, else {@code ; known: a, b, c}. */
    static String hint(String word, Collection<String> known) {
        int limit = Math.max(2, word.length() / 3);
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .filter(candidate -> distance(word, candidate) <= limit)
                .map(candidate -> ", did you mean '" + candidate + "'?")
                .orElse("; known: " + String.join(", ", known));
    }

    /** Levenshtein's distance, where case, '_' and '-' make no difference. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase().replace('_', '-');
        String b = right.toLowerCase().replace('_', '-');
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
