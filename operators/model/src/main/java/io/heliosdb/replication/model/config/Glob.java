package io.heliosdb.replication.model.config;

/**
 * Matching with {@code *} for any characters, nothing else special; linear in the text for one
 * star.
 */
public final class Glob {

    private Glob() {}

    public static boolean isPattern(String text) {
        return text.indexOf('*') >= 0;
    }

    /** Whether there is a text that both match. */
    public static boolean overlap(String left, String right) {
        boolean[] row = new boolean[right.length() + 1];
        for (int i = left.length(); i >= 0; i--) {
            boolean[] below = row;
            row = new boolean[right.length() + 1];
            for (int j = right.length(); j >= 0; j--) {
                // Whether what is left of both from here on can be the same.
                boolean leftStar = i < left.length() && left.charAt(i) == '*';
                boolean rightStar = j < right.length() && right.charAt(j) == '*';
                if (i == left.length() && j == right.length()) {
                    row[j] = true;
                } else if (leftStar || rightStar) {
                    row[j] = i < left.length() && below[j] || j < right.length() && row[j + 1];
                } else {
                    row[j] =
                            i < left.length()
                                    && j < right.length()
                                    && left.charAt(i) == right.charAt(j)
                                    && below[j + 1];
                }
            }
        }
        return row[0];
    }

    public static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
