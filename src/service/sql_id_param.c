#include "service/sql_id_param.h"

#include <stdio.h>

bool sql_id_parse(const char *text, void *into)
{
    struct sql_id_param *id = into;

    (void)snprintf(id->text, sizeof(id->text), "%s", text);
    return sqlid_is_valid(text);
}

static const struct param fields[] = {PARAM_SQL_ID(struct sql_id_params)};
const struct param_shape SQL_ID_PARAMS = PARAM_SHAPE(struct sql_id_params, fields);
