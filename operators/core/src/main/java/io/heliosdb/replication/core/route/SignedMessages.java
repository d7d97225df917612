package io.heliosdb.replication.core.route;

import io.heliosdb.replication.core.signed.SignedMessage;
import io.heliosdb.replication.core.signed.SigningKeys;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands signed messages to who is there for their prefix, at their place in the stream. What is not
 * signed is counted and dropped: whoever may log in to the source may write it.
 */
final class SignedMessages {

    private static final Logger LOG = LoggerFactory.getLogger(SignedMessages.class);

    /** Hears of authentic messages of one prefix, in the middle of their transaction. */
    interface Receiver {
        void received(String body, long ordinal);
    }

    private final SigningKeys keys;
    private final Map<String, Receiver> receivers = new HashMap<>();
    private long forged;

    SignedMessages(SigningKeys keys) {
        this.keys = keys;
    }

    void on(String prefix, Receiver receiver) {
        receivers.put(prefix, receiver);
    }

    /**
     * @param xid of the transaction that the message is part of
     * @param lsn of its commit
     * @param ordinal of the message in it
     */
    void take(
            String prefix, long xid, long lsn, long ordinal, byte[] bytes, int offset, int length) {
        Receiver receiver = receivers.get(prefix);
        if (receiver == null) {
            return;
        }
        String body = SignedMessage.body(prefix, xid, lsn, bytes, offset, length, keys);
        if (body != null) {
            receiver.received(body, ordinal);
            return;
        }
        forged++;
        if (forged == 1) {
            LOG.warn(
                    "message of our prefix without a valid signature dropped, further ones are only"
                            + " counted prefix={} xid={}",
                    prefix,
                    xid);
        }
    }

    /** Messages under our prefixes that were dropped. */
    long forged() {
        return forged;
    }
}
