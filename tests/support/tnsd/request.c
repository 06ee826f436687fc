#include "tests/support/tnsd/request.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/tnsd/lob_calls.h"

enum {
    PARAMETERS = 13, /* al8i4 */
    LOB_PREFETCH_FLAG = 0x2000000,
    STRING_MAX = 32767, /* longer ones come behind all others of their row */
    LOB_OPERATION = 96,
    CLOSE_CURSORS = 105,
    CANCEL_CURSORS = 120,
    END_TO_END = 135,
    SET_SCHEMA = 152,
    SESSION_STATE = 176,
};

/* With old clients texts whose length was given before are bare. */
struct ora_bytes tnsd_read_bare(const struct tnsd *t, struct ora_rd *rd, size_t length)
{
    if (t->dialect.has_bare_texts) {
        return (struct ora_bytes){
            .at = ora_rd_raw(rd, length), .length = length, .is_null = length == 0};
    }
    return ora_rd_clr(rd);
}

/* One byte, but of these behind its length; drivers that send 0 show no difference. */
static void skip_scale(uint8_t type, struct ora_rd *rd)
{
    switch (type) {
    case ORA_TYPE_NUMBER:
    case ORA_TYPE_INTERVAL_DS:
    case ORA_TYPE_TIMESTAMP:
    case ORA_TYPE_TIMESTAMP_TZ:
    case ORA_TYPE_TIMESTAMP_LTZ:
        (void)ora_rd_sb4(rd);
        break;
    default:
        (void)ora_rd_u8(rd);
        break;
    }
}

static void read_metadata(const struct tnsd *t, struct ora_rd *rd, struct tnsd_bind *ret)
{
    ret->type = ora_rd_u8(rd);
    (void)ora_rd_u8(rd); /* flags */
    (void)ora_rd_u8(rd); /* precision */
    skip_scale(ret->type, rd);
    ret->size = ora_rd_ub4(rd);
    ret->elements = ora_rd_ub4(rd);
    ret->has_prefetch = (ora_rd_ub8(rd) & LOB_PREFETCH_FLAG) != 0;
    (void)ora_rd_text(rd); /* an object's type */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub2(rd); /* character set */
    ret->charset_form = ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* of a LOB: bytes that come along */
    if (t->dialect.field_version >= ORA_FV_12_2) {
        (void)ora_rd_ub4(rd); /* collation */
    }
}

/* Fields behind the binds' count and before the statement's text. */
static void read_middle(const struct tnsd *t, struct ora_rd *rd, struct request_execute *ret)
{
    (void)ora_rd_raw(rd, 5);
    (void)ora_rd_u8(rd);
    ret->define_count = ora_rd_count(rd, TNSD_COLUMNS_MAX, "more defines than this listener takes");
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    ret->wants_row_counts = ora_rd_u8(rd) != 0;
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    if (t->dialect.field_version >= ORA_FV_12_2) { /* signature and SQL_ID */
        (void)ora_rd_u8(rd);
        (void)ora_rd_ub4(rd);
        (void)ora_rd_u8(rd);
        (void)ora_rd_ub4(rd);
        (void)ora_rd_u8(rd);
    }
    if (t->dialect.field_version >= ORA_FV_12_2_EXT) { /* chunks */
        (void)ora_rd_u8(rd);
        (void)ora_rd_ub4(rd);
    }
}

void request_execute(const struct tnsd *t, struct ora_rd *rd, struct request_execute *ret)
{
    uint32_t length;
    bool has_sql;

    ret->options = ora_rd_ub4(rd);
    ret->cursor = ora_rd_ub4(rd);
    has_sql = ora_rd_u8(rd) != 0;
    length = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd); /* al8i4 */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_ub4(rd);
    ret->rows = ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* longest LONG */
    (void)ora_rd_u8(rd);
    ret->bind_count = ora_rd_count(rd, TNSD_BINDS_MAX, "more binds than this listener takes");
    read_middle(t, rd, ret);
    ret->sql = has_sql ? tnsd_read_bare(t, rd, length) : (struct ora_bytes){.is_null = true};
    for (int i = 0; i < PARAMETERS; i++) {
        const uint32_t value = ora_rd_ub4(rd);

        ret->executions = i == 1 ? value : ret->executions;
    }
    for (uint32_t i = 0; i < ret->define_count && (ret->options & OPTION_DEFINE) != 0; i++) {
        read_metadata(t, rd, &ret->defines[i]);
    }
    for (uint32_t i = 0; i < ret->bind_count && (ret->options & OPTION_BIND) != 0; i++) {
        read_metadata(t, rd, &ret->binds[i]);
    }
}

/* --- values of binds --- */

void rows_fini(struct request_rows *rows)
{
    ora_wr_fini(&rows->text);
    free(rows->offsets);
    *rows = (struct request_rows){.count = 0};
}

static bool make_room(struct request_rows *rows)
{
    size_t *offsets;

    if (rows->count < rows->capacity) {
        return true;
    }
    rows->capacity = rows->capacity == 0 ? 64 : 2 * rows->capacity;
    offsets = realloc(rows->offsets, rows->capacity * sizeof(*offsets));
    if (offsets == NULL) {
        return false;
    }
    rows->offsets = offsets;
    return true;
}

static struct ora_bytes read_value(struct ora_rd *rd, uint8_t type)
{
    enum { NULL_BOOLEAN = 0xFD };
    struct ora_bytes nothing = {.is_null = true};

