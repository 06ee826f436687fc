#include "db/filled_texts.h"

bool filled_texts_bound(const struct db_statement *statement, const struct db_value *values,
                        size_t sets, struct err *err)
{
    if (statement->filled_param_count == 0) {
        return true;
    }
    for (size_t i = 0; i < sets; i++, values += statement->param_count) {
        for (size_t j = 0; j < statement->filled_param_count; j++) {
            const size_t at = statement->filled_params[j];

            if (!values[at].is_null && values[at].text[0] == '\0') {
                return err_set(err, ERR_INTERNAL,
                               "parameter %s is an empty text: bind NULL or characters, or declare "
                               "it text0",
                               statement->params[at].name);
            }
        }
    }
    return true;
}

static const char *column_at(const struct db_statement *statement, uint16_t offset)
{
    const struct db_column *column = statement->columns;

    while (column->offset != offset) {
        column++;
    }
    return column->name;
}

bool filled_texts_read(const struct db_statement *statement, const void *row, struct err *err)
{
    for (size_t i = 0; i < statement->filled_column_count; i++) {
        const uint16_t offset = statement->filled_columns[i];
        const char *text = *(const char *const *)(const void *)((const char *)row + offset);

        if (text != NULL && text[0] == '\0') {
            return err_set(err, ERR_SCHEMA,
                           "column %s holds an empty text: make it NULL or characters, or declare "
                           "it text0",
                           column_at(statement, offset));
        }
    }
    return true;
}
