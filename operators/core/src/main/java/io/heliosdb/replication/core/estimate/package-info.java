/** How much a tenant has, as far as the source's statistics tell. */
@NullMarked
package io.heliosdb.replication.core.estimate;

import org.jspecify.annotations.NullMarked;
