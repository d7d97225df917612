/** The jobs of the sources in the metadata store, and who may launch them. */
@NullMarked
package io.heliosdb.replication.control.launch.postgres;

import org.jspecify.annotations.NullMarked;
