/** The vocabulary of the product: ids, positions, specs, changes and error codes. JDK only. */
@NullMarked
package io.heliosdb.replication.model;

import org.jspecify.annotations.NullMarked;
