package io.heliosdb.replication.core.segment;

/** Texts as their lengths and, in one stream, their bytes. */
record TextStream(byte[] data, int[] ends) {

    static void write(
            byte[] data, int[] ends, int count, SegmentOutput head, StreamWriter streams) {
        long[] lengths = new long[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            lengths[i] = ends[i] - size;
            size = ends[i];
        }
        LongStream.write(lengths, count, head, streams);
        if (size > 0) {
            streams.add(data, size);
        }
    }

    static TextStream read(int count, SegmentInput head, StreamReader streams) {
        long[] lengths = LongStream.read(count, head, streams);
        int[] ends = new int[count];
        int size = 0;
        for (int i = 0; i < count; i++) {
            long end = size + lengths[i];
            if (lengths[i] < 0 || end > Integer.MAX_VALUE) {
                throw SegmentCodec.damaged("a text of " + lengths[i] + " bytes");
            }
            size = (int) end;
            ends[i] = size;
        }
        if (size == 0) {
            return new TextStream(new byte[0], ends);
        }
        SegmentInput stream = streams.next();
        int from = stream.skip(size);
        if (from == 0 && stream.bytes.length == size) {
            return new TextStream(stream.bytes, ends);
        }
        return new TextStream(java.util.Arrays.copyOfRange(stream.bytes, from, from + size), ends);
    }

    int start(int text) {
        return text == 0 ? 0 : ends[text - 1];
    }
}
