/** What the metadata store wants of a job, as rows that carry versions. */
@NullMarked
package io.heliosdb.replication.core.feed;

import org.jspecify.annotations.NullMarked;
