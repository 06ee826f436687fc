/*
 * app/sql_command.h: the commands of `octo sql`, which are lines of their own, as in SQL*Plus.
 * Pure.
 */
#ifndef APP_SQL_COMMAND_H
#define APP_SQL_COMMAND_H

#include <stdbool.h>

enum sql_command {
    SQL_COMMAND_NONE, /* it is the beginning of a statement */
    SQL_COMMAND_EXECUTE,
    SQL_COMMAND_EXIT,
    SQL_COMMAND_HELP,
    SQL_COMMAND_PRINT,
    SQL_COMMAND_PROMPT,
    SQL_COMMAND_REMARK,
    SQL_COMMAND_SET,
    SQL_COMMAND_START,
    SQL_COMMAND_VARIABLE,
    SQL_COMMAND_WHENEVER,
    SQL_COMMAND_CONNECT, /* SQL*Plus has this one and the next two, and nobody here: as another
                            user, */
    SQL_COMMAND_LAYOUT,  /* about how results look, */
    SQL_COMMAND_ABSENT,  /* anything else */
};

/* Which one a line is, and where its arguments begin. */
enum sql_command sql_command_of(const char *line, const char **ret_arguments);
bool sql_is_command_line(const char *line);

#endif
