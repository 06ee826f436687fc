/*
 * Property: an answer is the same messages whether its bytes come at once or one by one; whatever a
 * server says, no step leads past the end of what is there, and what was read can be taken apart.
 * The first three bytes choose what was asked and in which dialect, and whether rows are of binds.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ora/message.h"

enum { INPUT_MAX = 2048, COLUMNS_MAX = 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct ora_answer answer;
    struct ora_column columns[COLUMNS_MAX];
    size_t messages;
    size_t at;
    uint32_t digest; /* of types and places */
};

static void take_columns(struct reading *r, const struct ora_describe *describe)
{
    struct ora_rd rd = describe->columns;

    r->answer.columns = r->columns;
    r->answer.column_count = describe->count < COLUMNS_MAX ? describe->count : COLUMNS_MAX;
    for (uint32_t i = 0; i < r->answer.column_count; i++) {
        ora_column_read(r->answer.dialect, &rd, &r->columns[i]);
        assert(ora_rd_is_fine(&rd));
    }
}

/* Binds of three types, of which something comes back, in two directions. */
static void be_binds(struct reading *r, enum ora_rows rows)
{
    static const struct ora_column binds[] = {
        {.type = ORA_TYPE_NUMBER, .size = 22, .direction = ORA_DIRECTION_OUT},
        {.type = ORA_TYPE_VARCHAR, .size = 32, .direction = ORA_DIRECTION_IN},
        {.type = ORA_TYPE_BOOLEAN, .size = 4, .direction = ORA_DIRECTION_IN | ORA_DIRECTION_OUT},
    };

    memcpy(r->columns, binds, sizeof(binds));
    r->answer.rows = rows;
    r->answer.columns = r->columns;
    r->answer.column_count = sizeof(binds) / sizeof(binds[0]);
}

static void take_directions(struct reading *r, const struct ora_bytes *directions)
{
    for (uint32_t i = 0; i < r->answer.column_count && i < directions->length; i++) {
        r->columns[i].direction = directions->at[i];
    }
}

static void take_outs(const struct reading *r, const struct ora_row *row)
{
    struct ora_rd rd = row->values;
    struct ora_value value;

    for (uint32_t i = 0; i < r->answer.column_count; i++) {
        uint32_t count = 1;

        if (!ora_comes_back(&r->columns[i])) {
            continue;
        }
        if (r->answer.rows == ORA_ROWS_RETURNED) {
            count = ora_rd_ub4(&rd);
        }
        for (uint32_t j = 0; j < count; j++) {
            ora_out_read(r->answer.dialect, &r->columns[i], &rd, &value);
        }
    }
    assert(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
}

static void take_row(const struct reading *r, const struct ora_row *row)
{
    struct ora_rd rd = row->values;
    struct ora_value value;

    if (r->answer.rows != ORA_ROWS_FETCHED) {
        take_outs(r, row);
        return;
    }
    for (uint32_t i = 0; i < r->answer.column_count; i++) {
        if (ora_column_is_sent(&r->answer, i)) {
            ora_value_read(r->answer.dialect, &r->columns[i], &rd, &value);
        }
    }
    assert(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
}

static void take_results(const struct reading *r, const struct ora_results *results)
{
    struct ora_rd rd = results->rd;
    struct ora_describe describe;
    uint32_t cursor;

    for (uint32_t i = 0; i < results->count; i++) {
        ora_result_read(r->answer.dialect, &rd, &describe, &cursor);
    }
    assert(ora_rd_is_fine(&rd) && ora_rd_left(&rd) == 0);
}

static void take(struct reading *r, const struct ora_message *message)
{
    struct ora_rd pairs = message->of.parameters.pairs;
    struct ora_pair pair;

    assert(message->length > 0);
    r->messages++;
    r->digest = r->digest * 31 + (uint32_t)message->type * 7 + (uint32_t)message->length;
    if (message->type == ORA_MSG_DESCRIBE && r->answer.rows == ORA_ROWS_FETCHED) {
        take_columns(r, &message->of.describe);
    } else if (message->type == ORA_MSG_IO_VECTOR && r->answer.rows == ORA_ROWS_OUT) {
        take_directions(r, &message->of.directions);
    } else if (message->type == ORA_MSG_IMPLICIT_RESULTS) {
        take_results(r, &message->of.results);
    } else if (message->type == ORA_MSG_ROW_DATA) {
        take_row(r, &message->of.row);
    } else if (message->type == ORA_MSG_PARAMETER && r->answer.call == ORA_CALL_LOGON) {
        for (uint32_t i = 0; i < message->of.parameters.count; i++) {
            ora_pair_read(&pairs, &pair);
        }
        assert(message->of.parameters.count == 0 ||
               (ora_rd_is_fine(&pairs) && ora_rd_left(&pairs) == 0));
    }
}

static enum ora_step read_on(struct reading *r, const uint8_t *bytes, size_t have)
{
    struct ora_rd rd = ora_rd_of(bytes + r->at, have - r->at);
    struct ora_message message;
    enum ora_step step;

    while ((step = ora_message_read(&r->answer, &rd, &message)) == ORA_STEP_DONE) {
        take(r, &message);
    }
    if (step == ORA_STEP_MORE) {
        r->at += ora_rd_offset(&rd);
    }
    return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ora_dialect dialect;
    struct reading at_once = {.at = 0};
    struct reading in_steps = {.at = 0};
    enum ora_step step;
    enum ora_step last = ORA_STEP_MORE;

    if (size < 3 || size > INPUT_MAX) {
        return 0;
    }
    dialect = (struct ora_dialect){.field_version = data[1] % (ORA_FIELD_VERSION_MAX + 1),
                                   .has_sql_type = (data[2] & 1) != 0,
                                   .has_long_bytes = (data[2] & 2) != 0,
                                   .has_bare_texts = (data[2] & 4) != 0,
                                   .zone_bytes = (data[2] & 8) != 0 ? 11 : 0};
    at_once.answer.dialect = &dialect;
    at_once.answer.call = (enum ora_call)(data[0] % ORA_CALL_COUNT);
    at_once.answer.has_row_counts = (data[2] & 16) != 0;
    at_once.answer.lob = (struct ora_lob_call){
        .locator_length = data[2], .has_amount = true, .has_flag = (data[2] & 1) != 0};
    in_steps.answer = at_once.answer;
    if ((data[2] & 32) != 0) {
        const enum ora_rows rows = (data[2] & 64) != 0 ? ORA_ROWS_RETURNED : ORA_ROWS_OUT;

        be_binds(&at_once, rows);
        be_binds(&in_steps, rows);
    }
    step = read_on(&at_once, data + 3, size - 3);
    for (size_t have = 0; have <= size - 3 && last == ORA_STEP_MORE; have++) {
        last = read_on(&in_steps, data + 3, have);
    }
    assert(step == last && at_once.messages == in_steps.messages);
    assert(at_once.digest == in_steps.digest);
    return 0;
}
