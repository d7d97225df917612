package io.heliosdb.replication.core.segment;

import java.util.Arrays;

/** Reads one column that {@link ColumnEncoder} wrote, then hands out its rows one by one. */
final class ColumnDecoder {

    private static final byte[] ALL_VALUES = new byte[0];

    private final byte[] kinds;
    private final TextStream values;
    private final TextStream others;
    private int row;
    private int value;
    private int other;
    private byte[] data = ALL_VALUES;
    private int from;
    private int length;

    ColumnDecoder(int rows, SegmentInput head, StreamReader streams) {
        int form = head.get();
        int count = rows;
        int otherCount = 0;
        if ((form & 1) != 0) {
            SegmentInput stream = streams.next();
            int start = stream.skip(rows);
            kinds = Arrays.copyOfRange(stream.bytes, start, start + rows);
            count = 0;
            for (byte kind : kinds) {
                count += kind == ColumnValues.VALUE ? 1 : 0;
                otherCount += kind == ColumnValues.OTHER ? 1 : 0;
            }
        } else {
            kinds = ALL_VALUES;
        }
        values = values(form >>> 1, count, head, streams);
        others =
                otherCount > 0
                        ? TextStream.read(otherCount, head, streams)
                        : new TextStream(new byte[0], new int[0]);
    }

    private static TextStream values(
            int codec, int count, SegmentInput head, StreamReader streams) {
        return switch (codec) {
            case ColumnEncoder.TEXT -> TextStream.read(count, head, streams);
            case ColumnEncoder.DICTIONARY -> dictionary(count, head, streams);
            case ColumnEncoder.DECIMAL -> {
                int scale = head.get();
                yield text(
                        new DecimalForm(scale >>> 1, (scale & 1) != 0),
                        LongStream.read(count, head, streams));
            }
            case ColumnEncoder.TIME -> {
                boolean date = head.get() != 0;
                int length = head.get();
                int from = head.skip(length);
                byte[] suffix = Arrays.copyOfRange(head.bytes, from, from + length);
                yield text(new TimeForm(date, suffix), LongStream.read(count, head, streams));
            }
            case ColumnEncoder.FLOAT -> text(new FloatForm(), XorStream.read(count, streams));
            case ColumnEncoder.UUID -> uuids(count, head, streams);
            case ColumnEncoder.BYTEA -> bytea(TextStream.read(count, head, streams));
            default -> throw SegmentCodec.damaged("unknown codec of a column " + codec);
        };
    }

    private static TextStream text(NumberForm form, long[] numbers) {
        SegmentOutput data = new SegmentOutput(numbers.length * 8 + NumberForm.MOST_BYTES);
        int[] ends = new int[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            data.reserve(NumberForm.MOST_BYTES);
            data.size = form.write(numbers[i], data.bytes, data.size);
            ends[i] = data.size;
        }
        return new TextStream(data.bytes, ends);
    }

    private static TextStream uuids(int count, SegmentInput head, StreamReader streams) {
        long[] upper = LongStream.read(count, head, streams);
        long[] lower = LongStream.read(count, head, streams);
        byte[] data = new byte[Math.multiplyExact(count, Uuids.TEXT_BYTES)];
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            Uuids.write(upper[i], lower[i], data, i * Uuids.TEXT_BYTES);
            ends[i] = (i + 1) * Uuids.TEXT_BYTES;
        }
        return new TextStream(data, ends);
    }

    private static TextStream bytea(TextStream raw) {
        int[] ends = new int[raw.ends().length];
        SegmentOutput data = new SegmentOutput(raw.data().length * 2 + ends.length * 2);
        for (int i = 0; i < ends.length; i++) {
            data.put('\\');
            data.put('x');
            for (int at = raw.start(i); at < raw.ends()[i]; at++) {
                data.put(Hex.text(raw.data()[at] >>> 4 & 0xF));
                data.put(Hex.text(raw.data()[at] & 0xF));
            }
            ends[i] = data.size;
        }
        return new TextStream(data.bytes, ends);
    }

    private static TextStream dictionary(int count, SegmentInput head, StreamReader streams) {
        int entries = head.size(count);
        TextStream entry = TextStream.read(entries, head, streams);
        long[] indexes = LongStream.read(count, head, streams);
        SegmentOutput data = new SegmentOutput(count * 8);
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            int index = (int) indexes[i];
            if (index < 0 || index >= entries) {
                throw SegmentCodec.damaged("entry " + indexes[i] + " of " + entries);
            }
            data.put(entry.data(), entry.start(index), entry.ends()[index] - entry.start(index));
            ends[i] = data.size;
        }
        return new TextStream(data.bytes, ends);
    }

    /**
     * Moves to the next row and says its kind: {@link ColumnValues#VALUE} if it has a text of its
     * own, else as it was added.
     */
    byte next() {
        byte kind = kinds == ALL_VALUES ? ColumnValues.VALUE : kinds[row];
        row++;
        if (kind == ColumnValues.VALUE) {
            take(values, value++);
        } else if (kind == ColumnValues.OTHER) {
            take(others, other++);
            return ColumnValues.VALUE;
        }
        return kind;
    }

    private void take(TextStream texts, int index) {
        if (index >= texts.ends().length) {
            throw SegmentCodec.damaged("a column ends early");
        }
        data = texts.data();
        from = texts.start(index);
        length = texts.ends()[index] - from;
    }

    /** Appends the text of the row as pgoutput does. */
    void writeText(SegmentOutput tuple) {
        tuple.put('t');
        tuple.putInt(length);
        tuple.put(data, from, length);
    }
}
