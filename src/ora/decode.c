#include "ora/decode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ora/decode_request.h"
#include "ora/decode_show.h"
#include "ora/heap.h"
#include "ora/text.h"

static const char before_12_1[] = "a server before 12.1, whose messages are shorter";

enum {
    ZONES = 3,
    CURSORS_MAX = 64, /* whose columns are remembered, the newest */
    REQUEST_PROTOCOL = 1,
    REQUEST_DATA_TYPES = 2,
    REQUEST_FUNCTION = 3,
    REQUEST_PIGGYBACK = 17,
    REQUEST_FAST_LOGON = 34,
    FUNCTION_REEXECUTE = 4,
    FUNCTION_FETCH = 5,
    FUNCTION_VERSION = 59,
    FUNCTION_REEXECUTE_FETCH = 78,
    FUNCTION_EXECUTE = 94,
    FUNCTION_LOB = 96,
    FUNCTION_LOGON_TWO = 115,
    FUNCTION_LOGON_ONE = 118,
};

struct cursor {
    uint32_t id; /* 0: a free place */
    enum ora_rows rows;
    struct ora_column *columns; /* or binds, where something comes out of them */
    uint32_t count;
};

struct decoding {
    const struct ora_recording *recording;
    FILE *out;
    struct ora_decoded *result;
    struct ora_answer answer;
    struct ora_wr request; /* of the client, that no answer has come to yet */
    struct ora_wr stream;  /* of the server, that is not read yet */
    struct cursor cursors[CURSORS_MAX];
    size_t next_cursor;
    struct cursor current; /* what rows are read with; owned */
    uint32_t asked_cursor; /* of the request; 0: a new one */
    bool has_request;      /* one has been seen at all */
    bool has_text_next;    /* a packet of text follows: connect data, a refusal, a redirect */
    bool is_out_of_memory;
};

/* --- cursors --- */

static bool copy_columns(const struct cursor *from, struct cursor *to)
{
    struct ora_column *columns = ora_heap_zeroed(from->count, sizeof(*columns));

    if (columns == NULL) {
        return false;
    }
    if (from->count > 0) {
        memcpy(columns, from->columns, from->count * sizeof(*columns));
    }
    free(to->columns);
    to->rows = from->rows;
    to->columns = columns;
    to->count = from->count;
    return true;
}

static void use_current(struct decoding *d)
{
    d->answer.rows = d->current.rows;
    d->answer.columns = d->current.columns;
    d->answer.column_count = d->current.count;
}

static void recall_cursor(struct decoding *d, uint32_t id)
{
    d->asked_cursor = id;
    for (size_t i = 0; id != 0 && i < CURSORS_MAX; i++) {
        if (d->cursors[i].id == id) {
            d->is_out_of_memory |= !copy_columns(&d->cursors[i], &d->current);
        }
    }
    use_current(d);
}

static void remember_cursor(struct decoding *d, uint32_t id)
{
    size_t place = d->next_cursor;

    if (id == 0 || d->current.count == 0) {
        return;
    }
    for (size_t i = 0; i < CURSORS_MAX; i++) {
        place = d->cursors[i].id == id ? i : place;
    }
    if (place == d->next_cursor) {
        d->next_cursor = (d->next_cursor + 1) % CURSORS_MAX;
    }
    d->cursors[place].id = id;
    d->is_out_of_memory |= !copy_columns(&d->current, &d->cursors[place]);
}

static void replace_current(struct decoding *d, enum ora_rows rows, struct ora_column *columns,
                            uint32_t count)
{
    free(d->current.columns);
    d->current.rows = rows;
    d->current.columns = columns;
    d->current.count = count;
    use_current(d);
}

static void take_describe(struct decoding *d, const struct ora_describe *describe)
{
    struct ora_rd rd = describe->columns;
    struct ora_column *columns = ora_heap_zeroed(describe->count, sizeof(*columns));

    if (columns == NULL) {
        d->is_out_of_memory = true;
        return;
    }
    for (uint32_t i = 0; i < describe->count; i++) {
        ora_column_read(d->answer.dialect, &rd, &columns[i]);
        columns[i].name = (struct ora_bytes){.is_null = true}; /* it lies in the stream */
    }
    replace_current(d, ORA_ROWS_FETCHED, columns, describe->count);
}

