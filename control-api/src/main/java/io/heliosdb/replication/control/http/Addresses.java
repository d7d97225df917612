package io.heliosdb.replication.control.http;

import io.javalin.http.Context;

/** The address of a peer. Headers of proxies are not believed: anybody can send them. */
final class Addresses {

    private Addresses() {}

    /** A literal address without brackets or zone. */
    static String of(Context context) {
        String address = context.req().getRemoteAddr();
        if (address.startsWith("[") && address.endsWith("]")) {
            address = address.substring(1, address.length() - 1);
        }
        int zone = address.indexOf('%');
        return zone < 0 ? address : address.substring(0, zone);
    }
}
