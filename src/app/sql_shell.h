/*
 * app/sql_shell.h: what `octo sql` makes of lines: statements are executed, commands of SQL*Plus's
 * kind are carried out, until the input or one of them ends it. Ends as SQL*Plus does, with a
 * commit, unless it was told otherwise or the session is lost.
 */
#ifndef APP_SQL_SHELL_H
#define APP_SQL_SHELL_H

#include "app/sql_run.h"

/* How it shall end: when a statement or a file fails, or now. */
struct sql_ending {
    bool ends;               /* or goes on */
    bool has_code;           /* one was given */
    bool is_of_error;        /* the number of the ORA error */
    int code;                /* exit status */
    bool ends_a_transaction; /* so: */
    bool commits;
};

struct sql_shell {
    struct sql_run run;
    bool is_interactive; /* prompts, and failures are no matter of the exit status */
    bool has_failed;
    bool is_over;
    struct sql_ending ending; /* once it is over */
    struct sql_ending on_failure;
    struct sql_ending on_no_file;
    struct buf last; /* statement, for a slash alone */
    int depth;       /* of scripts that scripts have begun */
};

/* Does what the lines of `in` say, which is called `name`. Returns the exit status. */
int sql_shell_run(struct sql_shell *shell, FILE *in, const char *name);

#endif
