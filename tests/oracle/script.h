/* tests/oracle/script.h: values of the script in JSON, as binds of our driver and as what came of
 * it. */
#ifndef TESTS_ORACLE_SCRIPT_H
#define TESTS_ORACLE_SCRIPT_H

#include <jansson.h>
#include <octo/ora.h>

enum { SCRIPT_LOBS_MAX = 8, SCRIPT_OUTS_MAX = 16 };

/* Ends the program: what has happened is no result. */
_Noreturn void script_stop(const char *what, const struct octo_ora_error *error);

/* --- script_binds.c --- */

/* What the binds of a step need until it has run. */
struct script_binds {
    struct octo_ora *session;
    struct octo_ora_statement *statement;
    struct octo_ora_lob *lobs[SCRIPT_LOBS_MAX];
    size_t lob_count;
    unsigned outs[SCRIPT_OUTS_MAX]; /* places that something comes out of */
    size_t out_count;
};

/* A text of JSON as a value of that type; NULL is NULL. Of characters and bytes so many times over.
 */
void script_bind_value(struct script_binds *binds, unsigned place, const char *type,
                       const char *text, json_int_t times);
/* An array by position, an object by name. */
void script_bind_all(struct script_binds *binds, json_t *values);
void script_binds_fini(struct script_binds *binds);

/* --- script_results.c; each for json_decref --- */

json_t *script_value(struct octo_ora_statement *statement, unsigned place);
/* NULL, and the error is filled, when a row cannot be fetched. */
json_t *script_rows(struct octo_ora_statement *statement, struct octo_ora_error *error);
json_t *script_names(const struct octo_ora_statement *statement);

#endif
