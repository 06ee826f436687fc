#include "ora/lob.h"

#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"
#include "ora/locator.h"
#include "ora/unicode.h"

enum operation {
    GET_LENGTH = 0x1,
    READ = 0x2,
    TRIM = 0x20,
    WRITE = 0x40,
    CREATE_TEMPORARY = 0x110,
};

enum {
    DURATION_SESSION = 10,
    CHARSET_UTF8 = 873,
    CHARSET_UTF16 = 2000,
    /* bits of a locator, and the byte that they are in */
    BYTE_CHARACTERS = 6,
    IS_UTF16 = 0x80,
    BYTE_ENDIAN = 7,
    IS_LITTLE_ENDIAN = 0x40,
    CONTENT_MAX = 4 * ORA_LOB_PIECE + 64,
};

/* --- locators --- */

static bool is_utf16(const struct octo_ora_lob *lob)
{
    return lob->form == ORA_FORM_NATIONAL || (lob->locator[BYTE_CHARACTERS] & IS_UTF16) != 0;
}

static bool keep_locator(struct octo_ora_lob *lob, const uint8_t *at, size_t length)
{
    if (length < ORA_LOCATOR_MIN || length > sizeof(lob->locator)) {
        return false;
    }
    memcpy(lob->locator, at, length);
    lob->locator_length = length;
    return true;
}

static struct octo_ora_lob *new_lob(struct octo_ora *session, uint8_t type, uint8_t form,
                                    struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = ora_heap_zeroed(1, sizeof(*lob));

    if (lob == NULL) {
        (void)ora_fault_memory(error);
        return NULL;
    }
    lob->session = session;
    lob->generation = session->generation;
    lob->type = type;
    lob->form = form;
    ora_wr_init(&lob->piece, CONTENT_MAX);
    ora_wr_init(&lob->sending, CONTENT_MAX);
    return lob;
}

struct octo_ora_lob *ora_lob_new(struct octo_ora *session, uint8_t type, uint8_t form,
                                 const struct ora_bytes *locator, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = new_lob(session, type, form, error);

    if (lob != NULL && (locator->is_chunked || !keep_locator(lob, locator->at, locator->length))) {
        free(lob);
        (void)ora_fault(error, OCTO_ORA_USAGE, "a LOB whose locator has %zu bytes",
                        locator->length);
        return NULL;
    }
    return lob;
}

void octo_ora_lob_free(struct octo_ora_lob *lob)
{
    if (lob == NULL) {
        return;
    }
    if (lob->is_temporary && lob->generation == lob->session->generation) {
        ora_locator_release(lob->session,
                            &(struct ora_bytes){.at = lob->locator, .length = lob->locator_length});
    }
    ora_wr_fini(&lob->piece);
    ora_wr_fini(&lob->sending);
    free(lob);
}

/* --- calls --- */

struct request {
    enum operation operation;
    uint64_t offset; /* from 1 */
    bool has_amount;
    uint64_t amount;
    const struct ora_wr *data; /* NULL: none */
};

static void write_call(struct octo_ora_lob *lob, const struct request *request)
{
    const bool creates = request->operation == CREATE_TEMPORARY;
    struct ora_wr *wr = &lob->session->request;

    ora_request_begin(lob->session, ORA_FUNCTION_LOB, true);
    ora_wr_u8(wr, 1); /* there is a locator */
    ora_wr_ub(wr, lob->locator_length);
    ora_wr_u8(wr, 0); /* and no second one */
    ora_wr_ub(wr, creates ? DURATION_SESSION : 0);
    ora_wr_zeros(wr, 2); /* short offsets */
    ora_wr_u8(wr, creates);
    ora_wr_u8(wr, 0); /* short amount */
    ora_wr_u8(wr, creates);
    ora_wr_ub(wr, request->operation);
    ora_wr_zeros(wr, 2); /* SCN */
    ora_wr_ub(wr, creates ? lob->form : request->offset);
    ora_wr_ub(wr, creates ? lob->type : 0);
    ora_wr_u8(wr, request->has_amount);
    ora_wr_zeros(wr, 6); /* of arrays */
    ora_wr_raw(wr, lob->locator, lob->locator_length);
    if (creates) {
        ora_wr_ub(wr, lob->form == ORA_FORM_NATIONAL ? CHARSET_UTF16 : CHARSET_UTF8);
    }
    if (request->data != NULL) {
        ora_wr_u8(wr, ORA_MSG_LOB_DATA);
        ora_wr_clr(wr, request->data->data, request->data->length);
    }
    if (request->has_amount) {
        ora_wr_ub(wr, request->amount);
    }
}

