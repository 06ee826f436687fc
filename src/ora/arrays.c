/*
 * ora/arrays.c: the values of many executions of a statement, which go together, and what these
 * have come to (see octo/ora.h and statement_priv.h). Values are kept as they were bound until all
 * are sent: only the last one tells how a place must be declared.
 */
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"

#include "ora/statement_priv.h"

enum {
    VALUES_MAX = 1 << 30, /* bytes that are kept */
    NULL_LENGTH = -1,
    CALL_MAX = 16 << 20, /* bytes of values, behind which a call ends */
    RESULTS_MAX = 1 << 30,
};

/* --- what is kept --- */

void ora_array_init(struct ora_array *array)
{
    *array = (struct ora_array){.executions = 0};
    ora_wr_init(&array->values, VALUES_MAX);
    ora_wr_init(&array->texts, ORA_ANSWER_MAX);
    ora_wr_init(&array->rows, ORA_ANSWER_MAX);
}

void ora_array_fini(struct ora_array *array)
{
    ora_wr_fini(&array->values);
    ora_wr_fini(&array->texts);
    ora_wr_fini(&array->rows);
    free(array->places);
    free(array->counts);
    free(array->failures);
}

static bool is_of_type(const struct ora_array_place *place, const struct ora_bind *bind)
{
    return place->type == bind->type && place->form == bind->form;
}

/* NULL has any type. */
static bool check_types(const struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        const struct ora_array_place *place = &statement->array.places[i];
        const struct ora_bind *bind = &statement->binds[i];

        if (place->has_value && !bind->is_null && !is_of_type(place, bind)) {
            return ora_fault(error, OCTO_ORA_USAGE,
                             "the value of bind %u is in execution %zu of another type than before",
                             i + 1, statement->array.executions + 1);
        }
    }
    return true;
}

static void take_type(struct ora_array_place *place, const struct ora_bind *bind)
{
    if (!is_of_type(place, bind) && !place->has_value) {
        *place = (struct ora_array_place){.type = bind->type, .form = bind->form};
    }
    if (is_of_type(place, bind) && bind->size > place->size) {
        place->size = bind->size;
    }
    place->has_value = place->has_value || !bind->is_null;
}

static void keep_value(struct ora_wr *wr, const struct ora_bind *bind)
{
    const int32_t length = bind->is_null ? NULL_LENGTH : (int32_t)bind->bytes.length;

    ora_wr_raw(wr, &length, sizeof(length));
    if (!bind->is_null) {
        ora_wr_raw(wr, bind->bytes.data, bind->bytes.length);
    }
}

bool ora_array_keep(struct octo_ora_statement *statement, struct octo_ora_error *error)
{
    struct ora_array *array = &statement->array;
    const unsigned binds = statement->text.binds;
    const size_t before = array->values.length;

    if (array->places == NULL) {
        array->places = ora_heap_zeroed(binds, sizeof(*array->places));
    }
    if (array->places == NULL) {
        return ora_fault_memory(error);
    }
    if (!check_types(statement, error)) {
        return false;
    }
    for (unsigned i = 0; i < binds; i++) {
        take_type(&array->places[i], &statement->binds[i]);
        keep_value(&array->values, &statement->binds[i]);
    }
    if (array->values.is_bad) {
        array->values.length = before;
        array->values.is_bad = false;
        return ora_fault_memory(error);
    }
    array->executions++;
    return true;
}

void ora_array_forget_values(struct ora_array *array)
{
    array->executions = 0;
    ora_wr_clear(&array->values);
    free(array->places);
    array->places = NULL;
}

/* --- what goes --- */

/* The next execution's values become those of the places, whose types are the array's. */
static void bind_next(struct octo_ora_statement *statement)
{
    struct ora_array *array = &statement->array;

    for (unsigned i = 0; i < statement->text.binds; i++) {
        struct ora_bind *bind = &statement->binds[i];
        int32_t length;

        memcpy(&length, array->values.data + array->at, sizeof(length));
        array->at += sizeof(length);
        bind->is_null = length == NULL_LENGTH;
        ora_wr_clear(&bind->bytes);
        if (!bind->is_null) {
            ora_wr_raw(&bind->bytes, array->values.data + array->at, (size_t)length);
            array->at += (size_t)length;
            bind->fault = bind->bytes.is_bad ? "there is no memory for it" : NULL;
        }
    }
}

void ora_array_declare(struct octo_ora_statement *statement)
{
    for (unsigned i = 0; i < statement->text.binds; i++) {
        const struct ora_array_place *place = &statement->array.places[i];
        struct ora_bind *bind = &statement->binds[i];

        if (!is_of_type(place, bind) || bind->size < place->size) {
            statement->are_binds_known = false;
            bind->type = place->type;
            bind->form = place->form;
            bind->size = place->size;
        }
    }
}

/* How many bytes the execution has that stands at `at`. */
static size_t length_at(const struct octo_ora_statement *statement, size_t at)
{
    size_t end = at;

    for (unsigned i = 0; i < statement->text.binds; i++) {
        int32_t length;

        memcpy(&length, statement->array.values.data + end, sizeof(length));
        end += sizeof(length) + (length == NULL_LENGTH ? 0 : (size_t)length);
    }
    return end - at;
}

/* Of a block which way its places go is known once it was executed; where something comes out, it
 * is executed one by one, so that what came out of one does not go into the next. */
