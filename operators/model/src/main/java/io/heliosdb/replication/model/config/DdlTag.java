package io.heliosdb.replication.model.config;

import java.util.Locale;

/** Kinds of DDL that can be carried out at a target, as {@code ddl-allow} names them. */
public enum DdlTag {
    ADD_COLUMN,
    DROP_COLUMN,
    /** Of tables (another schema too), columns, constraints, indexes. */
    RENAME,
    COLUMN_TYPE,
    /** Defaults, generation expressions, identity. */
    DEFAULT,
    NOT_NULL,
    /** {@code CREATE TABLE}, {@code CREATE TABLE AS}, {@code SELECT INTO}. */
    CREATE_TABLE,
    DROP_TABLE,
    /** Keys, checks, foreign keys, exclusions, also of domains. */
    CONSTRAINT,
    /** Also {@code CONCURRENTLY}. */
    INDEX,
    /** {@code ATTACH}, {@code DETACH}, {@code INHERIT}, {@code NO INHERIT}. */
    PARTITION,
    ENUM,
    /** Types but enums; domains. */
    TYPE,
    SEQUENCE,
    EXTENSION,
    /** {@code DROP SCHEMA}; schemas are made with what is in them. */
    SCHEMA,
    /** Storage parameters, replica identity. */
    OPTIONS;

    /** As in the file: {@code add-column}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
