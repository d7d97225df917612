/** Reads both ends of a comparison, each in one snapshot, and the changes between the two. */
@NullMarked
package io.heliosdb.replication.core.verify.postgres;

import org.jspecify.annotations.NullMarked;
