package io.heliosdb.replication.control.http;

/** A body with a status other than the route's. */
record Reply(int status, Object body) {

    static Reply of(int status, Object body) {
        return new Reply(status, body);
    }
}
