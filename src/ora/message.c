#include "ora/message.h"

#include <string.h>

#include "ora/message_priv.h"

void ora_pair_read(struct ora_rd *rd, struct ora_pair *ret)
{
    ret->key = ora_rd_text(rd);
    ret->value = ora_rd_text(rd);
    ret->flags = ora_rd_ub4(rd);
    if (!ret->key.is_chunked && ret->key.length > 0 && ret->key.at[ret->key.length - 1] == '\0') {
        ret->key.length--;
    }
}

/* A text whose length was given before: it has its own too, but for old clients. */
static struct ora_bytes read_bare(const struct ora_dialect *dialect, struct ora_rd *rd,
                                  size_t length)
{
    if (dialect->has_bare_texts) {
        return (struct ora_bytes){.at = ora_rd_raw(rd, length), .length = length};
    }
    return ora_rd_clr(rd);
}

/* --- log-on --- */

static void read_protocol(struct ora_rd *rd, struct ora_protocol *ret)
{
    const uint8_t *fdo;
    uint16_t length;
    size_t place;

    (void)ora_rd_u8(rd); /* its version */
    (void)ora_rd_u8(rd);
    ret->banner = (struct ora_bytes){.at = rd->at};
    while (ora_rd_u8(rd) != 0) {
        ret->banner.length++;
    }
    ret->charset = ora_rd_u16_le(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_raw(rd, (size_t)5 * ora_rd_u16_le(rd));
    length = ora_rd_u16(rd);
    fdo = ora_rd_raw(rd, length);
    ret->national_charset = 0;
    if (fdo != NULL && length > 6) {
        place = (size_t)6 + fdo[5] + fdo[6] + 3; /* behind two lists of such lengths */
        ret->national_charset =
            place + 2 <= length ? (uint16_t)(fdo[place] << 8 | fdo[place + 1]) : 0;
    }
    ret->compile_caps = ora_rd_clr(rd);
    ret->runtime_caps = ora_rd_clr(rd);
}

/* What the server thinks of each type is of no use: values are read by what describes them. */
static void read_data_types(const struct ora_dialect *dialect, struct ora_rd *rd)
{
    (void)ora_rd_raw(rd, dialect->zone_bytes);
    while (ora_rd_u16(rd) != 0 && ora_rd_is_fine(rd)) {
        if (ora_rd_u16(rd) != 0) {
            (void)ora_rd_u32(rd); /* representation, and 0 */
        }
    }
}

/* --- the end of a call --- */

static uint32_t read_call_status(struct ora_rd *rd)
{
    const uint32_t status = ora_rd_ub4(rd);

    if ((status & ORA_STATUS_HAS_TIME) != 0) {
        (void)ora_rd_ub8(rd);
    }
    return status;
}

static void skip_long_byte(const struct ora_dialect *dialect, struct ora_rd *rd)
{
    if (dialect->has_long_bytes) {
        (void)ora_rd_sb4(rd);
    } else {
        (void)ora_rd_u8(rd);
    }
}

/* --- errors of arrays --- */

uint32_t ora_batch_number_read(struct ora_batch_list *list)
{
    if (list->count == 0) {
        return 0;
    }
    list->count--;
    if (list->is_chunked) {
        (void)ora_rd_ub4(&list->rd);
    }
    return ora_rd_ub4(&list->rd);
}

struct ora_bytes ora_batch_text_read(struct ora_batch_list *list)
{
    struct ora_bytes text;

    if (list->count == 0) {
        return (struct ora_bytes){.at = list->rd.at, .is_null = true};
    }
    list->count--;
    (void)ora_rd_ub2(&list->rd);
    text = ora_rd_clr(&list->rd);
    (void)ora_rd_u16(&list->rd);
    return text;
}

/* Where the list begins with the mark of chunks each number has a length before it, and a zero ends
 * them. */
static void read_batch_numbers(struct ora_rd *rd, uint32_t count, struct ora_batch_list *ret)
{
    struct ora_batch_list list = {.count = count};

    list.is_chunked = count > 0 && ora_rd_u8(rd) == ORA_CLR_CHUNKED;
    list.rd = *rd;
    *ret = list;
    while (list.count > 0 && ora_rd_is_fine(&list.rd)) {
        (void)ora_batch_number_read(&list);
    }
    *rd = list.rd;
    if (list.is_chunked) {
        (void)ora_rd_u8(rd);
    }
}

static void read_batch_texts(struct ora_rd *rd, struct ora_batch_list *ret)
{
    struct ora_batch_list list = {.count = ora_rd_ub2(rd)};

    if (list.count > 0) {
        (void)ora_rd_u8(rd);
    }
    list.rd = *rd;
    *ret = list;
    while (list.count > 0 && ora_rd_is_fine(&list.rd)) {
        (void)ora_batch_text_read(&list);
    }
    *rd = list.rd;
}

static void read_failure(const struct ora_dialect *dialect, struct ora_rd *rd,
                         struct ora_failure *ret)
{
    ret->call_status = read_call_status(rd);
    (void)ora_rd_ub2(rd); /* sequence */
    (void)ora_rd_ub4(rd); /* row */
    (void)ora_rd_ub2(rd); /* the number in 16 bits */
    (void)ora_rd_ub2(rd); /* of arrays */
    (void)ora_rd_ub2(rd);
    ret->cursor = ora_rd_ub2(rd);
    ret->position = ora_rd_sb4(rd);
    ret->sql_type = ora_rd_u8(rd);
    (void)ora_rd_u8(rd); /* fatal */
    skip_long_byte(dialect, rd);
    skip_long_byte(dialect, rd);
    (void)ora_rd_u8(rd);
    ret->warnings = ora_rd_u8(rd);
    ora_rd_rowid(rd, &ret->rowid);
    (void)ora_rd_ub4(rd); /* of the server's operating system */
    (void)ora_rd_u8(rd);  /* statement */
    (void)ora_rd_u8(rd);  /* call */
    (void)ora_rd_ub2(rd);
    (void)ora_rd_ub4(rd);  /* iterations */
    (void)ora_rd_text(rd); /* logical rowid */
    read_batch_numbers(rd, ora_rd_ub2(rd), &ret->batch_numbers);
    read_batch_numbers(rd, ora_rd_ub4(rd), &ret->batch_executions);
    read_batch_texts(rd, &ret->batch_texts);
    ret->number = ora_rd_ub4(rd);
    ret->rows = ora_rd_ub8(rd);
    if (dialect->field_version >= ORA_FV_20 && dialect->has_sql_type) {
        (void)ora_rd_ub4(rd); /* SQL type */
        (void)ora_rd_ub4(rd); /* checksum */
    }
    ret->text = (struct ora_bytes){.at = rd->at, .is_null = true};
    if (ret->number != 0) {
        ret->text = ora_rd_clr(rd);
    }
}

static void read_warning(const struct ora_dialect *dialect, struct ora_rd *rd,
                         struct ora_warning *ret)
{
    uint16_t length;

    ret->number = ora_rd_ub2(rd);
    length = ora_rd_ub2(rd);
    (void)ora_rd_ub2(rd);
    ret->text = (struct ora_bytes){.at = rd->at, .is_null = true};
    if (ret->number != 0 && length != 0) {
        ret->text = read_bare(dialect, rd, length);
    }
}

/* --- parameters and piggybacks --- */

/* One value of a session's that has changed: as a text, as bytes, and which. */
static void skip_keyword(struct ora_rd *rd)
{
    if (ora_rd_ub2(rd) != 0) {
        (void)ora_rd_clr(rd);
    }
    if (ora_rd_ub2(rd) != 0) {
        (void)ora_rd_clr(rd);
    }
    (void)ora_rd_ub2(rd);
}

static void skip_keywords(struct ora_rd *rd, uint32_t count)
{
    for (uint32_t i = 0; i < count && ora_rd_is_fine(rd); i++) {
        skip_keyword(rd);
    }
}

static void read_row_counts(struct ora_rd *rd, struct ora_parameters *ret)
{
    ret->row_counts = ora_rd_count(rd, ORA_EXECUTIONS_MAX, "more row counts than executions");
    ret->counts = *rd;
    for (uint32_t i = 0; i < ret->row_counts && ora_rd_is_fine(rd); i++) {
        (void)ora_rd_ub8(rd);
    }
}

static void read_executed(const struct ora_answer *answer, struct ora_rd *rd,
                          struct ora_parameters *ret)
{
    static const char too_many[] = "more parameters than there are";
    const uint32_t words = ora_rd_count(rd, ORA_PAIRS_MAX, too_many);

    for (uint32_t i = 0; i < words && ora_rd_is_fine(rd); i++) {
        const uint32_t word = ora_rd_ub4(rd);

        if (i == 2) {
            ret->cursor = word;
        }
    }
    (void)ora_rd_raw(rd, ora_rd_ub2(rd)); /* transaction */
    skip_keywords(rd, ora_rd_count(rd, ORA_PAIRS_MAX, too_many));
    (void)ora_rd_raw(rd, ora_rd_ub2(rd)); /* registration */
    if (answer->has_row_counts) {
        read_row_counts(rd, ret);
    }
}

static void read_pairs(struct ora_rd *rd, struct ora_parameters *ret)
{
    struct ora_pair pair;

    ret->count = ora_rd_count(rd, ORA_PAIRS_MAX, "more pairs than there are");
    ret->pairs = *rd;
    for (uint32_t i = 0; i < ret->count && ora_rd_is_fine(rd); i++) {
        ora_pair_read(rd, &pair);
    }
    ret->pairs.end = rd->at;
}

/* A flag of one byte, or of one byte behind its length: no message begins with 1. */
static void skip_flag(struct ora_rd *rd)
{
    if (ora_rd_u8(rd) == 1 && ora_rd_is_fine(rd)) {
        if (ora_rd_left(rd) == 0) {
            rd->is_short = true;
        } else if (*rd->at == 1) {
            (void)ora_rd_u8(rd);
        }
    }
}

static void read_lob_result(const struct ora_answer *answer, struct ora_rd *rd,
                            struct ora_parameters *ret)
{
    ret->locator = (struct ora_bytes){.at = ora_rd_raw(rd, answer->lob.locator_length),
                                      .length = answer->lob.locator_length};
    if (answer->lob.has_charset) {
        (void)ora_rd_ub2(rd);
    }
    if (answer->lob.has_amount) {
        ret->amount = ora_rd_ub8(rd);
    }
    if (answer->lob.has_flag) {
        skip_flag(rd);
    }
}

static void read_parameters(const struct ora_answer *answer, struct ora_rd *rd,
                            struct ora_parameters *ret)
{
    *ret = (struct ora_parameters){.count = 0};
    switch (answer->call) {
    case ORA_CALL_LOGON:
        read_pairs(rd, ret);
        break;
    case ORA_CALL_EXECUTE:
        read_executed(answer, rd, ret);
        break;
    case ORA_CALL_VERSION:
        ret->banner = ora_rd_text(rd);
        (void)ora_rd_ub4(rd);
        break;
    case ORA_CALL_LOB:
        read_lob_result(answer, rd, ret);
        break;
    case ORA_CALL_PROTOCOL:
    case ORA_CALL_DATA_TYPES:
    case ORA_CALL_SIMPLE:
    case ORA_CALL_COUNT:
        ora_rd_fail(rd, "parameters to a call that has none");
        break;
    }
}

static void skip_session_return(struct ora_rd *rd)
{
    uint32_t count;

    (void)ora_rd_ub2(rd);
    (void)ora_rd_u8(rd);
    count = ora_rd_count(rd, ORA_PAIRS_MAX, "more values of a session than there are");
    if (count > 0) {
        (void)ora_rd_u8(rd);
    }
    skip_keywords(rd, count);
    (void)ora_rd_ub4(rd); /* flags */
    (void)ora_rd_ub4(rd); /* session */
    (void)ora_rd_ub2(rd); /* serial */
}

static void skip_session_sync(struct ora_rd *rd)
{
    uint32_t count;

    (void)ora_rd_ub2(rd);
    (void)ora_rd_u8(rd);
    count = ora_rd_count(rd, ORA_PAIRS_MAX, "more values of a session than there are");
    (void)ora_rd_u8(rd);
    skip_keywords(rd, count);
    (void)ora_rd_ub4(rd);
}

static void skip_replay_context(struct ora_rd *rd)
{
    (void)ora_rd_ub2(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_text(rd);
}

static void skip_signature(struct ora_rd *rd)
{
    (void)ora_rd_ub2(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub8(rd);
    (void)ora_rd_ub8(rd);
    (void)ora_rd_ub8(rd);
}

/* A server may say these before any message. None of it changes what this side does. */
static uint8_t read_piggyback(const struct ora_dialect *dialect, struct ora_rd *rd)
{
    const uint8_t opcode = ora_rd_u8(rd);

    switch (opcode) {
    case 1: /* a cache of queries is out of date */
    case 3: /* an event was traced */
        break;
    case 2: /* the server's process */
        (void)read_bare(dialect, rd, ora_rd_ub2(rd));
        break;
    case 4:
        skip_session_return(rd);
        break;
    case 5:
        skip_session_sync(rd);
        break;
    case 7: /* the logical transaction's identifier */
        (void)ora_rd_text(rd);
        break;
    case 8:
        skip_replay_context(rd);
        break;
    case 9:
        (void)ora_rd_ub2(rd);
        (void)ora_rd_u8(rd);
        break;
    case 10:
        skip_signature(rd);
        break;
    default:
        ora_rd_fail(rd, "a word beside the answer that is unknown");
        break;
    }
    return opcode;
}

static struct ora_bytes read_directions(struct ora_rd *rd)
{
    enum { BINDS_MAX = 65535 };
    uint32_t low;
    uint64_t count;

    (void)ora_rd_u8(rd);
    low = ora_rd_ub2(rd);
    count = (uint64_t)ora_rd_ub4(rd) * 256 + low;
    (void)ora_rd_ub4(rd);                 /* iterations */
    (void)ora_rd_ub2(rd);                 /* length of a buffer */
    (void)ora_rd_raw(rd, ora_rd_ub2(rd)); /* a bit vector */
    (void)ora_rd_raw(rd, ora_rd_ub2(rd)); /* a rowid */
    if (count > BINDS_MAX) {
        ora_rd_fail(rd, "more binds than there can be");
        count = 0;
    }
    return (struct ora_bytes){.at = ora_rd_raw(rd, (size_t)count), .length = (size_t)count};
}

void ora_result_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                     struct ora_describe *ret_describe, uint32_t *ret_cursor)
{
    (void)ora_rd_raw(rd, ora_rd_u8(rd));
    ora_nested_describe_read(dialect, rd, ret_describe);
    *ret_cursor = ora_rd_ub2(rd);
}

static void read_results(const struct ora_dialect *dialect, struct ora_rd *rd,
                         struct ora_results *ret)
{
    struct ora_describe describe;
    uint32_t cursor;

    ret->count = ora_rd_count(rd, ORA_PAIRS_MAX, "more results than there are");
    ret->rd = *rd;
    for (uint32_t i = 0; i < ret->count && ora_rd_is_fine(rd); i++) {
        ora_result_read(dialect, rd, &describe, &cursor);
    }
    ret->rd.end = rd->at;
}

/* --- all of them --- */

static void read_body(struct ora_answer *answer, struct ora_rd *rd, struct ora_message *ret)
{
    const struct ora_dialect *dialect = answer->dialect;

    switch (ret->type) {
    case ORA_MSG_PROTOCOL:
        read_protocol(rd, &ret->of.protocol);
        break;
    case ORA_MSG_DATA_TYPES:
        read_data_types(dialect, rd);
        break;
    case ORA_MSG_ERROR:
        read_failure(dialect, rd, &ret->of.failure);
        break;
    case ORA_MSG_STATUS:
        ret->of.call_status = read_call_status(rd);
        (void)ora_rd_ub2(rd);
        break;
    case ORA_MSG_PARAMETER:
        read_parameters(answer, rd, &ret->of.parameters);
        break;
    case ORA_MSG_WARNING:
        read_warning(dialect, rd, &ret->of.warning);
        break;
    case ORA_MSG_PIGGYBACK:
        ret->of.opcode = read_piggyback(dialect, rd);
        break;
    case ORA_MSG_IO_VECTOR:
        ret->of.directions = read_directions(rd);
        break;
    case ORA_MSG_LOB_DATA:
        ret->of.data = ora_rd_clr(rd);
        break;
    case ORA_MSG_DESCRIBE:
        ora_describe_read(dialect, rd, &ret->of.describe);
        break;
    case ORA_MSG_IMPLICIT_RESULTS:
        read_results(dialect, rd, &ret->of.results);
        break;
    case ORA_MSG_ROW_HEADER:
        ora_row_header_read(answer, rd);
        break;
    case ORA_MSG_ROW_DATA:
        ora_row_read(answer, rd, &ret->of.row);
        break;
    case ORA_MSG_BIT_VECTOR:
        ora_bit_vector_read(answer, rd);
        break;
    case ORA_MSG_TOKEN:
        (void)ora_rd_ub8(rd);
        break;
    case ORA_MSG_FLUSH_OUT_BINDS:
    case ORA_MSG_RENEGOTIATE:
    case ORA_MSG_END_OF_RESPONSE:
        break;
    default:
        ora_rd_fail(rd, "a message of an unknown type");
        break;
    }
}

enum ora_step ora_message_read(struct ora_answer *answer, struct ora_rd *rd,
                               struct ora_message *ret)
{
    const struct ora_rd before = *rd;

    ret->offset = ora_rd_offset(rd); /* who reads what it holds fills that in */
    ret->length = 0;
    if (ora_rd_is_fine(rd) && ora_rd_left(rd) == 0) {
        return ORA_STEP_MORE;
    }
    if (answer->last == ORA_MSG_ROW_DATA) {
        answer->has_bits = false; /* they were of that row; who took its values has done so */
    }
    ret->type = (enum ora_message_type)ora_rd_u8(rd);
    read_body(answer, rd, ret);
    if (rd->fault != NULL) {
        return ORA_STEP_BAD;
    }
    if (rd->is_short) {
        *rd = before;
        return ORA_STEP_MORE;
    }
    answer->last = ret->type;
    answer->place.row = 0;
    ret->length = ora_rd_offset(rd) - ret->offset;
    return ORA_STEP_DONE;
}

bool ora_message_ends(const struct ora_answer *answer, const struct ora_message *message)
{
    if (answer->call == ORA_CALL_PROTOCOL) {
        return message->type == ORA_MSG_PROTOCOL;
    }
    if (message->type == ORA_MSG_FLUSH_OUT_BINDS) {
        return true;
    }
    if (answer->dialect->has_end_of_response) {
        return message->type == ORA_MSG_END_OF_RESPONSE;
    }
    if (answer->call == ORA_CALL_DATA_TYPES) {
        return message->type == ORA_MSG_DATA_TYPES;
    }
    return message->type == ORA_MSG_ERROR || message->type == ORA_MSG_STATUS ||
           (message->type == ORA_MSG_RENEGOTIATE && answer->call == ORA_CALL_LOGON);
}

const char *ora_message_name(uint8_t type)
{
    static const char *const names[] = {
        [ORA_MSG_PROTOCOL] = "PROTOCOL",
        [ORA_MSG_DATA_TYPES] = "DATA_TYPES",
        [ORA_MSG_ERROR] = "ERROR",
        [ORA_MSG_ROW_HEADER] = "ROW_HEADER",
        [ORA_MSG_ROW_DATA] = "ROW_DATA",
        [ORA_MSG_PARAMETER] = "PARAMETER",
        [ORA_MSG_STATUS] = "STATUS",
        [ORA_MSG_IO_VECTOR] = "IO_VECTOR",
        [ORA_MSG_LOB_DATA] = "LOB_DATA",
        [ORA_MSG_WARNING] = "WARNING",
        [ORA_MSG_DESCRIBE] = "DESCRIBE",
        [ORA_MSG_FLUSH_OUT_BINDS] = "FLUSH_OUT_BINDS",
        [ORA_MSG_BIT_VECTOR] = "BIT_VECTOR",
        [ORA_MSG_PIGGYBACK] = "PIGGYBACK",
        [ORA_MSG_IMPLICIT_RESULTS] = "IMPLICIT_RESULTS",
        [ORA_MSG_RENEGOTIATE] = "RENEGOTIATE",
        [ORA_MSG_END_OF_RESPONSE] = "END_OF_RESPONSE",
        [ORA_MSG_TOKEN] = "TOKEN",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);

    return type < count && names[type] != NULL ? names[type] : "?";
}
