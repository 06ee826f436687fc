#include "ora/decode_request.h"

enum {
    OPTION_BIND = 0x8,
    OPTION_DEFINE = 0x10,
    OPTION_BLOCK_BINDS = 0x400,
    PARAMETERS = 13, /* al8i4 */
    BINDS_MAX = 65535,
    CLOSE_CURSORS = 105,
    CANCEL_CURSORS = 120,
    END_TO_END = 135,
    SET_SCHEMA = 152,
    SESSION_STATE = 176,
    LOB_OPERATION = 96,
    TAGS = 6,
    LOB_PREFETCH = 0x2000000,
};

static void skip_bare(const struct ora_dialect *dialect, struct ora_rd *rd, uint32_t length)
{
    if (dialect->has_bare_texts) {
        (void)ora_rd_raw(rd, length);
    } else if (length > 0) {
        (void)ora_rd_clr(rd);
    }
}

/* Client identifier, module, action, execution context, client info and operation, with pairs
 * before some of them that nobody uses; then the texts of those that have one. */
static void skip_tags(const struct ora_dialect *dialect, struct ora_rd *rd)
{
    static const uint8_t unused[TAGS] = {0, 0, 0, 0, 1, 2};
    uint32_t lengths[TAGS];

    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_ub4(rd);
    for (int i = 0; i < TAGS; i++) {
        for (int j = 0; j < unused[i]; j++) {
            (void)ora_rd_u8(rd);
            (void)ora_rd_ub4(rd);
        }
        (void)ora_rd_u8(rd);
        lengths[i] = ora_rd_ub4(rd);
    }
    for (int i = 0; i < TAGS; i++) {
        skip_bare(dialect, rd, lengths[i]);
    }
}

/* Locators one behind the other, and how many bytes they have at the beginning. */
static void skip_release(struct ora_rd *rd)
{
    uint32_t length;

    (void)ora_rd_u8(rd);
    length = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd); /* destination */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* short offsets */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 3);
    (void)ora_rd_ub4(rd); /* operation */
    (void)ora_rd_raw(rd, 2);
    (void)ora_rd_ub8(rd); /* offsets */
    (void)ora_rd_ub8(rd);
    (void)ora_rd_raw(rd, 7);
    (void)ora_rd_raw(rd, length);
}

bool ora_piggyback_skip(const struct ora_dialect *dialect, uint8_t function, struct ora_rd *rd)
{
    switch (function) {
    case CLOSE_CURSORS:
    case CANCEL_CURSORS:
        (void)ora_rd_u8(rd);
        for (uint32_t left = ora_rd_ub4(rd); left > 0 && ora_rd_is_fine(rd); left--) {
            (void)ora_rd_ub4(rd);
        }
        break;
    case END_TO_END:
        skip_tags(dialect, rd);
        break;
    case LOB_OPERATION:
        skip_release(rd);
        break;
    case SET_SCHEMA:
        (void)ora_rd_u8(rd);
        skip_bare(dialect, rd, ora_rd_ub4(rd));
        break;
    case SESSION_STATE:
        (void)ora_rd_ub8(rd);
        break;
    default:
        return false;
    }
    return ora_rd_is_fine(rd);
}

void ora_bind_read(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_column *ret)
{
    uint64_t flags;

    *ret = (struct ora_column){.type = ora_rd_u8(rd)};
    (void)ora_rd_raw(rd, 3); /* flags, precision, scale */
    ret->size = ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* elements */
    flags = ora_rd_ub8(rd);
    (void)ora_rd_text(rd); /* an object's type, and its version */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub2(rd); /* character set */
    ret->charset_form = ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* of a LOB: bytes that come along */
    ret->has_size = (flags & LOB_PREFETCH) != 0;
    if (dialect->field_version >= ORA_FV_12_2) {
        (void)ora_rd_ub4(rd); /* collation */
    }
}

/* Pointers and lengths of what hardly anybody sends, up to the text. */
static void skip_pointers(const struct ora_dialect *dialect, struct ora_rd *rd,
                          struct ora_execute *ret)
{
    (void)ora_rd_ub4(rd);    /* registration */
    (void)ora_rd_raw(rd, 3); /* al8objlist, al8objlen, al8blv */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd); /* al8dnam */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* registration */
    ret->has_row_counts = ora_rd_u8(rd) != 0;
    (void)ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    if (dialect->field_version >= ORA_FV_12_2) {
        (void)ora_rd_u8(rd); /* signature, SQL_ID */
        (void)ora_rd_ub4(rd);
        (void)ora_rd_u8(rd);
        (void)ora_rd_ub4(rd);
        (void)ora_rd_u8(rd);
    }
    if (dialect->field_version >= ORA_FV_12_2_EXT) {
        (void)ora_rd_u8(rd); /* chunks */
        (void)ora_rd_ub4(rd);
    }
}

void ora_execute_read(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_execute *ret)
{
    const uint32_t options = ora_rd_ub4(rd);
    uint32_t length;
    bool has_sql;

    *ret = (struct ora_execute){.is_block = (options & OPTION_BLOCK_BINDS) != 0};
    ret->cursor = ora_rd_ub4(rd);
    has_sql = ora_rd_u8(rd) != 0;
    length = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd); /* al8i4 */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 2); /* al8o4 */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd); /* rows */
    (void)ora_rd_ub4(rd); /* longest LONG */
    (void)ora_rd_u8(rd);
    ret->bind_count = ora_rd_count(rd, BINDS_MAX, "more binds than there can be");
    (void)ora_rd_raw(rd, 5); /* al8app to al8kvl */
    (void)ora_rd_u8(rd);
    ret->define_count = ora_rd_count(rd, ORA_COLUMNS_MAX, "more columns than there can be");
    skip_pointers(dialect, rd, ret);
    ret->sql = (struct ora_bytes){.at = rd->at, .is_null = true};
    if (has_sql && dialect->has_bare_texts) {
        ret->sql = (struct ora_bytes){.at = ora_rd_raw(rd, length), .length = length};
    } else if (has_sql) {
        ret->sql = ora_rd_clr(rd);
    }
    for (int i = 0; i < PARAMETERS; i++) {
        (void)ora_rd_ub4(rd);
    }
    ret->define_count = (options & OPTION_DEFINE) != 0 ? ret->define_count : 0;
    ret->bind_count = (options & OPTION_BIND) != 0 ? ret->bind_count : 0;
    ret->types = *rd;
}
