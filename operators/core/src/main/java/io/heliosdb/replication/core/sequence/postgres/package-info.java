/** Reading sequences at the source. */
@NullMarked
package io.heliosdb.replication.core.sequence.postgres;

import org.jspecify.annotations.NullMarked;
