package io.heliosdb.replication.control.problem;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of the control plane. Message and details are shown to the client: they name
 * the value and the way out, and never a secret.
 */
public final class ControlException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ControlError error;
    private final transient Map<String, Object> details;

    public ControlException(ControlError error, String message) {
        this(error, message, Map.of(), null);
    }

    public ControlException(ControlError error, String message, Map<String, Object> details) {
        this(error, message, details, null);
    }

    public ControlException(
            ControlError error,
            String message,
            Map<String, Object> details,
            @Nullable Throwable cause) {
        super(message, cause);
        this.error = error;
        this.details = Map.copyOf(details);
    }

    /** A field of a request that is not as it must be. */
    public static ControlException invalid(String field, String message) {
        return new ControlException(
                ControlError.VALIDATION_ERROR, field + ": " + message, Map.of("field", field));
    }

    public static ControlException notFound(String kind, Object id) {
        return new ControlException(ControlError.NOT_FOUND, "no " + kind + " " + id);
    }

    public static ControlException conflict(String message, Map<String, Object> details) {
        return new ControlException(ControlError.CONFLICT, message, details);
    }

    public ControlError error() {
        return error;
    }

    public Map<String, Object> details() {
        return details == null ? Map.of() : details;
    }
}
