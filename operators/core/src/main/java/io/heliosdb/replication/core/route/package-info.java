/** From source transactions to tenant transactions. */
@NullMarked
package io.heliosdb.replication.core.route;

import org.jspecify.annotations.NullMarked;
