/** Keys: sets of them in files, and a data key per tenant that a master key encrypts. */
@NullMarked
package io.heliosdb.replication.core.secret;

import org.jspecify.annotations.NullMarked;
