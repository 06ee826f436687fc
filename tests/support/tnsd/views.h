/*
 * tests/support/tnsd/views.h: hands PostgreSQL what the listener knows of itself, as JSON in
 * settings of the session, of which oracle.sql makes V$SESSION, V$SQL and V$PARAMETER. What only
 * PostgreSQL knows, as V$TRANSACTION, needs none of it.
 */
#ifndef TESTS_SUPPORT_TNSD_VIEWS_H
#define TESTS_SUPPORT_TNSD_VIEWS_H

#include "tests/support/tnsd/rewrite.h"
#include "tests/support/tnsd/tnsd.h"

/* Adds to a list of columns what hands over these, of enum rewrite_view. */
void views_write(struct tnsd *t, unsigned views, struct ora_wr *wr);

#endif