/* Which of a block's binds something comes out of. */
static void take_directions(struct decoding *d, const struct ora_bytes *directions)
{
    for (uint32_t i = 0; d->current.rows == ORA_ROWS_OUT && i < d->current.count; i++) {
        d->current.columns[i].direction = i < directions->length ? directions->at[i] : 0;
    }
}

/* --- what the client asks --- */

static void take_lob_call(struct decoding *d, struct ora_rd *rd)
{
    struct ora_lob_call *lob = &d->answer.lob;

    (void)ora_rd_u8(rd);
    lob->locator_length = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* the other locator, or how long a temporary one lives */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    lob->has_charset = ora_rd_u8(rd) != 0;
    (void)ora_rd_u8(rd);
    lob->has_flag = ora_rd_u8(rd) != 0;
    (void)ora_rd_ub4(rd); /* operation */
    (void)ora_rd_u8(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub8(rd); /* offsets */
    (void)ora_rd_ub8(rd);
    lob->has_amount = ora_rd_u8(rd) != 0;
}

/* Where something comes out of binds, as the text says, they are the columns of the answer. */
static enum ora_rows rows_of(struct decoding *d, const struct ora_execute *execute,
                             uint32_t *ret_first)
{
    const bool has_sql = !execute->sql.is_null && execute->sql.length > 0;
    uint8_t *sql = ora_heap_zeroed(execute->sql.length + 1, 1);
    enum ora_rows rows = execute->is_block ? ORA_ROWS_OUT : ORA_ROWS_FETCHED;
    struct ora_text text = {.kind = ORA_TEXT_OTHER};

    *ret_first = 0;
    d->is_out_of_memory |= sql == NULL;
    if (has_sql && sql != NULL) {
        ora_bytes_copy(&execute->sql, sql);
        d->is_out_of_memory |= !ora_text_read((const char *)sql, execute->sql.length, &text);
        if (text.first_returned < text.binds) {
            *ret_first = text.first_returned;
            rows = ORA_ROWS_RETURNED;
        }
        ora_text_fini(&text);
    }
    free(sql);
    return rows;
}

static void take_binds(struct decoding *d, const struct ora_execute *execute)
{
    struct ora_column *columns = ora_heap_zeroed(execute->bind_count, sizeof(*columns));
    struct ora_rd rd = execute->types;
    uint32_t first;
    enum ora_rows rows = rows_of(d, execute, &first);

    if (columns == NULL) {
        d->is_out_of_memory = true;
        return;
    }
    for (uint32_t i = 0; i < execute->bind_count; i++) {
        ora_bind_read(d->answer.dialect, &rd, &columns[i]);
        columns[i].direction = rows == ORA_ROWS_RETURNED && i >= first ? ORA_DIRECTION_OUT : 0;
    }
    if (execute->sql.is_null && d->current.rows == ORA_ROWS_RETURNED &&
        d->current.count == execute->bind_count) {
        rows = ORA_ROWS_RETURNED; /* the cursor's text was seen before */
        for (uint32_t i = 0; i < execute->bind_count; i++) {
            columns[i].direction = d->current.columns[i].direction;
        }
    }
    if (rows == ORA_ROWS_FETCHED || !ora_rd_is_fine(&rd)) {
        free(columns);
        return;
    }
    replace_current(d, rows, columns, execute->bind_count);
}

/* LOBs are fetched as what the client says, and all else as it was described. */
static void take_defines(struct decoding *d, const struct ora_execute *execute)
{
    struct ora_rd rd = execute->types;
    struct ora_column define;

    for (uint32_t i = 0; i < execute->define_count && i < d->current.count; i++) {
        ora_bind_read(d->answer.dialect, &rd, &define);
        if (ora_rd_is_fine(&rd) && d->current.columns[i].lob != 0) {
            d->current.columns[i].type = define.type;
            d->current.columns[i].has_size = define.has_size;
        }
    }
    remember_cursor(d, execute->cursor);
}

static void take_execute(struct decoding *d, struct ora_rd *rd)
{
    struct ora_execute execute;

    ora_execute_read(d->answer.dialect, rd, &execute);
    recall_cursor(d, execute.cursor);
    d->answer.has_row_counts = execute.has_row_counts;
    if (ora_rd_is_fine(rd) && execute.define_count > 0) {
        take_defines(d, &execute);
    } else if (ora_rd_is_fine(rd) && execute.bind_count > 0) {
        take_binds(d, &execute);
    }
}

static void take_function(struct decoding *d, uint8_t function, struct ora_rd *rd)
{
    d->answer.call = ORA_CALL_SIMPLE;
    switch (function) {
    case FUNCTION_LOGON_ONE:
    case FUNCTION_LOGON_TWO:
        d->answer.call = ORA_CALL_LOGON;
        break;
    case FUNCTION_VERSION:
        d->answer.call = ORA_CALL_VERSION;
        break;
    case FUNCTION_EXECUTE:
        d->answer.call = ORA_CALL_EXECUTE;
        take_execute(d, rd);
        break;
    case FUNCTION_REEXECUTE:
    case FUNCTION_FETCH:
    case FUNCTION_REEXECUTE_FETCH:
        d->answer.call = ORA_CALL_EXECUTE;
        recall_cursor(d, ora_rd_ub4(rd));
        break;
    case FUNCTION_LOB:
        d->answer.call = ORA_CALL_LOB;
        take_lob_call(d, rd);
        break;
    default:
        break;
    }
}

static void show_function(const struct decoding *d, const char *kind, uint8_t function)
{
    const char *name = ora_function_name(function);

    if (d->out != NULL) {
        (void)fprintf(d->out, "      %s %d: %s\n", kind, function, name != NULL ? name : "?");
    }
}

/* Piggybacks come before the function; of one that is unknown nobody knows where it ends, and most
 * such requests execute something. */
static void take_request(struct decoding *d, struct ora_rd *rd)
{
    uint8_t type = ora_rd_u8(rd);

    d->answer.call = ORA_CALL_EXECUTE;
    d->answer.has_row_counts = false;
    while (type == REQUEST_PIGGYBACK || type == REQUEST_FUNCTION) {
        const uint8_t function = ora_rd_u8(rd);

        (void)ora_rd_u8(rd); /* sequence */
        if (d->answer.dialect->field_version >= ORA_FV_23_EXT1) {
            (void)ora_rd_ub8(rd); /* token */
        }
        show_function(d, type == REQUEST_FUNCTION ? "function" : "piggyback", function);
        if (type == REQUEST_FUNCTION) {
            take_function(d, function, rd);
            return;
        }
        if (!ora_piggyback_skip(d->answer.dialect, function, rd)) {
            return;
        }
        type = ora_rd_left(rd) > 0 ? ora_rd_u8(rd) : 0;
        d->answer.call = ORA_CALL_SIMPLE;
    }
    if (type == REQUEST_PROTOCOL) {
        d->answer.call = ORA_CALL_PROTOCOL;
    } else if (type == REQUEST_DATA_TYPES) {
        d->answer.call = ORA_CALL_DATA_TYPES;
    } else if (type == REQUEST_FAST_LOGON) {
        d->answer.call = ORA_CALL_LOGON;
    }
}

/* --- what the server answers --- */

static void be_other(struct decoding *d, const char *why)
{
    d->result->is_other = true;
    d->result->fault = why;
}

static void take_protocol(struct decoding *d, const struct ora_protocol *protocol)
{
    const struct ora_bytes *caps = &protocol->compile_caps;

    if (caps->length > ORA_CAPS_FIELD_VERSION && caps->at[ORA_CAPS_FIELD_VERSION] < ORA_FV_12_1) {
        be_other(d, before_12_1);
    }
}

/* Columns of a cursor that is a value or a result; what is read now goes on as it was. */
static void take_nested(struct decoding *d, const struct ora_describe *describe, uint32_t id)
{
    const struct cursor outer = d->current;

    d->current = (struct cursor){.id = 0};
    take_describe(d, describe);
    remember_cursor(d, id);
    free(d->current.columns);
    d->current = outer;
    use_current(d);
}

static void take_row(struct decoding *d, const struct ora_row *row)
{
    struct ora_rd rd = row->values;
    struct ora_value value;

    for (uint32_t i = 0; d->answer.rows != ORA_ROWS_RETURNED && i < d->answer.column_count; i++) {
        const struct ora_column *column = &d->answer.columns[i];

        if (d->answer.rows == ORA_ROWS_OUT && ora_comes_back(column)) {
            ora_out_read(d->answer.dialect, column, &rd, &value);
        } else if (d->answer.rows == ORA_ROWS_FETCHED && ora_column_is_sent(&d->answer, i)) {
            ora_value_read(d->answer.dialect, column, &rd, &value);
        } else {
            continue;
        }
        if (column->type == ORA_TYPE_CURSOR && !value.bytes.is_null) {
            take_nested(d, &value.describe, value.cursor);
        }
    }
}

static void take_results(struct decoding *d, const struct ora_results *results)
{
    struct ora_rd rd = results->rd;
    struct ora_describe describe;
    uint32_t cursor;

    for (uint32_t i = 0; i < results->count; i++) {
        ora_result_read(d->answer.dialect, &rd, &describe, &cursor);
        take_nested(d, &describe, cursor);
    }
}

static void take_message(struct decoding *d, const struct ora_message *message)
{
    d->result->messages++;
    ora_show_message(d->out, &d->answer, message);
    switch (message->type) {
    case ORA_MSG_DESCRIBE:
        take_describe(d, &message->of.describe);
        break;
    case ORA_MSG_ROW_DATA:
        take_row(d, &message->of.row);
        break;
    case ORA_MSG_IMPLICIT_RESULTS:
        take_results(d, &message->of.results);
        break;
    case ORA_MSG_IO_VECTOR:
        take_directions(d, &message->of.directions);
        break;
    case ORA_MSG_PROTOCOL:
        take_protocol(d, &message->of.protocol);
        break;
    case ORA_MSG_PARAMETER:
        remember_cursor(d, message->of.parameters.cursor);
        break;
    case ORA_MSG_ERROR:
        remember_cursor(d, message->of.failure.cursor);
        break;
    default:
        break;
    }
}

static void note_unread(struct decoding *d, size_t packet, size_t count, const char *fault)
{
    if (d->result->unread == 0) {
        d->result->packet = packet;
        d->result->fault = fault;
    }
    d->result->unread += count;
    if (d->out != NULL) {
        (void)fprintf(d->out, "      %zu bytes unread: %s\n", count,
                      fault != NULL ? fault : "the message ends too early");
    }
}

/* What was begun and not finished when the next request comes is lost. */
static void end_answer(struct decoding *d, size_t packet)
{
    if (d->stream.length > 0) {
        note_unread(d, packet, d->stream.length, NULL);
        ora_wr_clear(&d->stream);
    }
}

static enum ora_step read_message(struct decoding *d, struct ora_rd *rd, struct ora_message *ret)
{
    const struct ora_rd before = *rd;
    enum ora_step step = ora_message_read(&d->answer, rd, ret);

    /* Where the request is not in the recording nobody knows whether it wanted row counts; behind
     * parameters that lack them no message would begin with what they do. */
    if (step == ORA_STEP_DONE && ret->type == ORA_MSG_PARAMETER && !d->has_request &&
        ora_rd_left(rd) > 0 && *rd->at < ORA_MSG_ERROR) {
        *rd = before;
        d->answer.has_row_counts = true;
        step = ora_message_read(&d->answer, rd, ret);
        d->answer.has_row_counts = false;
    }
    return step;
}

static void read_stream(struct decoding *d, size_t packet)
{
    struct ora_rd rd = ora_rd_of(d->stream.data, d->stream.length);
    struct ora_message message;
    enum ora_step step = ORA_STEP_DONE;

    while (step == ORA_STEP_DONE) {
        step = read_message(d, &rd, &message);
        if (step == ORA_STEP_DONE) {
            take_message(d, &message);
        }
        if (d->result->is_other) {
            return;
        }
    }
    if (step == ORA_STEP_BAD) {
        note_unread(d, packet, d->stream.length - message.offset, rd.fault);
        ora_wr_clear(&d->stream);
        return;
    }
    d->stream.length = ora_rd_left(&rd);
    memmove(d->stream.data, rd.at, d->stream.length);
}

static bool is_native_services(const uint8_t *bytes, size_t count)
{
    static const uint8_t magic[] = {0xDE, 0xAD, 0xBE, 0xEF};

    return count >= sizeof(magic) && memcmp(bytes, magic, sizeof(magic)) == 0;
}

static void take_payload(struct decoding *d, const struct ora_record *record, const uint8_t *bytes,
                         size_t count)
{
    if (d->has_text_next || is_native_services(bytes, count)) {
        d->has_text_next = false;
        return;
    }
    if (record->is_servers) {
        ora_wr_raw(&d->stream, bytes, count);
        d->is_out_of_memory |= d->stream.is_bad;
        read_stream(d, record->number);
    } else {
        ora_wr_raw(&d->request, bytes, count);
        d->is_out_of_memory |= d->request.is_bad;
    }
}

/* A request is whole when the server answers. */
static void end_request(struct decoding *d)
{
    struct ora_rd rd = ora_rd_of(d->request.data, d->request.length);

    if (d->request.length > 0) {
        d->has_request = true;
        take_request(d, &rd);
        ora_wr_clear(&d->request);
    }
}

/* --- packets --- */

static const char *packet_name(uint8_t type)
{
    static const char *const names[] = {
        [ORA_PACKET_CONNECT] = "CONNECT", [ORA_PACKET_ACCEPT] = "ACCEPT",
        [ORA_PACKET_REFUSE] = "REFUSE",   [ORA_PACKET_REDIRECT] = "REDIRECT",
        [ORA_PACKET_DATA] = "DATA",       [ORA_PACKET_RESEND] = "RESEND",
        [ORA_PACKET_MARKER] = "MARKER",   [ORA_PACKET_CONTROL] = "CONTROL",
    };

    return type < sizeof(names) / sizeof(names[0]) && names[type] != NULL ? names[type] : "?";
}

static void show_packet(const struct decoding *d, const struct ora_record *record, const char *name)
{
    if (d->out != NULL) {
        (void)fprintf(d->out, "%4zu %c %-8s %6zu bytes%s\n", record->number,
                      record->is_servers ? '<' : '>', name, record->count,
                      record->is_left_out ? ", left out of the recording" : "");
    }
}

static const char *take_accept(struct decoding *d, const struct ora_packet *packet)
{
    struct ora_accept accept;
    const char *fault = ora_accept_read(packet, &accept);

    if (fault == NULL && accept.version < ORA_VERSION_WIDE) {
        be_other(d, before_12_1);
    }
    return fault;
}

/* What follows in a packet of its own was declared and is not there. */
static const char *take_special(struct decoding *d, const struct ora_packet *packet)
{
    const char *fault = NULL;
    struct ora_connect connect;
    struct ora_refuse refuse;
    struct ora_control control;
    enum ora_marker marker;

    switch (packet->type) {
    case ORA_PACKET_CONNECT:
        fault = ora_connect_read(packet, &connect);
        d->has_text_next = fault == NULL && connect.data.length < connect.data_length;
        break;
    case ORA_PACKET_ACCEPT:
        fault = take_accept(d, packet);
        break;
    case ORA_PACKET_REFUSE:
        fault = ora_refuse_read(packet, &refuse);
        d->has_text_next = fault == NULL && refuse.text.length < refuse.text_length;
        break;
    case ORA_PACKET_REDIRECT:
        d->has_text_next = packet->body_length <= 2;
        break;
    case ORA_PACKET_MARKER:
        fault = ora_marker_read(packet, &marker);
        ora_wr_clear(&d->stream); /* what had come is void */
        break;
    case ORA_PACKET_CONTROL:
        fault = ora_control_read(packet, &control);
        break;
    case ORA_PACKET_RESEND:
        break;
    default:
        fault = "a packet of an unknown type";
        break;
    }
    return fault;
}

/* The form of the head is told by the length, which the recording knows. */
static enum ora_step read_head(const uint8_t *bytes, size_t count, struct ora_packet *ret,
                               bool *ret_is_narrow, const char **ret_fault)
{
    enum ora_step step = ora_packet_read(bytes, count, true, ORA_SDU_MAX, ret, ret_fault);

    *ret_is_narrow = step != ORA_STEP_DONE || ret->length != count;
    if (!*ret_is_narrow) {
        return step;
    }
    step = ora_packet_read(bytes, count, false, ORA_PACKET_NARROW_MAX, ret, ret_fault);
    if (step != ORA_STEP_DONE || ret->length != count) {
        *ret_fault = "a packet whose length is not that of its bytes";
        return ORA_STEP_BAD;
    }
    return step;
}

static void take_packet(struct decoding *d, const struct ora_record *record, const uint8_t *bytes)
{
    struct ora_packet packet;
    const char *fault = NULL;
    bool is_narrow;
    const enum ora_step step = read_head(bytes, record->count, &packet, &is_narrow, &fault);

    show_packet(d, record, step == ORA_STEP_DONE ? packet_name(packet.type) : "?");
    if (step == ORA_STEP_DONE && packet.type == ORA_PACKET_DATA) {
        if (is_narrow && record->is_servers && !d->has_text_next) {
            be_other(d, before_12_1);
        }
        take_payload(d, record, packet.body, packet.body_length);
        return;
    }
    fault = step == ORA_STEP_DONE ? take_special(d, &packet) : fault;
    if ((fault != NULL || step != ORA_STEP_DONE) && record->is_servers) {
        note_unread(d, record->number, record->count, fault);
    }
}

/* What is left out of recordings is connect data and log-ons, which name people and machines. */
static void take_left_out(struct decoding *d, const struct ora_record *record)
{
    show_packet(d, record, "");
    if (d->has_text_next) {
        d->has_text_next = false;
    } else if (!record->is_servers) {
        d->answer.call = ORA_CALL_LOGON;
    }
}

static void take_record(struct decoding *d, const struct ora_record *record)
{
    const uint8_t *bytes = d->recording->bytes + record->at;

    if (record->is_servers) {
        end_request(d);
    } else {
        end_answer(d, record->number);
    }
    if (record->is_left_out) {
        take_left_out(d, record);
    } else if (d->recording->has_heads) {
        take_packet(d, record, bytes);
    } else {
        show_packet(d, record, "message");
        take_payload(d, record, bytes, record->count);
    }
}

static bool decode_with(const struct ora_recording *recording, FILE *out,
                        const struct ora_dialect *dialect, struct ora_decoded *ret)
{
    struct decoding *d = ora_heap_zeroed(1, sizeof(*d));
    bool ok;

    *ret = (struct ora_decoded){.dialect = *dialect};
    if (d == NULL) {
        return false;
    }
    d->recording = recording;
    d->out = out;
    d->result = ret;
    d->answer.dialect = &ret->dialect;
    d->answer.call = ORA_CALL_EXECUTE;
    ora_wr_init(&d->request, ORA_RECORDING_MAX);
    ora_wr_init(&d->stream, ORA_RECORDING_MAX);
    for (size_t i = 0; i < recording->count && !ret->is_other && !d->is_out_of_memory; i++) {
        take_record(d, &recording->records[i]);
    }
    end_request(d);
    if (!ret->is_other) {
        end_answer(d, recording->count > 0 ? recording->records[recording->count - 1].number : 0);
    }
    for (size_t i = 0; i < CURSORS_MAX; i++) {
        free(d->cursors[i].columns);
    }
    free(d->current.columns);
    ora_wr_fini(&d->request);
    ora_wr_fini(&d->stream);
    ok = !d->is_out_of_memory;
    free(d);
    return ok;
}

/* The field versions at which what either side says changes its form, the newest first. */
static const uint8_t field_versions[] = {
    ORA_FV_23_4, ORA_FV_23_EXT3,  ORA_FV_23_EXT1, ORA_FV_23,
    ORA_FV_20,   ORA_FV_12_2_EXT, ORA_FV_12_2,    0,
};

/* Each choice of the rest as a number: bit by bit. */
static struct ora_dialect nth_dialect(size_t n)
{
    static const uint8_t zones[ZONES] = {0, 11, 15};
    const size_t count = sizeof(field_versions);

    return (struct ora_dialect){
        .field_version = field_versions[n % count],
        .has_sql_type = (n / count & 1) == 0,
        .has_long_bytes = (n / count & 2) != 0,
        .has_bare_texts = (n / count & 4) != 0,
        .zone_bytes = zones[n / count / 8],
    };
}

bool ora_decode(const struct ora_recording *recording, FILE *out, struct ora_decoded *ret)
{
    const size_t dialects = sizeof(field_versions) * 8 * ZONES;
    struct ora_dialect best = nth_dialect(0);
    size_t best_unread = SIZE_MAX;

    if (recording->is_oci) {
        *ret = (struct ora_decoded){.is_other = true,
                                    .fault = "Oracle's C library, which has a dialect of its own"};
        return true;
    }
    for (size_t n = 0; n < dialects && best_unread > 0; n++) {
        const struct ora_dialect dialect = nth_dialect(n);

        if (!decode_with(recording, NULL, &dialect, ret)) {
            return false;
        }
        if (ret->is_other) {
            return true;
        }
        if (ret->unread < best_unread) {
            best_unread = ret->unread;
            best = dialect;
        }
    }
    if (best_unread > 0 && recording->is_pieces) {
        ret->is_other = true;
        ret->fault = "pieces of answers whose beginning is not there";
        return true;
    }
    return decode_with(recording, out, &best, ret);
}
