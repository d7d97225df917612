package io.heliosdb.replication.control.http;

import io.heliosdb.replication.control.access.RateLimiter;
import io.heliosdb.replication.control.http.CommonBodies.ErrorBody;
import io.heliosdb.replication.control.http.CommonBodies.ErrorReply;
import io.heliosdb.replication.control.problem.ControlError;
import io.heliosdb.replication.control.problem.ControlException;
import io.heliosdb.replication.model.ReplicationException;
import io.javalin.http.HttpResponseException;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place where failures become statuses and bodies. What is not expected is told to nobody.
 */
final class Errors {

    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    private final InstantSource clock;

    Errors(InstantSource clock) {
        this.clock = clock;
    }

    static int status(ControlError error) {
        return switch (error) {
            case INVALID_REQUEST, VALIDATION_ERROR -> 400;
            case UNAUTHORIZED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case REPLICATION_LAG_EXCEEDED, FAILOVER_IN_PROGRESS -> 422;
            case RATE_LIMIT_EXCEEDED -> 429;
            case INTERNAL_ERROR -> 500;
            case SERVICE_UNAVAILABLE -> 503;
        };
    }

    /** What a failure is to the client. */
    static ControlException toClient(Throwable failure, String requestId) {
        if (failure instanceof ControlException ours) {
            if (ours.error() == ControlError.SERVICE_UNAVAILABLE) {
                LOG.warn("service unavailable request={}", requestId, ours);
            }
            return ours;
        }
        if (failure instanceof ReplicationException data) {
            LOG.info("database not usable request={} code={}", requestId, data.code());
            return new ControlException(
                    ControlError.SERVICE_UNAVAILABLE, String.valueOf(data.getMessage()));
        }
        if (failure instanceof HttpResponseException http && http.getStatus() < 500) {
            return new ControlException(
                    ControlError.INVALID_REQUEST,
                    http.getStatus() == 413
                            ? "the body is larger than 1 MiB"
                            : "the request cannot be read");
        }
        LOG.error("request failed request={}", requestId, failure);
        return new ControlException(
                ControlError.INTERNAL_ERROR,
                "an internal error; the log has it under the request id");
    }

    ErrorReply body(
            ControlException failure, RateLimiter.@Nullable Decision limit, String requestId) {
        Map<String, Object> details = failure.details();
        return new ErrorReply(
                new ErrorBody(
                        failure.error().name(),
                        String.valueOf(failure.getMessage()),
                        details.isEmpty() ? null : details,
                        limit == null || limit.allowed() ? null : limit.retryAfterSeconds(),
                        requestId,
                        clock.instant()));
    }
}
