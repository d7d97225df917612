/** Jobs on a Flink session cluster, by its REST API. */
@NullMarked
package io.heliosdb.replication.control.launch.session;

import org.jspecify.annotations.NullMarked;
