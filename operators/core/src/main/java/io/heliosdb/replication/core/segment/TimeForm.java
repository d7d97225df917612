package io.heliosdb.replication.core.segment;

import java.util.Arrays;

/**
 * Dates and timestamps of the years 0001 to 9999 in PostgreSQL's ISO style, as days or microseconds
 * since 1970-01-01 as they are written: {@code 2026-11-21}, {@code 2026-11-21 16:38:20.25}, {@code
 * 2026-11-21 16:38:20.25+00}. The suffix (the zone) is one for a column.
 */
final class TimeForm implements NumberForm {

    private static final int DATE_BYTES = 10;
    private static final int SECOND_BYTES = 19;
    private static final int MOST_DECIMALS = 6;
    private static final int MOST_SUFFIX = 9;
    private static final long SECONDS_PER_DAY = 86_400;
    private static final long MICROS = 1_000_000;

    final boolean date;
    final byte[] suffix;

    TimeForm(boolean date, byte[] suffix) {
        if (suffix.length > MOST_SUFFIX) {
            throw SegmentCodec.damaged("suffix of " + suffix.length + " bytes");
        }
        this.date = date;
        this.suffix = suffix;
    }

    /** The form of a text that looks like a date or timestamp; it may still not have it. */
    static TimeForm of(byte[] bytes, int from, int to) {
        if (to - from < SECOND_BYTES) {
            return new TimeForm(true, new byte[0]);
        }
        int zone = from + SECOND_BYTES;
        while (zone < to && bytes[zone] != '+' && bytes[zone] != '-') {
            zone++;
        }
        boolean known = to - zone <= MOST_SUFFIX;
        return new TimeForm(false, known ? Arrays.copyOfRange(bytes, zone, to) : new byte[0]);
    }

    @Override
    public long parse(byte[] bytes, int from, int to) {
        int zone = to - suffix.length;
        if (date ? to - from != DATE_BYTES : zone - from < SECOND_BYTES) {
            return NONE;
        }
        long days = days(bytes, from);
        if (days == NONE || date) {
            return days;
        }
        if (!Arrays.equals(bytes, zone, to, suffix, 0, suffix.length)
                || bytes[from + 10] != ' '
                || bytes[from + 13] != ':'
                || bytes[from + 16] != ':') {
            return NONE;
        }
        long hours = two(bytes, from + 11);
        long minutes = two(bytes, from + 14);
        long seconds = two(bytes, from + 17);
        long decimals = decimals(bytes, from + SECOND_BYTES, zone);
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return NONE;
        }
        if (seconds < 0 || seconds > 59 || decimals < 0) {
            return NONE;
        }
        return ((days * 24 + hours) * 60 + minutes) * 60 * MICROS + seconds * MICROS + decimals;
    }

    /** Millionths in what follows the seconds, or -1. */
    private static long decimals(byte[] bytes, int from, int to) {
        int count = to - from - 1;
        if (count < 0) {
            return 0;
        }
        if (count == 0 || count > MOST_DECIMALS || bytes[from] != '.' || bytes[to - 1] == '0') {
            return -1;
        }
        long millionths = 0;
        for (int i = 0; i < MOST_DECIMALS; i++) {
            int digit = i < count ? bytes[from + 1 + i] - '0' : 0;
            if (digit < 0 || digit > 9) {
                return -1;
            }
            millionths = millionths * 10 + digit;
        }
        return millionths;
    }

    private static int two(byte[] bytes, int at) {
        int tens = bytes[at] - '0';
        int ones = bytes[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    }

    private static long days(byte[] bytes, int at) {
        int century = two(bytes, at);
        int rest = two(bytes, at + 2);
        int month = two(bytes, at + 5);
        int day = two(bytes, at + 8);
        boolean dashed = bytes[at + 4] == '-' && bytes[at + 7] == '-';
        if (!dashed || century < 0 || rest < 0 || century + rest == 0) {
            return NONE;
        }
        int year = century * 100 + rest;
        return month < 1 || month > 12 || day < 1 || day > daysIn(year, month)
                ? NONE
                : daysSinceEpoch(year, month, day);
    }

    private static int daysIn(int year, int month) {
        if (month == 2) {
            return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
        }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
    }

    /** Howard Hinnant's days_from_civil: years begin in March, eras have 400 of them. */
    private static long daysSinceEpoch(int year, int month, int day) {
        long y = month <= 2 ? year - 1 : year;
        long era = y / 400;
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097
                + yearOfEra * 365
                + yearOfEra / 4
                - yearOfEra / 100
                + dayOfYear
                - 719_468;
    }

    @Override
    public int write(long number, byte[] bytes, int from) {
        long days = date ? number : Math.floorDiv(number, SECONDS_PER_DAY * MICROS);
        int at = writeDate(days, bytes, from);
        if (date) {
            return at;
        }
        long micros = number - days * SECONDS_PER_DAY * MICROS;
        int second = (int) (micros / MICROS);
        bytes[at] = ' ';
        put(second / 3600, bytes, at + 1);
        bytes[at + 3] = ':';
        put(second / 60 % 60, bytes, at + 4);
        bytes[at + 6] = ':';
        put(second % 60, bytes, at + 7);
        at = writeDecimals((int) (micros % MICROS), bytes, at + 9);
        System.arraycopy(suffix, 0, bytes, at, suffix.length);
        return at + suffix.length;
    }

    private static int writeDecimals(int millionths, byte[] bytes, int at) {
        if (millionths == 0) {
            return at;
        }
        bytes[at] = '.';
        int rest = millionths;
        for (int i = at + MOST_DECIMALS; i > at; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        int end = at + MOST_DECIMALS;
        while (bytes[end] == '0') {
            end--;
        }
        return end + 1;
    }

    /** Hinnant's civil_from_days. */
    private static int writeDate(long days, byte[] bytes, int at) {
        long shifted = days + 719_468;
        long era = Math.floorDiv(shifted, 146_097L);
        long dayOfEra = shifted - era * 146_097;
        long yearOfEra =
                (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long shiftedMonth = (5 * dayOfYear + 2) / 153;
        int month = (int) (shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9);
        int year = (int) (yearOfEra + era * 400) + (month <= 2 ? 1 : 0);
        put(Math.floorMod(year / 100, 100), bytes, at);
        put(Math.floorMod(year, 100), bytes, at + 2);
        bytes[at + 4] = '-';
        put(month, bytes, at + 5);
        bytes[at + 7] = '-';
        put((int) (dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), bytes, at + 8);
        return at + DATE_BYTES;
    }

    private static void put(int twoDigits, byte[] bytes, int at) {
        bytes[at] = (byte) ('0' + twoDigits / 10);
        bytes[at + 1] = (byte) ('0' + twoDigits % 10);
    }
}