    switch (type) {
    case ORA_TYPE_BOOLEAN:
        if (ora_rd_left(rd) > 0 && *rd->at == NULL_BOOLEAN) {
            (void)ora_rd_raw(rd, 2);
            return nothing;
        }
        return ora_rd_clr(rd);
    case ORA_TYPE_CURSOR:
        if (ora_rd_ub4(rd) != 0) {
            (void)ora_rd_ub4(rd); /* the number of one that is open */
        }
        return nothing;
    case ORA_TYPE_CLOB:
    case ORA_TYPE_BLOB:
        return ora_rd_text(rd);
    default:
        return ora_rd_clr(rd);
    }
}

static void add_value(const struct tnsd *t, const struct tnsd_bind *bind,
                      const struct ora_bytes *bytes, struct request_rows *rows)
{
    if (!make_room(rows)) {
        rows->fault = "is too long";
        return;
    }
    if (rows->text.max == 0) {
        ora_wr_init(&rows->text, TNSD_STREAM_MAX);
    }
    if (bytes->at == NULL || bytes->is_null || bytes->length == 0) {
        rows->offsets[rows->count++] = SIZE_MAX;
        return;
    }
    rows->offsets[rows->count++] = rows->text.length;
    if (!param_text(bind, bytes, t->lobs, &rows->text)) {
        rows->fault = "is not well-formed";
    }
}

static bool is_sent(const struct tnsd_cursor *cursor, uint32_t place, bool is_again)
{
    const struct rewrite_bind *bind = &cursor->statement.binds[place];

    return !bind->is_returned && (!is_again || bind->is_read || !bind->is_written);
}

static bool is_behind_others(const struct tnsd_cursor *cursor, uint32_t place)
{
    return cursor->statement.kind != REWRITE_BLOCK && cursor->binds[place].size > STRING_MAX &&
           cursor->binds[place].type != ORA_TYPE_CLOB && cursor->binds[place].type != ORA_TYPE_BLOB;
}

/* Some drivers send NULL in place of what will be returned: no message begins with that byte. */
static void skip_returned(struct ora_rd *rd, const struct tnsd_cursor *cursor)
{
    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        if (cursor->statement.binds[i].is_returned && ora_rd_left(rd) > 0 && *rd->at == 0) {
            (void)ora_rd_u8(rd);
        }
    }
}

void request_row(const struct tnsd *t, struct ora_rd *rd, const struct tnsd_cursor *cursor,
                 bool is_again, struct request_rows *ret)
{
    enum { ROW = 7 };
    struct ora_bytes values[TNSD_BINDS_MAX];
    uint32_t sent = 0;

    for (uint32_t i = 0; i < cursor->bind_count; i++) {
        values[i] = (struct ora_bytes){.is_null = true};
        sent += is_sent(cursor, i, is_again) ? 1 : 0;
    }
    if (sent > 0 && ora_rd_u8(rd) != ROW) {
        ora_rd_fail(rd, "no row of binds where one is due");
    }
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = 0; i < cursor->bind_count; i++) {
            if (is_sent(cursor, i, is_again) && is_behind_others(cursor, i) == (turn == 1)) {
                values[i] = read_value(rd, cursor->binds[i].type);
            }
        }
    }
    skip_returned(rd, cursor);
    for (uint32_t i = 0; i < cursor->bind_count && ora_rd_is_fine(rd); i++) {
        if (!cursor->statement.binds[i].is_returned) {
            add_value(t, &cursor->binds[i], &values[i], ret);
        }
    }
}

/* --- piggybacks --- */

static void keep_tag(struct tnsd *t, int tag, const struct ora_bytes *text)
{
    const size_t length = text->length < TNSD_TAG_MAX ? text->length : TNSD_TAG_MAX;

    if (text->at != NULL) {
        memcpy(t->tags[tag], text->at, length);
        t->tags[tag][length] = '\0';
    }
}

/* One that is there and has no bytes is NULL. */
static void take_end_to_end(struct tnsd *t, struct ora_rd *rd)
{
    static const int skipped[TNSD_TAGS] = {0, 0, 0,
                                           0, 1, 2}; /* pairs before each that nobody uses */
    uint32_t lengths[TNSD_TAGS];

    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_ub4(rd); /* which have changed */
    for (int i = 0; i < TNSD_TAGS; i++) {
        for (int j = 0; j < skipped[i]; j++) {
            (void)ora_rd_u8(rd);
            (void)ora_rd_ub4(rd);
        }
        if (ora_rd_u8(rd) != 0) {
            t->tags[i][0] = '\0';
        }
        lengths[i] = ora_rd_ub4(rd);
    }
    for (int i = 0; i < TNSD_TAGS && ora_rd_is_fine(rd); i++) {
        if (lengths[i] > 0) {
            const struct ora_bytes text = tnsd_read_bare(t, rd, lengths[i]);

            keep_tag(t, i, &text);
        }
    }
}

/* Closing twice does no harm, so a request may be read again when more of it has come. */
void tnsd_skip_piggyback(struct tnsd *t, uint8_t function, struct ora_rd *rd)
{
    switch (function) {
    case CLOSE_CURSORS:
    case CANCEL_CURSORS:
        (void)ora_rd_u8(rd);
        for (uint32_t left = ora_rd_ub4(rd); left > 0 && ora_rd_is_fine(rd); left--) {
            cursor_close(t, ora_rd_ub4(rd));
        }
        break;
    case END_TO_END:
        take_end_to_end(t, rd);
        break;
    case SET_SCHEMA:
        (void)ora_rd_u8(rd);
        if (t->dialect.has_bare_texts) {
            (void)ora_rd_raw(rd, ora_rd_ub4(rd));
        } else {
            (void)ora_rd_text(rd);
        }
        break;
    case LOB_OPERATION:
        lob_free_piggyback(t, rd);
        break;
    case SESSION_STATE:
        (void)ora_rd_ub8(rd);
        break;
    default:
        ora_rd_fail(rd, "a piggyback that this listener does not know");
        break;
    }
}
