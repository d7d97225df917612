package io.heliosdb.replication.core.segment;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one column in the form that fits its values, found by looking at them: whatever the type
 * is called, a form is used only for texts that it gives back byte for byte. A few that do not fit
 * (infinity among timestamps) are written as text.
 *
 * <pre>
 *   head  := codec &lt;&lt; 1 | kindsFollow, parameters
 *   codec := 0 text          lengths, bytes
 *          | 1 dictionary    number of entries, entries as text, index of each
 *          | 2 decimal       scale &lt;&lt; 1 | trimmed; numbers
 *          | 3 time          date, length of the suffix, suffix; numbers
 *          | 4 float         bits as in {@link XorStream}
 *          | 5 UUID          upper and lower halves as numbers
 *          | 6 bytea         lengths, bytes that the hexadecimal digits stand for
 *   streams: the kinds if they follow, those of the codec, texts of the kind OTHER if there are any
 * </pre>
 */
final class ColumnEncoder {

    static final int TEXT = 0;
    static final int DICTIONARY = 1;
    static final int DECIMAL = 2;
    static final int TIME = 3;
    static final int FLOAT = 4;
    static final int UUID = 5;
    static final int BYTEA = 6;

    /** One in so many texts may not have the form. */
    private static final int OTHERS_ONE_IN = 8;

    private final ColumnValues column;
    private final SegmentOutput head;
    private final StreamWriter streams;

    /** Which texts do not have the form that is being tried. */
    private final boolean[] other;

    private int others;

    private ColumnEncoder(ColumnValues column, SegmentOutput head, StreamWriter streams) {
        this.column = column;
        this.head = head;
        this.streams = streams;
        this.other = new boolean[column.texts];
    }

    static void write(ColumnValues column, SegmentOutput head, StreamWriter streams) {
        new ColumnEncoder(column, head, streams).write();
    }

    private void write() {
        if (column.texts == 0 || !(writeNumbers() || writeUuids() || writeBytea())) {
            reset();
            Dictionary dictionary = Dictionary.of(column);
            if (dictionary == null) {
                begin(TEXT);
                TextStream.write(column.data, column.ends, column.texts, head, streams);
            } else {
                begin(DICTIONARY);
                dictionary.write(head, streams);
            }
        }
        if (others > 0) {
            writeOthers();
        }
    }

    private void reset() {
        Arrays.fill(other, false);
        others = 0;
    }

    private boolean miss(int text) {
        other[text] = true;
        others++;
        return others <= column.texts / OTHERS_ONE_IN;
    }

    private void begin(int codec) {
        if (others > 0) {
            int text = 0;
            for (int row = 0; row < column.rows; row++) {
                if (column.kinds[row] == ColumnValues.VALUE && other[text++]) {
                    column.kinds[row] = ColumnValues.OTHER;
                }
            }
        }
        boolean kinds = !column.allValues();
        head.put(codec << 1 | (kinds ? 1 : 0));
        if (kinds) {
            streams.add(column.kinds, column.rows);
        }
    }

    private boolean writeNumbers() {
        byte[] data = column.data;
        int first = column.start(0);
        int length = column.ends[0] - first;
        if (length == 0 || data[first] != '-' && (data[first] < '0' || data[first] > '9')) {
            return false;
        }
        if (length >= 10 && data[first + 4] == '-' && data[first + 7] == '-') {
            TimeForm form = TimeForm.of(data, first, first + length);
            long[] numbers = parse(form);
            if (numbers == null) {
                return false;
            }
            begin(TIME);
            head.put(form.date ? 1 : 0);
            head.put(form.suffix.length);
            head.put(form.suffix, 0, form.suffix.length);
            LongStream.write(numbers, column.texts - others, head, streams);
            return true;
        }
        DecimalForm form = decimalForm();
        long[] numbers = form == null ? null : parse(form);
        if (numbers != null) {
            begin(DECIMAL);
            head.put(form.scale << 1 | (form.trimmed ? 1 : 0));
            LongStream.write(numbers, column.texts - others, head, streams);
            return true;
        }
        numbers = parse(new FloatForm());
        if (numbers == null) {
            return false;
        }
        begin(FLOAT);
        XorStream.write(numbers, column.texts - others, streams);
        return true;
    }

    /** The numbers of all texts that have the form, or null if too many have not. */
    private long @Nullable [] parse(NumberForm form) {
        reset();
        long[] numbers = new long[column.texts];
        int count = 0;
        for (int i = 0; i < column.texts; i++) {
            long number = form.parse(column.data, column.start(i), column.ends[i]);
            if (number == NumberForm.NONE) {
                if (!miss(i)) {
                    return null;
                }
            } else {
                numbers[count++] = number;
            }
        }
        return numbers;
    }

    /** By the numbers of decimals that occur. */
    private @Nullable DecimalForm decimalForm() {
        int least = Integer.MAX_VALUE;
        int most = 0;
        boolean trimmed = true;
        for (int i = 0; i < column.texts; i++) {
            int end = column.ends[i];
            int point = end - 1;
            int start = column.start(i);
            while (point >= start && column.data[point] != '.') {
                point--;
            }
            int decimals = point < start ? 0 : end - 1 - point;
            least = Math.min(least, decimals);
            most = Math.max(most, decimals);
            trimmed &= decimals == 0 || column.data[end - 1] != '0';
        }
        boolean possible = most < DecimalForm.MOST_DIGITS && (least == most || trimmed);
        return possible ? new DecimalForm(most, least != most) : null;
    }

    private boolean writeUuids() {
        reset();
        long[] upper = new long[column.texts];
        long[] lower = new long[column.texts];
        int count = 0;
        for (int i = 0; i < column.texts; i++) {
            if (Uuids.parse(column.data, column.start(i), column.ends[i], upper, lower, count)) {
                count++;
            } else if (!miss(i)) {
                return false;
            }
        }
        begin(UUID);
        LongStream.write(upper, count, head, streams);
        LongStream.write(lower, count, head, streams);
        return true;
    }

    private boolean writeBytea() {
        reset();
        byte[] bytes = new byte[column.size() / 2];
        int[] ends = new int[column.texts];
        int size = 0;
        int count = 0;
        for (int i = 0; i < column.texts; i++) {
            int length = Hex.parse(column.data, column.start(i), column.ends[i], bytes, size);
            if (length >= 0) {
                size += length;
                ends[count++] = size;
            } else if (!miss(i)) {
                return false;
            }
        }
        begin(BYTEA);
        TextStream.write(bytes, ends, count, head, streams);
        return true;
    }

    private void writeOthers() {
        ColumnValues texts = new ColumnValues();
        for (int i = 0; i < column.texts; i++) {
            if (other[i]) {
                texts.add(column.data, column.start(i), column.ends[i] - column.start(i));
            }
        }
        TextStream.write(texts.data, texts.ends, texts.texts, head, streams);
    }
}
