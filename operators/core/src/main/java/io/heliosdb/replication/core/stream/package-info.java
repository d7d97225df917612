/** The keyed stream between the router and the lanes: its records and their binary form. */
@NullMarked
package io.heliosdb.replication.core.stream;

import org.jspecify.annotations.NullMarked;
