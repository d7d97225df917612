/** A seeded workload over tables of every shape, and a comparison of what arrives. */
@NullMarked
package io.heliosdb.replication.testkit.random;

import org.jspecify.annotations.NullMarked;
