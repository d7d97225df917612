/** Jobs on a Flink cluster: the one of {@code cluster start}, or any with a REST API. */
@NullMarked
package io.heliosdb.replication.cli.submit;

import org.jspecify.annotations.NullMarked;
