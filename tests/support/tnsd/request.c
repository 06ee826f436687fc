#include <string.h>

#include "tests/support/tnsd/tnsd.h"

enum {
    OPTION_BIND = 0x8,
    OPTION_DEFINE = 0x10,
    PARAMETERS = 13, /* al8i4 */
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

static void read_metadata(struct ora_rd *rd, struct tnsd_bind *ret)
{
    ret->type = ora_rd_u8(rd);
    (void)ora_rd_u8(rd);     /* flags */
    (void)ora_rd_raw(rd, 2); /* precision, scale */
    ret->size = ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* elements */
    (void)ora_rd_ub8(rd);
    (void)ora_rd_text(rd); /* an object's type */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub2(rd); /* character set */
    ret->charset_form = ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* of a LOB: bytes that come along */
    (void)ora_rd_ub4(rd); /* collation */
}

void tnsd_read_execute(const struct tnsd *t, struct ora_rd *rd, struct tnsd_execute *ret)
{
    struct tnsd_bind define;
    uint32_t defines;
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
    ret->has_binds = ora_rd_u8(rd) != 0;
    ret->bind_count = ora_rd_count(rd, TNSD_BINDS_MAX, "more binds than this listener takes");
    (void)ora_rd_raw(rd, 5);
    (void)ora_rd_u8(rd);
    defines = ora_rd_count(rd, TNSD_COLUMNS_MAX, "more defines than this listener takes");
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd); /* row counts */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_u8(rd); /* signature and SQL_ID, 12.2 */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_u8(rd); /* chunks, 12.2 */
    (void)ora_rd_ub4(rd);
    ret->sql = has_sql ? tnsd_read_bare(t, rd, length) : (struct ora_bytes){.is_null = true};
    for (int i = 0; i < PARAMETERS; i++) {
        const uint32_t value = ora_rd_ub4(rd);

        ret->fetch = i == 1 ? value : ret->fetch;
    }
    ret->executions = ret->fetch;
    for (uint32_t i = 0; i < defines && (ret->options & OPTION_DEFINE) != 0; i++) {
        read_metadata(rd, &define);
    }
    for (uint32_t i = 0; i < ret->bind_count && (ret->options & OPTION_BIND) != 0; i++) {
        read_metadata(rd, &ret->binds[i]);
    }
}

void tnsd_read_bind_row(struct ora_rd *rd, const struct tnsd_bind *binds, uint32_t count,
                        struct tnsd_value *ret)
{
    enum { ROW = 7, NULL_BOOLEAN = 0xFD };

    if (count == 0) {
        return;
    }
    if (ora_rd_u8(rd) != ROW) {
        ora_rd_fail(rd, "no row of binds where one is due");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (binds[i].type == ORA_TYPE_BOOLEAN && ora_rd_left(rd) > 0 && *rd->at == NULL_BOOLEAN) {
            (void)ora_rd_raw(rd, 2);
            ret[i].bytes = (struct ora_bytes){.is_null = true};
        } else {
            ret[i].bytes = ora_rd_clr(rd);
        }
    }
}

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

static void close_cursor(struct tnsd *t, uint32_t id)
{
    for (size_t i = 0; id != 0 && i < TNSD_CURSORS_MAX; i++) {
        if (t->cursors[i].id == id) {
            t->cursors[i].id = 0;
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
            close_cursor(t, ora_rd_ub4(rd));
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
    case SESSION_STATE:
        (void)ora_rd_ub8(rd);
        break;
    default:
        ora_rd_fail(rd, "a piggyback that this listener does not know");
        break;
    }
}
