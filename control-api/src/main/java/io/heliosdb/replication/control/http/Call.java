package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.Principal;
import io.heliosdb.replication.control.json.EnumNames;
import io.heliosdb.replication.control.json.Json;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.control.replication.Actor;
import io.javalin.http.Context;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One request, as handlers see it. Everything that is read from it is checked. */
final class Call {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final int LARGEST_PAGE = 100;
    private static final int LAST_PAGE = 1_000_000;
    private static final int LONGEST_PARAMETER = 500;

    private final Context context;
    private final Route route;
    private final Principal principal;
    private final String requestId;
    private @Nullable String resourceId;
    private @Nullable String tenant;

    Call(Context context, Route route, Principal principal, String requestId) {
        this.context = context;
        this.route = route;
        this.principal = principal;
        this.requestId = requestId;
    }

    Principal principal() {
        return principal;
    }

    String requestId() {
        return requestId;
    }

    Route route() {
        return route;
    }

    /** Who is to be named in events. */
    Actor actor(@Nullable String reason) {
        if (reason != null && reason.length() > 1000) {
            throw ControlException.invalid("reason", "must have at most 1000 characters");
        }
        return new Actor(principal.name(), Addresses.of(context), reason);
    }

    // ---- who it concerns

    /** The tenant that the caller is bound to. */
    Optional<String> boundTenant() {
        return principal.boundTenant();
    }

    /** FORBIDDEN if the caller may not act for this tenant. */
    void requireTenant(String itsTenant) {
        tenant = itsTenant;
        if (!principal.sees(itsTenant)) {
            throw new ControlException(ControlError.FORBIDDEN, "you are bound to another tenant");
        }
    }

    /** For the audit trail. */
    void concerns(String id, @Nullable String itsTenant) {
        resourceId = id;
        if (itsTenant != null) {
            tenant = itsTenant;
        }
    }

    @Nullable String resourceId() {
        return resourceId;
    }

    @Nullable String tenant() {
        return tenant;
    }

    // ---- what it carries

    <T> T body(Class<T> type) {
        return Bodies.read(context.bodyAsBytes(), type);
    }

    /** The body, or empty if there is none. */
    <T> Optional<T> bodyIfAny(Class<T> type) {
        byte[] body = context.bodyAsBytes();
        return body.length == 0 ? Optional.empty() : Optional.of(Bodies.read(body, type));
    }

    /** A field of a form; null if there is none, or the body is no form. */
    @Nullable String form(String name) {
        String type = context.header("Content-Type");
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith(FORM)) {
            return null;
        }
        String value;
        try {
            value = context.formParam(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw ControlException.invalid("Content-Type", "names no charset that there is");
        }
        return value == null || !Bodies.isStorable(value) ? null : value;
    }

    @Nullable String header(String name) {
        return context.header(name);
    }

    String path(String name) {
        return context.pathParam(name);
    }

    /** The id in the path; NOT_FOUND if it is no id at all. */
    UUID id(String name, String kind) {
        String text = context.pathParam(name);
        resourceId = text.length() > 100 ? text.substring(0, 100) : text;
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equalsIgnoreCase(text)) {
                resourceId = id.toString();
                return id;
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        resourceId = null;
        throw ControlException.notFound(kind, "of this id");
    }

    Optional<String> text(String name) {
        String value = context.queryParam(name);
        if (value == null || value.isEmpty()) {
            return Optional.empty();
        }
        if (value.length() > LONGEST_PARAMETER || !Bodies.isStorable(value)) {
            throw ControlException.invalid(name, "is not valid text");
        }
        return Optional.of(value);
    }

    <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
        return text(name)
                .map(
                        value ->
                                EnumNames.find(type, value)
                                        .orElseThrow(
                                                () ->
                                                        ControlException.invalid(
                                                                name,
                                                                "must be one of "
                                                                        + String.join(
                                                                                ", ",
                                                                                EnumNames.all(
                                                                                        type)))));
    }

    boolean flag(String name) {
        return text(name)
                .map(
                        value ->
                                switch (value) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw ControlException.invalid(
                                                    name, "must be true or false");
                                })
                .orElse(false);
    }

    Optional<Instant> time(String name) {
        return text(name)
                .map(
                        value -> {
                            Instant time = Json.parseTime(value);
                            if (time == null) {
                                throw ControlException.invalid(
                                        name, "must be a time like 2026-11-21T10:00:00Z");
                            }
                            return time;
                        });
    }

    /** Which part of a list is asked for. */
    record Paging(int page, int size) {
        int offset() {
            return (page - 1) * size;
        }
    }

    Paging paging() {
        return new Paging(
                number("page", 1, LAST_PAGE, 1), number("page_size", 1, LARGEST_PAGE, 50));
    }

    private int number(String name, int least, int most, int standard) {
        return text(name)
                .map(
                        value -> {
                            try {
                                int number = Integer.parseInt(value);
                                if (number >= least && number <= most) {
                                    return number;
                                }
                            } catch (NumberFormatException e) {
                                // Told below.
                            }
                            throw ControlException.invalid(
                                    name, "must be a number between " + least + " and " + most);
                        })
                .orElse(standard);
    }
}
