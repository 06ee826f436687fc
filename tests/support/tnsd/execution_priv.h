/* What execution.c and execution_block.c share. */
#ifndef TESTS_SUPPORT_TNSD_EXECUTION_PRIV_H
#define TESTS_SUPPORT_TNSD_EXECUTION_PRIV_H

#include "tests/support/tnsd/answer.h"
#include "tests/support/tnsd/execution.h"

/* Texts of rows as libpq wants them; for free(). */
const char **execution_values(const struct request_rows *rows);
/* The types of a statement's parameters; gives how many. */
int execution_types(const struct tnsd *t, const struct tnsd_cursor *cursor, Oid *ret);
/* What tells the database the session's tags, where a statement may ask for them; for free(). NULL:
 * nothing. */
char *execution_tags(struct tnsd *t, const struct tnsd_cursor *cursor);

/* What the database has refused is answered with an error; a database that is lost ends all. */
bool execution_refused(struct tnsd *t, const struct tnsd_cursor *cursor,
                       enum database_outcome outcome, const struct ora_error *error, uint64_t rows);
bool execution_no_counterpart(struct tnsd *t, const struct tnsd_cursor *cursor);
/* Sends t->answer, unless the client has broken the statement off: then it is told so. */
bool execution_send(struct tnsd *t, const struct tnsd_cursor *cursor);

/* --- execution_block.c --- */

bool execution_block(struct tnsd *t, const struct execution *execution);
/* Without running it: is it well-formed? Whatever its binds are. */
enum database_outcome execution_block_parse(struct tnsd *t, const struct tnsd_cursor *cursor,
                                            struct ora_error *ret_error);

#endif
