/**
 * The configuration as validated values. Reading it from YAML is the business of {@code
 * core.config}.
 */
@NullMarked
package io.heliosdb.replication.model.config;

import org.jspecify.annotations.NullMarked;