static bool take_data(struct octo_ora_lob *lob, const struct ora_bytes *data,
                      struct octo_ora_error *error)
{
    uint8_t *joined = ora_heap_zeroed(data->length + 1, 1);

    if (joined == NULL) {
        return ora_die(lob->session, error, "there is no memory for a piece of a LOB");
    }
    ora_bytes_copy(data, joined);
    ora_wr_raw(&lob->piece, joined, data->length);
    free(joined);
    return !lob->piece.is_bad ||
           ora_die(lob->session, error, "protocol error: more of a LOB than was asked for");
}

/* An ora_taker. The locator comes back with every answer, and may have changed. */
static bool take(void *arg, const struct ora_message *message, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = arg;

    if (message->offset == 0) {
        ora_wr_clear(&lob->piece);
        lob->amount = 0;
    }
    if (message->type == ORA_MSG_LOB_DATA) {
        return take_data(lob, &message->of.data, error);
    }
    if (message->type == ORA_MSG_PARAMETER) {
        lob->amount = message->of.parameters.amount;
        return keep_locator(lob, message->of.parameters.locator.at,
                            message->of.parameters.locator.length) ||
               ora_die(lob->session, error, "protocol error: a LOB without a locator");
    }
    return true;
}

static bool call(struct octo_ora_lob *lob, const struct request *request,
                 struct octo_ora_error *error)
{
    const bool creates = request->operation == CREATE_TEMPORARY;
    struct octo_ora *session = lob->session;

    if (session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    ora_set_deadline(session, session->call_ms);
    write_call(lob, request);
    session->reading.lob = (struct ora_lob_call){.locator_length = (uint32_t)lob->locator_length,
                                                 .has_charset = creates,
                                                 .has_amount = request->has_amount,
                                                 .has_flag = creates};
    return ora_turn(session, ORA_CALL_LOB, take, lob, error);
}

/* --- pieces --- */

/* A character of two units is not taken apart: its second half is read next time. */
static void leave_half(struct octo_ora_lob *lob)
{
    const size_t length = lob->piece.length;

    if (length > 2 && (lob->piece.data[length - 2] & 0xFC) == 0xD8) {
        lob->piece.length -= 2;
    }
}

/* Makes UTF-8 of it, and says how many units it had. */
static bool convert_piece(struct octo_ora_lob *lob, uint64_t *ret_units,
                          struct octo_ora_error *error)
{
    const bool is_little = (lob->locator[BYTE_ENDIAN] & IS_LITTLE_ENDIAN) != 0;
    struct ora_wr utf16;
    bool ok;

    if (!is_utf16(lob)) {
        *ret_units = ora_utf8_count(lob->piece.data, lob->piece.length);
        return ora_utf8_is_valid(lob->piece.data, lob->piece.length) ||
               ora_fault(error, OCTO_ORA_USAGE, "the LOB is no well-formed UTF-8");
    }
    if (is_little) {
        return ora_fault(error, OCTO_ORA_USAGE, "the LOB is in UTF-16 of the other byte order");
    }
    leave_half(lob);
    *ret_units = lob->piece.length / 2;
    utf16 = lob->piece;
    ora_wr_init(&lob->piece, CONTENT_MAX);
    ok = ora_utf8_write(&lob->piece, utf16.data, utf16.length);
    ora_wr_fini(&utf16);
    if (lob->piece.is_bad) {
        return ora_fault_memory(error);
    }
    return ok || ora_fault(error, OCTO_ORA_USAGE, "the LOB is no well-formed UTF-16");
}

bool octo_ora_lob_read(struct octo_ora_lob *lob, const void **ret_at, size_t *ret_length,
                       struct octo_ora_error *error)
{
    const struct request request = {.operation = READ,
                                    .offset = lob->position + 1,
                                    .has_amount = true,
                                    .amount = ORA_LOB_PIECE};
    uint64_t units;

    *ret_at = "";
    *ret_length = 0;
    if (lob->has_size && lob->position >= lob->size) {
        return true; /* servers refuse to read there */
    }
    if (!call(lob, &request, error)) {
        return false;
    }
    units = lob->piece.length;
    if (lob->type == ORA_TYPE_CLOB && !convert_piece(lob, &units, error)) {
        return false;
    }
    lob->position += units;
    *ret_at = lob->piece.length > 0 ? (const void *)lob->piece.data : "";
    *ret_length = lob->piece.length;
    return true;
}

/* As it travels, and how much further it brings the position. */
static bool prepare_piece(struct octo_ora_lob *lob, const uint8_t *bytes, size_t length,
                          uint64_t *ret_amount, struct octo_ora_error *error)
{
    ora_wr_clear(&lob->sending);
    if (lob->type == ORA_TYPE_CLOB && is_utf16(lob)) {
        if (!ora_utf16_write(&lob->sending, bytes, length)) {
            return ora_fault(error, OCTO_ORA_USAGE, "the text is no well-formed UTF-8");
        }
        *ret_amount = lob->sending.length / 2;
    } else {
        ora_wr_raw(&lob->sending, bytes, length);
        *ret_amount = lob->type == ORA_TYPE_CLOB ? ora_utf8_count(bytes, length) : length;
    }
    return !lob->sending.is_bad || ora_fault_memory(error);
}

static bool write_piece(struct octo_ora_lob *lob, const uint8_t *bytes, size_t length,
                        struct octo_ora_error *error)
{
    struct request request = {.operation = WRITE, .offset = lob->position + 1};
    uint64_t amount = 0;

