/* ora/requests.c: what is asked of the server for a statement (see statement_priv.h). */
#include "ora/statement_priv.h"

enum {
    OPTION_PARSE = 0x1,
    OPTION_BIND = 0x8,
    OPTION_DEFINE = 0x10,
    OPTION_EXECUTE = 0x20,
    OPTION_FETCH = 0x40,
    OPTION_BLOCK_BINDS = 0x400,
    OPTION_NO_BLOCK = 0x8000,
    OPTION_DESCRIBE = 0x20000,
    OPTION_BATCH_ERRORS = 0x80000,
    PARAMETERS = 13, /* al8i4 */
    /* of parameter 9 */
    ROW_COUNTS = 0x4000,
    IMPLICIT_RESULTS = 0x8000, /* what drivers of Oracle's say with every execution */
    LONG_MAX_BYTES = 0x7FFFFFFF,
    FETCHES_TOO = 0x20, /* of re-execute and fetch */
    NUMBER_SIZE = 22,
    ROWID_TEXT_SIZE = 5267, /* of the longest universal one, as drivers of Oracle's declare it */
};

/* What differs from one EXECUTE to another. */
struct head {
    uint32_t options;
    bool has_sql;
    uint32_t rows; /* to fetch; 1 where there are none */
    uint32_t binds;
    uint32_t defines;
    uint32_t iterations; /* al8i4[1]: executions, or rows once more */
    bool is_query;
    uint32_t flags; /* al8i4[9] */
    bool counts;    /* the rows of each execution */
};

static bool is_array(const struct octo_ora_statement *statement, unsigned how)
{
    return statement->array.is_executing && (statement->array.how & how) != 0;
}

static uint32_t executions_of(const struct octo_ora_statement *statement)
{
    return statement->array.is_executing ? statement->array.call_executions : 1;
}

static void write_rows(struct octo_ora_statement *statement, bool by_number)
{
    struct ora_wr *wr = &statement->session->request;

    if (statement->array.is_executing) {
        ora_array_write_rows(statement, by_number, wr);
    } else {
        ora_binds_write_row(statement, by_number, wr);
    }
}

static void write_pointers(const struct octo_ora_statement *statement, const struct head *head)
{
    const struct octo_ora *session = statement->session;
    struct ora_wr *wr = &statement->session->request;

    ora_wr_u8(wr, head->binds > 0);
    ora_wr_ub(wr, head->binds);
    ora_wr_zeros(wr, 5); /* al8app, al8txn, al8txl, al8kv, al8kvl */
    ora_wr_u8(wr, head->defines > 0);
    ora_wr_ub(wr, head->defines);
    ora_wr_ub(wr, 0); /* registration */
    ora_wr_u8(wr, 0); /* al8objlist, al8objlen */
    ora_wr_u8(wr, 1);
    ora_wr_zeros(wr, 4); /* al8blv, al8blvl, al8dnam, al8dnaml */
    ora_wr_ub(wr, 0);
    ora_wr_u8(wr, head->counts);
    ora_wr_ub(wr, head->counts ? head->iterations : 0);
    ora_wr_u8(wr, head->counts);
    if (session->dialect.field_version >= ORA_FV_12_2) {
        ora_wr_zeros(wr, 5); /* signature and SQL_ID */
    }
    if (session->dialect.field_version >= ORA_FV_12_2_EXT) {
        ora_wr_zeros(wr, 2); /* chunks */
    }
}

static void write_head(struct octo_ora_statement *statement, const struct head *head)
{
    struct ora_wr *wr = &statement->session->request;
    const uint32_t parameters[PARAMETERS] = {
        [0] = head->has_sql, [1] = head->iterations, [7] = head->is_query, [9] = head->flags};

    ora_request_begin(statement->session, ORA_FUNCTION_EXECUTE, true);
    ora_wr_ub(wr, head->options);
    ora_wr_ub(wr, statement->cursor);
    ora_wr_u8(wr, head->has_sql);
    ora_wr_ub(wr, head->has_sql ? statement->sql_length : 0);
    ora_wr_u8(wr, 1);
    ora_wr_ub(wr, PARAMETERS);
    ora_wr_zeros(wr, 2); /* al8o4, al8o4l */
    ora_wr_ub(wr, 0);
    ora_wr_ub(wr, head->rows);
    ora_wr_ub(wr, LONG_MAX_BYTES);
    write_pointers(statement, head);
    if (head->has_sql) {
        ora_wr_clr(wr, statement->sql, statement->sql_length);
    }
    for (int i = 0; i < PARAMETERS; i++) {
        ora_wr_ub(wr, parameters[i]);
    }
}

