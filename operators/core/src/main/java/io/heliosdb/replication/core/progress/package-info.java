/** How far each replication is, as its target knows it. */
@NullMarked
package io.heliosdb.replication.core.progress;

import org.jspecify.annotations.NullMarked;
