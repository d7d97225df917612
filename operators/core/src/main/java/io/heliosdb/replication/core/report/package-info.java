/** What the job tells of its replications. */
@NullMarked
package io.heliosdb.replication.core.report;

import org.jspecify.annotations.NullMarked;
