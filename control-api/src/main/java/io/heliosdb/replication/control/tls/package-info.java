/** Whose certificates are trusted, for the server and for its clients. */
@NullMarked
package io.heliosdb.replication.control.tls;

import org.jspecify.annotations.NullMarked;
