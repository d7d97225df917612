package io.heliosdb.replication.core.apply.postgres;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing byte array that is used again and again. */
final class ByteBuilder {

    private static final int KEPT_BYTES = 1 << 18;

    private byte[] bytes;
    private int size;

    ByteBuilder(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /** The array behind; valid until the next growth. */
    byte[] array() {
        return bytes;
    }

    void size(int newSize) {
        size = newSize;
    }

    void clear() {
        size = 0;
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[KEPT_BYTES];
        }
    }

    /** Makes room for so many more bytes and returns the array to write them to. */
    byte[] room(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
        return bytes;
    }

    void add(byte value) {
        room(1)[size++] = value;
    }

    void addInt(int value) {
        byte[] to = room(4);
        to[size] = (byte) (value >>> 24);
        to[size + 1] = (byte) (value >>> 16);
        to[size + 2] = (byte) (value >>> 8);
        to[size + 3] = (byte) value;
        size += 4;
    }

    void add(byte[] from, int offset, int length) {
        System.arraycopy(from, offset, room(length), size, length);
        size += length;
    }

    void add(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        add(encoded, 0, encoded.length);
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    String toText() {
        return new String(bytes, 0, size, StandardCharsets.UTF_8);
    }
}