static bool goes_alone(const struct octo_ora_statement *statement)
{
    if (statement->text.kind != ORA_TEXT_BLOCK) {
        return false;
    }
    for (uint32_t i = 0; i < statement->column_count; i++) {
        if (ora_comes_back(&statement->columns[i])) {
            return true;
        }
    }
    return statement->cursor == 0;
}

uint32_t ora_array_due(const struct octo_ora_statement *statement)
{
    const struct ora_array *array = &statement->array;
    const uint32_t max = goes_alone(statement) ? 1 : ORA_EXECUTIONS_MAX;
    size_t at = array->at;
    size_t bytes = 0;
    uint32_t count = 0;

    while (count < max && array->done + count < array->executions &&
           (count == 0 || bytes < CALL_MAX)) {
        const size_t length = length_at(statement, at);

        bytes += length;
        at += length;
        count++;
    }
    return count;
}

void ora_array_write_rows(struct octo_ora_statement *statement, bool by_number, struct ora_wr *wr)
{
    struct ora_array *array = &statement->array;

    array->at = array->call_at;
    for (uint32_t i = 0; i < array->call_executions; i++) {
        bind_next(statement);
        ora_binds_write_row(statement, by_number, wr);
    }
}

/* --- what comes --- */

void ora_array_forget_results(struct ora_array *array)
{
    array->count_count = 0;
    array->failure_count = 0;
    array->failures_before = 0;
    array->rows_before = 0;
    array->at = 0;
    array->done = 0;
    ora_wr_clear(&array->texts);
    ora_wr_clear(&array->rows);
}

void ora_array_restart(struct ora_array *array)
{
    array->count_count = array->count_count < array->done ? array->count_count : array->done;
    array->failure_count = array->failures_before;
    array->rows.length = array->rows_before;
}

bool ora_array_take_counts(struct octo_ora_statement *statement,
                           const struct ora_parameters *parameters)
{
    struct ora_array *array = &statement->array;
    const size_t before = array->count_count > array->done ? array->count_count : array->done;
    struct ora_rd rd = parameters->counts;
    uint64_t *counts =
        ora_heap_grow(array->counts, &array->counts_room,
                      (before + parameters->row_counts + 1) * sizeof(*counts), RESULTS_MAX);

    if (counts == NULL) {
        return false;
    }
    array->counts = counts;
    while (array->count_count < array->done) {
        counts[array->count_count++] = 0; /* a call before has told of fewer than it had */
    }
    for (uint32_t i = 0; i < parameters->row_counts; i++) {
        counts[array->count_count++] = ora_rd_ub8(&rd);
    }
    return true;
}

bool ora_array_take_row(struct octo_ora_statement *statement, const struct ora_message *message)
{
    struct ora_wr *rows = &statement->array.rows;

    ora_wr_raw(rows, statement->session->answer.data + message->offset, message->length);
    return !rows->is_bad;
}

bool ora_array_take_failures(struct octo_ora_statement *statement,
                             const struct ora_failure *failure)
{
    struct ora_array *array = &statement->array;
    struct ora_batch_list numbers = failure->batch_numbers;
    struct ora_batch_list executions = failure->batch_executions;
    struct ora_batch_list texts = failure->batch_texts;
    const uint32_t count = numbers.count;
    struct ora_array_failure *failures =
        ora_heap_grow(array->failures, &array->failures_room,
                      (array->failure_count + count + 1) * sizeof(*failures), RESULTS_MAX);

    if (failures == NULL) {
        return false;
    }
    array->failures = failures;
    for (uint32_t i = 0; i < count; i++) {
        const struct ora_bytes text = ora_batch_text_read(&texts);
        struct ora_array_failure *at = &failures[array->failure_count++];

        at->number = (int)ora_batch_number_read(&numbers);
        at->execution = array->done + ora_batch_number_read(&executions);
        at->text_at = array->texts.length;
        at->text_length = text.is_chunked ? 0 : text.length;
        ora_wr_raw(&array->texts, text.at, at->text_length);
    }
    return !array->texts.is_bad;
}

/* --- results --- */

uint64_t octo_ora_rows_of(const struct octo_ora_statement *statement, size_t execution)
{
    const struct ora_array *array = &statement->array;

    return execution == 0 || execution > array->count_count ? 0 : array->counts[execution - 1];
}

size_t octo_ora_failed_count(const struct octo_ora_statement *statement)
{
    return statement->array.failure_count;
}

size_t octo_ora_failed(const struct octo_ora_statement *statement, size_t which,
                       struct octo_ora_error *ret)
{
    const struct ora_array *array = &statement->array;
    const struct ora_array_failure *failure;
    size_t length;

    if (which == 0 || which > array->failure_count) {
        (void)ora_fault(ret, OCTO_ORA_USAGE, "there is no failure %zu of %zu", which,
                        array->failure_count);
        return 0;
    }
    failure = &array->failures[which - 1];
    length = failure->text_length;
    while (length > 0 && array->texts.data[failure->text_at + length - 1] == '\n') {
        length--;
    }
    (void)ora_fault(ret, OCTO_ORA_SERVER, "%.*s", (int)length,
                    length > 0 ? (const char *)array->texts.data + failure->text_at : "");
    ret->number = failure->number;
    return failure->execution + 1;
}
