/** The control plane put together. */
@NullMarked
package io.heliosdb.replication.control.server;

import org.jspecify.annotations.NullMarked;
