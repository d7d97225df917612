/** How values are written as JSON: in requests, in replies and in the store. */
@NullMarked
package io.heliosdb.replication.control.json;

import org.jspecify.annotations.NullMarked;
