/** Which replication goes next. */
@NullMarked
package io.heliosdb.replication.core.schedule;

import org.jspecify.annotations.NullMarked;
