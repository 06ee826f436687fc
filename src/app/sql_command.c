#include "app/sql_command.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* Whole, and how many of their letters are enough. */
static const struct {
    const char *name;
    size_t enough;
    enum sql_command command;
} commands[] = {
    {"@", 1, SQL_COMMAND_START},
    {"START", 3, SQL_COMMAND_START},
    {"EXECUTE", 4, SQL_COMMAND_EXECUTE},
    {"EXIT", 4, SQL_COMMAND_EXIT},
    {"QUIT", 4, SQL_COMMAND_EXIT},
    {"HELP", 4, SQL_COMMAND_HELP},
    {"?", 1, SQL_COMMAND_HELP},
    {"PRINT", 3, SQL_COMMAND_PRINT},
    {"PROMPT", 3, SQL_COMMAND_PROMPT},
    {"REMARK", 3, SQL_COMMAND_REMARK},
    {"SET", 3, SQL_COMMAND_SET},
    {"VARIABLE", 3, SQL_COMMAND_VARIABLE},
    {"WHENEVER", 8, SQL_COMMAND_WHENEVER},
    {"ACCEPT", 3, SQL_COMMAND_ABSENT},
    {"BREAK", 3, SQL_COMMAND_LAYOUT},
    {"BTITLE", 3, SQL_COMMAND_LAYOUT},
    {"CLEAR", 2, SQL_COMMAND_LAYOUT},
    {"COLUMN", 3, SQL_COMMAND_LAYOUT},
    {"COMPUTE", 4, SQL_COMMAND_LAYOUT},
    {"CONNECT", 4, SQL_COMMAND_CONNECT},
    {"DEFINE", 3, SQL_COMMAND_ABSENT},
    {"DESCRIBE", 4, SQL_COMMAND_ABSENT},
    {"DISCONNECT", 4, SQL_COMMAND_CONNECT},
    {"EDIT", 2, SQL_COMMAND_ABSENT},
    {"HOST", 2, SQL_COMMAND_ABSENT},
    {"LIST", 1, SQL_COMMAND_ABSENT},
    {"PASSWORD", 5, SQL_COMMAND_ABSENT},
    {"PAUSE", 3, SQL_COMMAND_LAYOUT},
    {"SHOW", 3, SQL_COMMAND_ABSENT},
    {"SPOOL", 3, SQL_COMMAND_ABSENT},
    {"TIMING", 4, SQL_COMMAND_ABSENT},
    {"TTITLE", 3, SQL_COMMAND_LAYOUT},
    {"UNDEFINE", 5, SQL_COMMAND_ABSENT},
};

static const char *skip_blanks(const char *at)
{
    while (isspace((unsigned char)*at)) {
        at++;
    }
    return at;
}

/* SET of SQL's: of a transaction, of roles, of constraints. */
static bool is_of_sql(const char *arguments)
{
    static const char *const words[] = {"TRANSACTION", "ROLE", "CONSTRAINT", "CONSTRAINTS"};
    size_t length = 0;

    while (isalpha((unsigned char)arguments[length])) {
        length++;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == length && strncasecmp(words[i], arguments, length) == 0) {
            return true;
        }
    }
    return false;
}

/* A sign is a command by itself, a word as far as its letters go. */
static size_t word_length(const char *at)
{
    size_t length = 0;

    if (*at == '@' || *at == '?') {
        return 1;
    }
    while (isalpha((unsigned char)at[length])) {
        length++;
    }
    return length;
}

enum sql_command sql_command_of(const char *line, const char **ret_arguments)
{
    const char *at = skip_blanks(line);
    const size_t length = word_length(at);
    const bool is_whole =
        !isalnum((unsigned char)at[length]) && at[length] != '_' && at[length] != '.';

    *ret_arguments = skip_blanks(at + length);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (length >= commands[i].enough && length <= strlen(commands[i].name) &&
            strncasecmp(commands[i].name, at, length) == 0 && (is_whole || *at == '@')) {
            return commands[i].command == SQL_COMMAND_SET && is_of_sql(*ret_arguments)
                       ? SQL_COMMAND_NONE
                       : commands[i].command;
        }
    }
    return SQL_COMMAND_NONE;
}

bool sql_is_command_line(const char *line)
{
    const char *arguments;

    return sql_command_of(line, &arguments) != SQL_COMMAND_NONE;
}
