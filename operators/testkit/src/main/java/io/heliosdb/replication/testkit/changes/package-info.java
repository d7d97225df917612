/** Tenant transactions made by hand, and samples of what applications write. */
@NullMarked
package io.heliosdb.replication.testkit.changes;

import org.jspecify.annotations.NullMarked;
