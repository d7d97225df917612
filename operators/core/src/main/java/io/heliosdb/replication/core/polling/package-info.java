/** Waiting for what nothing announces: states of servers and processes that can only be asked. */
@NullMarked
package io.heliosdb.replication.core.polling;

import org.jspecify.annotations.NullMarked;
