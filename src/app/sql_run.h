/*
 * app/sql_run.h: statements and blocks of `octo sql`: executed with the variables that they name,
 * what they give shown, and told how many rows, how long and under which SQL_ID. Results go to
 * standard output; with CSV and JSON nothing else does.
 */
#ifndef APP_SQL_RUN_H
#define APP_SQL_RUN_H

#include "app/sql_show.h"
#include "app/sql_variables.h"

struct sql_run {
    struct octo_ora *session;
    struct sql_show show;
    struct sql_variables variables;
    bool wants_feedback; /* rows, SQL_ID, time */
    bool wants_timing;   /* within it */
    bool autocommits;
    const char *script; /* where a statement ends, for failures; NULL: it was typed */
    unsigned long script_line;
    int last_number; /* of the last failure's ORA error; 0: none */
};

/* False: it failed, and why has been told. `text` has no semicolon behind it unless it is a block,
 * and no NUL within. */
bool sql_run_statement(struct sql_run *run, const char *text);
/* The variable's value, or the rows of its cursor, which is closed then. */
bool sql_run_print(struct sql_run *run, struct sql_variable *variable);
/* The transaction's end. */
bool sql_run_end(struct sql_run *run, bool commits);

#endif
