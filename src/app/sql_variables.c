#include "app/sql_variables.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct sql_type types[] = {
    {"NUMBER", OCTO_ORA_BIND_NUMBER, false},
    {"VARCHAR2", OCTO_ORA_BIND_VARCHAR2, true},
    {"NVARCHAR2", OCTO_ORA_BIND_NVARCHAR2, true},
    {"BINARY_DOUBLE", OCTO_ORA_BIND_BINARY_DOUBLE, false},
    {"CLOB", OCTO_ORA_BIND_CLOB, false},
    {"REFCURSOR", OCTO_ORA_BIND_CURSOR, false},
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]), SIZE_MOST = 32767 };

void sql_variables_init(struct sql_variables *variables)
{
    variables->count = 0;
}

static void let_go(struct sql_variable *variable)
{
    octo_ora_free(variable->cursor);
    variable->cursor = NULL;
    octo_ora_lob_free(variable->lob);
    variable->lob = NULL;
}

void sql_variables_fini(struct sql_variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        let_go(&variables->list[i]);
        buf_fini(&variables->list[i].value);
    }
    variables->count = 0;
}

struct sql_variable *sql_variable_of(struct sql_variables *variables, const char *name,
                                     size_t length)
{
    for (size_t i = 0; i < variables->count; i++) {
        struct sql_variable *variable = &variables->list[i];

        if (strlen(variable->name) == length && strncasecmp(variable->name, name, length) == 0) {
            return variable;
        }
    }
    return NULL;
}

/* --- declarations --- */

/* What is left of the arguments. */
struct words {
    const char *at;
    const char *fault; /* the first one */
};

static void skip_blanks(struct words *words)
{
    while (isspace((unsigned char)*words->at)) {
        words->at++;
    }
}

static void take_word(struct words *words, const char **ret_word, size_t *ret_length)
{
    skip_blanks(words);
    *ret_word = words->at;
    while (isalnum((unsigned char)*words->at) ||
           (*words->at != '\0' && strchr("_$#", *words->at) != NULL)) {
        words->at++;
    }
    *ret_length = (size_t)(words->at - *ret_word);
}

static bool take_mark(struct words *words, char mark)
{
    skip_blanks(words);
    if (*words->at != mark) {
        return false;
    }
    words->at++;
    return true;
}

static const struct sql_type *take_type(struct words *words, size_t *ret_room)
{
    const struct sql_type *type = NULL;
    const char *word;
    size_t length;

    take_word(words, &word, &length);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strlen(types[i].name) == length && strncasecmp(types[i].name, word, length) == 0) {
            type = &types[i];
        }
    }
    if (type != NULL && type->has_size && take_mark(words, '(')) {
        char *end;
        const unsigned long size = strtoul(words->at, &end, 10);

        words->at = end;
        if (size == 0 || size > SIZE_MOST || !take_mark(words, ')')) {
            words->fault = "a size is 1 to 32767, in brackets";
        }
        *ret_room = size;
    }
    if (type == NULL) {
        words->fault =
            "a type is NUMBER, VARCHAR2(n), NVARCHAR2(n), BINARY_DOUBLE, CLOB or REFCURSOR";
    }
    return type;
}

/* In single quotes, doubled within. */
static void take_quoted(struct words *words, struct buf *ret)
{
    words->at++;
    while (*words->at != '\0' && (*words->at != '\'' || words->at[1] == '\'')) {
        words->at += *words->at == '\'' ? 1 : 0;
        buf_add_char(ret, *words->at++);
    }
    if (*words->at++ != '\'') {
        words->at--;
        words->fault = "the value's quotes are not closed";
    }
}

static void take_value(struct words *words, struct buf *ret)
{
    const char *value;

    buf_clear(ret);
    skip_blanks(words);
    if (*words->at == '\'') {
        take_quoted(words, ret);
        return;
    }
    value = words->at;
    while (*words->at != '\0' && !isspace((unsigned char)*words->at)) {
        words->at++;
    }
    if (words->at == value) {
        words->fault = "behind = stands a value";
    }
    if (words->at - value != 4 || strncasecmp(value, "NULL", 4) != 0) {
        buf_add(ret, value, (size_t)(words->at - value));
    }
}

