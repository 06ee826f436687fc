/*
 * app/sql_variables.h: the bind variables of `octo sql`: declared with a type, given to the places
 * of a statement that have their names, and set anew by what comes out of these. Values are kept as
 * text. Memory: each variable's own; cursors are statements of the session and must be let go of
 * before it is closed.
 */
#ifndef APP_SQL_VARIABLES_H
#define APP_SQL_VARIABLES_H

#include <octo/ora.h>

#include "core/buf.h"
#include "ora/text.h"

enum {
    SQL_VARIABLES_MAX = 200,
    SQL_NAME_MAX = 128,       /* bytes, as of Oracle's identifiers */
    SQL_VALUE_MAX = 32 << 20, /* bytes: more is not bound as a value */
};

struct sql_type {
    const char *name;
    enum octo_ora_bind_type type;
    bool has_size; /* in bytes, in brackets behind its name */
};

struct sql_variable {
    char name[SQL_NAME_MAX + 1];
    const struct sql_type *type;
    size_t room; /* bytes; 0: what the driver takes */
    bool is_null;
    struct buf value;
    struct octo_ora_lob *lob;          /* while a statement is executed that it is bound to */
    struct octo_ora_statement *cursor; /* that came out and has not been printed */
};

struct sql_variables {
    struct sql_variable list[SQL_VARIABLES_MAX];
    size_t count;
};

void sql_variables_init(struct sql_variables *variables);
void sql_variables_fini(struct sql_variables *variables);
/* NULL: there is none of that name. A name is the same in any case of its letters. */
struct sql_variable *sql_variable_of(struct sql_variables *variables, const char *name,
                                     size_t length);
/* "NAME TYPE[(SIZE)] [= VALUE]" or "NAME = VALUE"; a value is a number, NULL, or in single quotes.
 * False: *ret_fault says what is wrong. */
bool sql_variable_declare(struct sql_variables *variables, const char *arguments,
                          const char **ret_fault);
/* Gives all places of the statement, whose text has been read, their variables' values. */
bool sql_variables_bind(struct sql_variables *variables, const struct ora_text *text,
                        struct octo_ora *session, struct octo_ora_statement *statement,
                        struct octo_ora_error *error);
/* Takes what has come out of the row that was fetched last. */
bool sql_variables_take(struct sql_variables *variables, const struct ora_text *text,
                        struct octo_ora_statement *statement, struct octo_ora_error *error);
/* Behind an execution: what was made for it alone. */
void sql_variables_unbind(struct sql_variables *variables);

#endif
