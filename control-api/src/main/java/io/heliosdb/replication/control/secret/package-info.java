/** Secrets at rest. */
@NullMarked
package io.heliosdb.replication.control.secret;

import org.jspecify.annotations.NullMarked;