void ora_execute_write(struct octo_ora_statement *statement)
{
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;
    const bool is_block = statement->text.kind == ORA_TEXT_BLOCK;
    const bool fetches = is_query && !ora_lobs_are_known(statement);
    struct head head = {.options = OPTION_EXECUTE,
                        .has_sql = statement->cursor == 0,
                        .rows = is_query ? statement->rows_at_once : 1,
                        .binds = statement->text.binds,
                        .is_query = is_query,
                        .flags = IMPLICIT_RESULTS,
                        .counts = is_array(statement, OCTO_ORA_COUNT_EACH)};

    head.options |= head.has_sql ? OPTION_PARSE : 0u;
    head.options |= head.binds > 0 ? OPTION_BIND : 0u;
    head.options |= fetches ? OPTION_FETCH : 0u;
    head.options |= is_block && head.binds > 0 ? OPTION_BLOCK_BINDS : 0u;
    head.options |= is_array(statement, OCTO_ORA_GO_ON) ? OPTION_BATCH_ERRORS : 0u;
    head.options |= !is_block ? OPTION_NO_BLOCK : 0u;
    head.iterations = !is_query      ? executions_of(statement)
                      : head.has_sql ? 0
                                     : statement->rows_at_once;
    head.flags |= head.counts ? ROW_COUNTS : 0u;
    write_head(statement, &head);
    ora_binds_write_types(statement, &statement->session->request);
    write_rows(statement, false);
}

void ora_parse_write(struct octo_ora_statement *statement)
{
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;
    const struct head head = {.options =
                                  OPTION_PARSE | (is_query ? OPTION_DESCRIBE : 0u) |
                                  (statement->text.kind != ORA_TEXT_BLOCK ? OPTION_NO_BLOCK : 0u),
                              .has_sql = true,
                              .rows = 1,
                              .is_query = is_query};

    write_head(statement, &head);
}

void ora_again_write(struct octo_ora_statement *statement)
{
    const bool is_query = statement->text.kind == ORA_TEXT_QUERY;
    struct ora_wr *wr = &statement->session->request;

    ora_request_begin(statement->session,
                      is_query ? ORA_FUNCTION_REEXECUTE_FETCH : ORA_FUNCTION_REEXECUTE, true);
    ora_wr_ub(wr, statement->cursor);
    ora_wr_ub(wr, is_query ? statement->rows_at_once : executions_of(statement));
    ora_wr_ub(wr, is_query ? FETCHES_TOO : 0);
    ora_wr_ub(wr, 0);
    write_rows(statement, true);
}

/* What a column is fetched as. */
static void write_define(const struct octo_ora_statement *statement,
                         const struct ora_column *column)
{
    struct ora_wr *wr = &statement->session->request;
    const struct octo_ora *session = statement->session;

    switch (column->type) {
    case ORA_TYPE_LONG:
    case ORA_TYPE_LONG_RAW:
        ora_type_write(session, column->type, column->charset_form, LONG_MAX_BYTES, wr);
        break;
    case ORA_TYPE_ROWID:
    case ORA_TYPE_UROWID:
        ora_type_write(session, ORA_TYPE_VARCHAR, ORA_FORM_DATABASE, ROWID_TEXT_SIZE, wr);
        break;
    case ORA_TYPE_NUMBER:
        ora_type_write(session, column->type, 0, NUMBER_SIZE, wr);
        break;
    default:
        ora_type_write(session, column->type, column->charset_form,
                       column->size > 0 ? column->size : 1, wr);
        break;
    }
}

void ora_define_write(struct octo_ora_statement *statement)
{
    const struct head head = {.options = OPTION_DEFINE | OPTION_NO_BLOCK,
                              .rows = statement->rows_at_once,
                              .defines = statement->column_count,
                              .iterations = statement->rows_at_once,
                              .is_query = true};

    write_head(statement, &head);
    for (uint32_t i = 0; i < statement->column_count; i++) {
        write_define(statement, &statement->columns[i]);
    }
}

void ora_fetch_write(struct octo_ora_statement *statement)
{
    ora_request_begin(statement->session, ORA_FUNCTION_FETCH, true);
    ora_wr_ub(&statement->session->request, statement->cursor);
    ora_wr_ub(&statement->session->request, statement->rows_at_once);
}

void ora_first_fetch_write(struct octo_ora_statement *statement)
{
    const struct head head = {.options = OPTION_FETCH | OPTION_NO_BLOCK,
                              .rows = statement->rows_at_once,
                              .iterations = statement->rows_at_once,
                              .is_query = true};

    write_head(statement, &head);
}