static struct sql_variable *add(struct sql_variables *variables, const char *name, size_t length)
{
    struct sql_variable *variable = &variables->list[variables->count++];

    *variable = (struct sql_variable){.is_null = true};
    memcpy(variable->name, name, length);
    buf_init(&variable->value, SQL_VALUE_MAX);
    return variable;
}

/* The variable's own, or a new one; NULL where there can be none. */
static struct sql_variable *find_or_add(struct sql_variables *variables, struct words *words,
                                        bool is_declared)
{
    struct sql_variable *variable;
    const char *name;
    size_t length;

    take_word(words, &name, &length);
    variable = sql_variable_of(variables, name, length);
    if (length == 0 || length > SQL_NAME_MAX || isdigit((unsigned char)*name)) {
        words->fault = "a name is 1 to 128 letters, digits and _, the first a letter";
    } else if (variable == NULL && !is_declared) {
        words->fault = "it is not declared: VARIABLE NAME TYPE";
    } else if (variable == NULL && variables->count == SQL_VARIABLES_MAX) {
        words->fault = "there are 200 variables: no more can be declared";
    } else if (variable == NULL) {
        variable = add(variables, name, length);
    }
    return words->fault == NULL ? variable : NULL;
}

bool sql_variable_declare(struct sql_variables *variables, const char *arguments,
                          const char **ret_fault)
{
    struct words words = {.at = arguments};
    struct words ahead = {.at = arguments};
    struct sql_variable *variable;
    const struct sql_type *type = NULL;
    struct buf value;
    bool has_value;
    size_t room = 0;
    const char *word;
    size_t length;

    buf_init(&value, SQL_VALUE_MAX);
    take_word(&ahead, &word, &length);
    if (!take_mark(&ahead, '=')) {
        type = take_type(&ahead, &room);
    } else {
        ahead.at--;
    }
    has_value = take_mark(&ahead, '=');
    if (has_value) {
        take_value(&ahead, &value);
    }
    skip_blanks(&ahead);
    words.fault = ahead.fault != NULL ? ahead.fault
                  : *ahead.at != '\0' ? "there is something behind it"
                                      : NULL;
    variable = words.fault == NULL ? find_or_add(variables, &words, type != NULL) : NULL;
    if (variable != NULL) {
        let_go(variable);
        variable->type = type != NULL ? type : variable->type;
        variable->room = type != NULL ? room : variable->room;
        variable->is_null = value.length == 0;
        buf_fini(&variable->value);
        variable->value = value;
        buf_init(&value, 0);
    }
    buf_fini(&value);
    *ret_fault = words.fault;
    return variable != NULL;
}

/* --- into a statement --- */

static bool fault(struct octo_ora_error *error, const struct ora_bind_name *name, const char *what)
{
    const size_t length = name->length < SQL_NAME_MAX ? name->length : SQL_NAME_MAX;

    *error = (struct octo_ora_error){.kind = OCTO_ORA_USAGE};
    (void)snprintf(error->text, sizeof(error->text), "the bind variable %.*s %s", (int)length,
                   name->at, what);
    return false;
}

/* A number that C writes as such, and nothing behind it. */
static bool bind_double(const struct sql_variable *variable, struct octo_ora_statement *statement,
                        unsigned place)
{
    char *end;
    const double value = strtod(variable->value.data, &end);

    octo_ora_bind_double(statement, place, value);
    return *end == '\0';
}

static bool bind_lob(struct sql_variable *variable, struct octo_ora *session,
                     struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error)
{
    if (variable->lob == NULL &&
        (!octo_ora_lob_create(session, OCTO_ORA_BIND_CLOB, &variable->lob, error) ||
         !octo_ora_lob_write(variable->lob, variable->value.data, variable->value.length, error))) {
        return false;
    }
    octo_ora_bind_lob(statement, place, variable->lob);
    return true;
}

