package io.heliosdb.replication.core.segment;

/**
 * A form of text that stands for one number, exactly: whatever is parsed is written back as the
 * same bytes. A text that has a number but is not the form's own way of writing it ({@code 007},
 * {@code -0}) does not have the form.
 */
interface NumberForm {

    /** Not of this form. No text stands for this number. */
    long NONE = Long.MIN_VALUE;

    /** Most bytes that {@link #write} needs. */
    int MOST_BYTES = 64;

    /** The number of a text, or {@link #NONE}. */
    long parse(byte[] bytes, int from, int to);

    /**
     * Writes the text of a number; there is room for {@link #MOST_BYTES}.
     *
     * @return the offset behind it
     */
    int write(long number, byte[] bytes, int at);
}
