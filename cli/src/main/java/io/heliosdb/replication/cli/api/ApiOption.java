package io.heliosdb.replication.cli.api;

/**
 * An option of a command and where its value goes.
 *
 * @param name with its dashes
 * @param at name of a parameter, or path of a field in the body: {@code config.qos_tier}
 */
record ApiOption(String name, String at, Place place, Kind kind, boolean required, String help) {

    /** Where a value goes. */
    enum Place {
        QUERY,
        BODY
    }

    /** How a value is written and read. */
    enum Kind {
        TEXT("TEXT"),
        NUMBER("N"),
        FLAG(""),
        /** May be given several times, or with commas. */
        LIST("A,B"),
        /** A connection by id or name. */
        CONNECTION("CONNECTION"),
        /** A file that holds a secret; {@code -} is standard input. */
        SECRET("FILE"),
        /** A flag that asks for an object without fields. */
        OBJECT("");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }

        boolean isFlag() {
            return this == FLAG || this == OBJECT;
        }
    }

    static ApiOption query(String name, String parameter, Kind kind, String help) {
        return new ApiOption(name, parameter, Place.QUERY, kind, false, help);
    }

    static ApiOption body(String name, String field, Kind kind, String help) {
        return new ApiOption(name, field, Place.BODY, kind, false, help);
    }

    ApiOption needed() {
        return new ApiOption(name, at, place, kind, true, help);
    }
}