static bool bind_one(struct sql_variable *variable, const struct ora_bind_name *name,
                     struct octo_ora *session, struct octo_ora_statement *statement, unsigned place,
                     struct octo_ora_error *error)
{
    octo_ora_bind_type(statement, place, variable->type->type, variable->room);
    if (variable->is_null) {
        return true;
    }
    switch (variable->type->type) {
    case OCTO_ORA_BIND_NUMBER:
        octo_ora_bind_number(statement, place, variable->value.data);
        return true;
    case OCTO_ORA_BIND_NVARCHAR2:
        octo_ora_bind_ntext(statement, place, variable->value.data, variable->value.length);
        return true;
    case OCTO_ORA_BIND_BINARY_DOUBLE:
        return bind_double(variable, statement, place) || fault(error, name, "is no number");
    case OCTO_ORA_BIND_CLOB:
        return bind_lob(variable, session, statement, place, error);
    default:
        octo_ora_bind_text(statement, place, variable->value.data, variable->value.length);
        return true;
    }
}

static struct sql_variable *named(struct sql_variables *variables, const struct ora_bind_name *name)
{
    return sql_variable_of(variables, name->at, name->length);
}

bool sql_variables_bind(struct sql_variables *variables, const struct ora_text *text,
                        struct octo_ora *session, struct octo_ora_statement *statement,
                        struct octo_ora_error *error)
{
    for (unsigned i = 0; i < text->binds; i++) {
        struct sql_variable *variable = named(variables, &text->names[i]);

        if (variable == NULL) {
            return fault(error, &text->names[i], "is not declared: VARIABLE NAME TYPE");
        }
        if (!bind_one(variable, &text->names[i], session, statement, i + 1, error)) {
            return false;
        }
    }
    return true;
}

void sql_variables_unbind(struct sql_variables *variables)
{
    for (size_t i = 0; i < variables->count; i++) {
        octo_ora_lob_free(variables->list[i].lob);
        variables->list[i].lob = NULL;
    }
}

/* --- out of it --- */

static bool take_lob(struct sql_variable *variable, struct octo_ora_statement *statement,
                     unsigned place, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob;
    const void *piece = NULL;
    size_t length = 1;
    bool ok = true;

    if (!octo_ora_get_lob(statement, place, &lob, error)) {
        return false;
    }
    while (ok && length > 0) {
        ok = octo_ora_lob_read(lob, &piece, &length, error);
        buf_add(&variable->value, piece, ok ? length : 0);
    }
    octo_ora_lob_free(lob);
    return ok;
}

static bool take_text(struct sql_variable *variable, const struct octo_ora_statement *statement,
                      unsigned place, struct octo_ora_error *error)
{
    struct octo_ora_text text;

    if (!octo_ora_get_text(statement, place, &text, error)) {
        return false;
    }
    buf_add(&variable->value, text.at, text.length);
    return true;
}

static bool take_one(struct sql_variable *variable, struct octo_ora_statement *statement,
                     unsigned place, struct octo_ora_error *error)
{
    octo_ora_free(variable->cursor);
    variable->cursor = NULL;
    buf_clear(&variable->value);
    variable->is_null = octo_ora_is_null(statement, place);
    if (variable->is_null) {
        return true;
    }
    switch (octo_ora_column(statement, place).type) {
    case OCTO_ORA_CURSOR:
        return octo_ora_get_cursor(statement, place, &variable->cursor, error);
    case OCTO_ORA_CLOB:
        return take_lob(variable, statement, place, error);
    default:
        return take_text(variable, statement, place, error);
    }
}

bool sql_variables_take(struct sql_variables *variables, const struct ora_text *text,
                        struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    for (unsigned i = 0; i < text->binds; i++) {
        struct sql_variable *variable = named(variables, &text->names[i]);

        if (variable != NULL && octo_ora_comes_out(statement, i + 1) &&
            !take_one(variable, statement, i + 1, error)) {
            return false;
        }
    }
    return true;
}
