/** One Flink job per source: started, watched, restarted and stopped. */
@NullMarked
package io.heliosdb.replication.control.launch;

import org.jspecify.annotations.NullMarked;
