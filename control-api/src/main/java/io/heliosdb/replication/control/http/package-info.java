/** The REST interface. */
@NullMarked
package io.heliosdb.replication.control.http;

import org.jspecify.annotations.NullMarked;
