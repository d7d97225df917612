package io.heliosdb.replication.cli.api;

import java.util.ArrayList;
import java.util.List;

/**
 * A command that is one call of the control API.
 *
 * @param group the command that it is below; empty: none
 * @param operation of the OpenAPI document
 * @param path with at most one {@code {name}}, which is the command's argument
 * @param columns of a list, for people: paths of fields
 */
record ApiOperation(
        String group,
        String verb,
        String operation,
        String method,
        String path,
        Subject subject,
        String help,
        List<ApiOption> options,
        List<String> columns) {

    /** What the argument names. */
    enum Subject {
        NONE(""),
        /** By id, or by its tenant if that has only one. */
        REPLICATION("REPLICATION"),
        /** By id or name. */
        CONNECTION("CONNECTION"),
        ID("ID");

        private final String label;

        Subject(String label) {
            this.label = label;
        }

        String label() {
            return label;
        }
    }

    static ApiOperation of(
            String group, String verb, String operation, String method, String path, String help) {
        Subject subject =
                path.contains("{replication_id}")
                        ? Subject.REPLICATION
                        : path.contains("{connection_id}")
                                ? Subject.CONNECTION
                                : path.contains("{") ? Subject.ID : Subject.NONE;
        return new ApiOperation(
                group, verb, operation, method, path, subject, help, List.of(), List.of());
    }

    ApiOperation with(ApiOption... more) {
        List<ApiOption> all = new ArrayList<>(options);
        all.addAll(List.of(more));
        return new ApiOperation(group, verb, operation, method, path, subject, help, all, columns);
    }

    /** A list in pages. */
    ApiOperation lists(String... fields) {
        ApiOperation paged =
                with(
                        ApiOption.query("--page", "page", ApiOption.Kind.NUMBER, "page, from 1"),
                        ApiOption.query(
                                "--page-size",
                                "page_size",
                                ApiOption.Kind.NUMBER,
                                "items per page, at most 100; default 50"));
        return new ApiOperation(
                group,
                verb,
                operation,
                method,
                path,
                subject,
                help,
                paged.options(),
                List.of(fields));
    }

    boolean hasBody() {
        return options.stream().anyMatch(option -> option.place() == ApiOption.Place.BODY);
    }
}
