package io.heliosdb.replication.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliosdb.replication.model.ErrorCode;
import io.heliosdb.replication.model.ReplicationException;

/** Reads the fields of one message, one after the other, within its bounds. */
final class Fields {

    private final byte[] bytes;
    private final int begin;
    private final int end;
    private int at;

    /** Over the message from {@code begin} to {@code end}, its type byte already read. */
    Fields(byte[] bytes, int begin, int end) {
        this.bytes = bytes;
        this.begin = begin;
        this.end = end;
        this.at = begin + 1;
    }

    /** Offset of the next field. */
    int at() {
        return at;
    }

    int remaining() {
        return end - at;
    }

    int int8() {
        return bytes[advance(1)];
    }

    int uint16() {
        int from = advance(2);
        return (bytes[from] & 0xFF) << 8 | bytes[from + 1] & 0xFF;
    }

    int int32() {
        return Tuples.int32(bytes, advance(4));
    }

    long int64() {
        return (long) int32() << 32 | int32() & 0xFFFF_FFFFL;
    }

    /** A text that a zero byte ends. */
    String text() {
        int from = at;
        while (int8() != 0) {
            // on to the end of the text
        }
        return new String(bytes, from, at - 1 - from, UTF_8);
    }

    private int advance(int count) {
        if (count > end - at) {
            throw violation("ends, " + count + " more bytes expected");
        }
        at += count;
        return at - count;
    }

    /** Returns the message, of which nothing may be left unread. */
    <T> T whole(T message) {
        if (at != end) {
            throw violation("has " + (end - at) + " bytes more than expected");
        }
        return message;
    }

    ReplicationException violation(String problem) {
        return violation(bytes, begin, end, at, problem);
    }

    static ReplicationException violation(
            byte[] bytes, int begin, int end, int at, String problem) {
        byte type = bytes[begin];
        return new ReplicationException(
                ErrorCode.PROTOCOL_VIOLATION,
                PgOutput.name(type)
                        + " message '"
                        + (type >= ' ' ? String.valueOf((char) type) : "\\" + (type & 0xFF))
                        + "' of "
                        + (end - begin)
                        + " bytes, at its byte "
                        + (at - begin)
                        + ": "
                        + problem);
    }
}
