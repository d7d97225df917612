/** What {@code serve --embedded} does in its own server. */
@NullMarked
package io.heliosdb.replication.cli.serve.postgres;

import org.jspecify.annotations.NullMarked;