    if (!prepare_piece(lob, bytes, length, &amount, error)) {
        return false;
    }
    request.data = &lob->sending;
    if (!call(lob, &request, error)) {
        return false;
    }
    lob->position += amount;
    lob->size = lob->size > lob->position ? lob->size : lob->position;
    return true;
}

bool octo_ora_lob_write(struct octo_ora_lob *lob, const void *bytes, size_t length,
                        struct octo_ora_error *error)
{
    const uint8_t *at = bytes;

    if (lob->type == ORA_TYPE_CLOB && !ora_utf8_is_valid(bytes, length)) {
        return ora_fault(error, OCTO_ORA_USAGE, "the text is no well-formed UTF-8");
    }
    while (length > 0) {
        size_t count = length < ORA_LOB_PIECE ? length : ORA_LOB_PIECE;

        count = lob->type == ORA_TYPE_CLOB ? ora_utf8_whole(at, count) : count;
        if (!write_piece(lob, at, count, error)) {
            return false;
        }
        at += count;
        length -= count;
    }
    return true;
}

/* --- the rest --- */

bool octo_ora_lob_size(struct octo_ora_lob *lob, uint64_t *ret, struct octo_ora_error *error)
{
    const struct request request = {.operation = GET_LENGTH, .has_amount = true};

    if (!lob->has_size) {
        if (!call(lob, &request, error)) {
            return false;
        }
        lob->size = lob->amount;
        lob->has_size = true;
    }
    *ret = lob->size;
    return true;
}

void octo_ora_lob_seek(struct octo_ora_lob *lob, uint64_t position)
{
    lob->position = position;
}

bool octo_ora_lob_trim(struct octo_ora_lob *lob, uint64_t size, struct octo_ora_error *error)
{
    const struct request request = {.operation = TRIM, .has_amount = true, .amount = size};

    if (!call(lob, &request, error)) {
        return false;
    }
    lob->size = size;
    lob->has_size = true;
    return true;
}

static struct octo_ora_lob *create(struct octo_ora *session, uint8_t type, uint8_t form,
                                   struct octo_ora_error *error)
{
    const struct request request = {.operation = CREATE_TEMPORARY};
    struct octo_ora_lob *lob = new_lob(session, type, form, error);

    if (lob == NULL) {
        return NULL;
    }
    lob->locator_length = ORA_LOCATOR_NEW; /* zeros: room for the answer */
    if (!call(lob, &request, error)) {
        octo_ora_lob_free(lob);
        return NULL;
    }
    lob->has_size = true;
    lob->is_temporary = true;
    return lob;
}

struct octo_ora_lob *ora_lob_of(struct octo_ora *session, uint8_t type, uint8_t form,
                                const uint8_t *bytes, size_t length, struct octo_ora_error *error)
{
    struct octo_ora_lob *lob = create(session, type, form, error);

    if (lob != NULL && !octo_ora_lob_write(lob, bytes, length, error)) {
        octo_ora_lob_free(lob);
        return NULL;
    }
    return lob;
}

bool octo_ora_lob_create(struct octo_ora *session, enum octo_ora_bind_type type,
                         struct octo_ora_lob **ret_lob, struct octo_ora_error *error)
{
    const bool is_national = type == OCTO_ORA_BIND_NCLOB;

    if (type != OCTO_ORA_BIND_CLOB && type != OCTO_ORA_BIND_NCLOB && type != OCTO_ORA_BIND_BLOB) {
        return ora_fault(error, OCTO_ORA_USAGE, "that is no type of a LOB");
    }
    *ret_lob = type == OCTO_ORA_BIND_BLOB
                   ? create(session, ORA_TYPE_BLOB, 0, error)
                   : create(session, ORA_TYPE_CLOB,
                            is_national ? ORA_FORM_NATIONAL : ORA_FORM_DATABASE, error);
    return *ret_lob != NULL;
}
