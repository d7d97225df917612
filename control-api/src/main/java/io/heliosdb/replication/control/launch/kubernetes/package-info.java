/** Jobs as resources of the Flink Kubernetes Operator. */
@NullMarked
package io.heliosdb.replication.control.launch.kubernetes;

import org.jspecify.annotations.NullMarked;
