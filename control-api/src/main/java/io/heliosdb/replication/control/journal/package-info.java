/** What happened: events, checkpoints, conflicts, refused rows. */
@NullMarked
package io.heliosdb.replication.control.journal;

import org.jspecify.annotations.NullMarked;
