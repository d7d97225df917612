/** How the tenant of a row is found. */
@NullMarked
package io.heliosdb.replication.core.tenancy;

import org.jspecify.annotations.NullMarked;
