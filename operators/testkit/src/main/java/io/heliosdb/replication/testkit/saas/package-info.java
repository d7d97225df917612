/** A multi-tenant SaaS application: its schema, its existing rows and its users at work. */
@NullMarked
package io.heliosdb.replication.testkit.saas;

import org.jspecify.annotations.NullMarked;
