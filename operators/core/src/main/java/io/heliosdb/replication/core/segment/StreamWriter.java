package io.heliosdb.replication.core.segment;

import com.github.luben.zstd.Zstd;
import io.heliosdb.replication.model.config.CompressionLevel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The streams of a columnar payload, each compressed by itself so that its statistics are its own;
 * small ones are joined, for a Zstd frame costs more than they have.
 *
 * <pre>
 *   payload := count entry* entryOfJoint data* dataOfJoint
 *   entry   := rawBytes &lt;&lt; 2 | form, then storedBytes if form = 1
 *   form    := 0 stored | 1 Zstd | 2 in the joint stream, in order
 * </pre>
 *
 * <p>All numbers are varints. Streams are read in the order in which they were written, but for the
 * last one, which is read first: it tells what the others are.
 */
final class StreamWriter {

    static final int STORED = 0;
    static final int ZSTD = 1;
    static final int JOINT = 2;

    /** Below this a stream goes to the joint one. */
    static final int ALONE_BYTES = 256;

    private final int level;
    private final SegmentOutput directory = new SegmentOutput(256);
    private final SegmentOutput joint = new SegmentOutput(1024);
    private final List<byte[]> stored = new ArrayList<>();
    private int count;
    private long storedBytes;
    private double jointRatio = 1;

    StreamWriter(CompressionLevel level) {
        this.level = SegmentCodec.zstd(level);
    }

    void add(byte[] bytes, int length) {
        count++;
        if (length < ALONE_BYTES) {
            directory.putVarint((long) length << 2 | JOINT);
            joint.put(bytes, 0, length);
        } else {
            compress(bytes, length);
        }
    }

    void add(SegmentOutput output) {
        add(output.bytes, output.size);
    }

    private void compress(byte[] bytes, int length) {
        byte[] target = new byte[(int) Zstd.compressBound(length)];
        long size = Zstd.compressByteArray(target, 0, target.length, bytes, 0, length, level);
        if (Zstd.isError(size)) {
            throw new IllegalStateException(Zstd.getErrorName(size));
        }
        if (size < length) {
            directory.putVarint((long) length << 2 | ZSTD);
            directory.putVarint(size);
            stored.add(Arrays.copyOf(target, (int) size));
            storedBytes += size;
        } else {
            directory.putVarint((long) length << 2 | STORED);
            stored.add(Arrays.copyOf(bytes, length));
            storedBytes += length;
        }
    }

    /** Of the streams so far, without those in the joint one. */
    long storedBytes() {
        return storedBytes;
    }

    /** Of the streams so far in the joint one, before compression. */
    long jointBytes() {
        return joint.size;
    }

    /** Stored over raw size of the joint stream, once it is finished. */
    double jointRatio() {
        return jointRatio;
    }

    /** Everything, with the head as last stream; nothing may be added afterwards. */
    byte[] finish(SegmentOutput head) {
        add(head);
        long before = storedBytes;
        compress(joint.bytes, joint.size);
        jointRatio = joint.size == 0 ? 1 : (storedBytes - before) / (double) joint.size;
        SegmentOutput payload = new SegmentOutput(directory.size + 8);
        payload.putVarint(count);
        payload.put(directory.bytes, 0, directory.size);
        int size = payload.size;
        for (byte[] each : stored) {
            size += each.length;
        }
        payload.reserve(size - payload.size);
        for (byte[] each : stored) {
            payload.put(each, 0, each.length);
        }
        return payload.toBytes();
    }
}
