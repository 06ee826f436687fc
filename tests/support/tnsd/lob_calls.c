#include "tests/support/tnsd/lob_calls.h"

#include <string.h>

#include "tests/support/tnsd/execution.h"
#include "tests/support/tnsd/lobs.h"

enum {
    LOB_GET_LENGTH = 0x1,
    LOB_READ = 0x2,
    LOB_TRIM = 0x20,
    LOB_WRITE = 0x40,
    LOB_CREATE = 0x110,
    LOB_FREE = 0x111,
    LOB_GET_CHUNK = 0x4000,
    LOB_OPEN = 0x8000,
    LOB_CLOSE = 0x10000,
    LOB_IS_OPEN = 0x11000,
    CHUNK = 8060,
    CHARSET_UTF8 = 873,
    LOCATOR_MAX = 4096,
    CLOB_TYPE = 112,
};

struct lob_request {
    uint32_t operation;
    uint32_t locator_length;
    const uint8_t *locator;
    uint64_t offset;      /* of what is made: the form of its characters */
    uint64_t destination; /* of what is made: its type */
    bool has_charset;
    bool has_flag;
    bool has_amount;
    uint64_t amount;
    struct ora_bytes data;
};

/* What an amount says comes before the data with some clients, and behind with others. */
static void read_end(struct ora_rd *rd, struct lob_request *ret)
{
    enum { DATA = 14 };

    for (int turn = 0; turn < 2; turn++) {
        if (ret->operation == LOB_WRITE && ora_rd_left(rd) > 0 && *rd->at == DATA) {
            (void)ora_rd_u8(rd);
            ret->data = ora_rd_clr(rd);
        } else if (ret->has_amount && turn == 0) {
            ret->amount = ora_rd_ub8(rd);
        } else if (ret->operation == LOB_WRITE && ret->data.at == NULL) {
            rd->is_short = true;
        }
        if (ret->operation != LOB_WRITE || !ret->has_amount) {
            break;
        }
    }
}

static void read_request(struct ora_rd *rd, struct lob_request *ret)
{
    uint32_t numbers; /* of changes (SCN), which JDBC sends along */

    *ret = (struct lob_request){.operation = 0};
    (void)ora_rd_u8(rd);
    ret->locator_length = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd); /* destination's length */
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    ret->has_charset = ora_rd_u8(rd) != 0;
    (void)ora_rd_u8(rd);
    ret->has_flag = ora_rd_u8(rd) != 0;
    ret->operation = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    numbers = ora_rd_ub4(rd);
    ret->offset = ora_rd_ub8(rd);
    ret->destination = ora_rd_ub8(rd);
    ret->has_amount = ora_rd_u8(rd) != 0;
    (void)ora_rd_raw(rd, 6);
    if (ret->locator_length > LOCATOR_MAX) {
        ora_rd_fail(rd, "a locator that is longer than any");
    }
    ret->locator = ora_rd_raw(rd, ret->locator_length);
    if (ret->has_charset) {
        (void)ora_rd_ub4(rd);
    }
    for (; numbers > 0 && ora_rd_is_fine(rd); numbers--) {
        (void)ora_rd_ub4(rd);
    }
    read_end(rd, ret);
}

static void write_answer(struct tnsd *t, const struct lob_request *request, const uint8_t *locator,
                         bool flag)
{
    struct ora_wr *wr = &t->answer;

    ora_wr_u8(wr, ORA_MSG_PARAMETER);
    ora_wr_raw(wr, locator, LOB_LOCATOR);
    ora_wr_zeros(wr, request->locator_length - LOB_LOCATOR);
    if (request->has_charset) {
        ora_wr_ub(wr, CHARSET_UTF8);
    }
    if (request->has_amount) {
        ora_wr_ub(wr, request->amount);
    }
    if (request->has_flag) {
        ora_wr_u8(wr, flag ? 1 : 0);
        if (flag && t->dialect.has_long_bytes) {
            ora_wr_u8(wr, 1);
        }
    }
    tnsd_write_error(t, 0, NULL, 0, 0);
}

static bool read_lob(struct tnsd *t, struct lob_request *request, const struct lob *lob)
{
    struct ora_wr data;

    ora_wr_init(&data, TNSD_STREAM_MAX);
    request->amount = lob_read(lob, request->offset, request->amount, &data);
    if (data.length > 0) {
        ora_wr_u8(&t->answer, ORA_MSG_LOB_DATA);
        ora_wr_clr(&t->answer, data.data, data.length);
    }
    ora_wr_fini(&data);
    return true;
}

static bool write_lob(struct lob_request *request, struct lob *lob)
{
    struct ora_wr bytes;
    bool ok;

    ora_wr_init(&bytes, TNSD_STREAM_MAX);
    ora_wr_zeros(&bytes, request->data.length);
    ok = !bytes.is_bad && request->data.length > 0;
    if (ok) {
        ora_bytes_copy(&request->data, bytes.data);
        ok = lob_write(lob, request->offset, bytes.data, bytes.length);
    }
    ora_wr_fini(&bytes);
    return ok;
}

/* False: it cannot be done. */
static bool operate(struct tnsd *t, struct lob_request *request, struct lob *lob)
{
    switch (request->operation) {
    case LOB_GET_LENGTH:
        request->amount = lob_length(lob);
        return true;
    case LOB_GET_CHUNK:
        request->amount = CHUNK;
        return true;
    case LOB_READ:
        return read_lob(t, request, lob);
    case LOB_TRIM:
        return lob->is_temporary && lob_trim(lob, request->amount);
    case LOB_WRITE:
        return lob->is_temporary && write_lob(request, lob);
    case LOB_OPEN:
    case LOB_CLOSE:
        lob->is_open = request->operation == LOB_OPEN;
        return true;
    case LOB_IS_OPEN:
        return true;
    case LOB_FREE:
        lob_drop(lob);
        return true;
    default:
        return false;
    }
}

static enum ora_step answer(struct tnsd *t, struct lob_request *request)
{
    uint8_t locator[LOB_LOCATOR];
    struct lob *lob = request->operation == LOB_CREATE
                          ? lobs_add(t->lobs, request->destination == CLOB_TYPE, true, NULL, 0)
                          : lobs_find(t->lobs, request->locator, request->locator_length);
    bool ok;

    if (lob == NULL || request->locator_length < LOB_LOCATOR) {
        ok = execution_error(t, 22275, "invalid LOB locator specified", 0);
        return ok ? ORA_STEP_DONE : ORA_STEP_BAD;
    }
    lob_locator(lob, locator);
    if (request->operation != LOB_CREATE && !operate(t, request, lob)) {
        ok = execution_error(t, 22920, "row containing the LOB value is not locked", 0);
        return ok ? ORA_STEP_DONE : ORA_STEP_BAD;
    }
    write_answer(t, request, locator, lob->is_open);
    return tnsd_send_answer(t) ? ORA_STEP_DONE : ORA_STEP_BAD;
}

enum ora_step lob_call(struct tnsd *t, struct ora_rd *rd)
{
    struct lob_request request;

    read_request(rd, &request);
    if (!ora_rd_is_fine(rd)) {
        return rd->is_short && rd->fault == NULL ? ORA_STEP_MORE : ORA_STEP_BAD;
    }
    return answer(t, &request);
}

void lob_free_piggyback(struct tnsd *t, struct ora_rd *rd)
{
    uint32_t total;
    const uint8_t *locators;

    (void)ora_rd_u8(rd);
    total = ora_rd_ub4(rd);
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_raw(rd, 3);
    (void)ora_rd_ub4(rd); /* operation */
    (void)ora_rd_u8(rd);
    (void)ora_rd_ub4(rd);
    (void)ora_rd_ub8(rd);
    (void)ora_rd_ub8(rd);
    (void)ora_rd_u8(rd);
    for (int i = 0; i < 3; i++) {
        (void)ora_rd_u8(rd);
        (void)ora_rd_ub4(rd);
    }
    locators = ora_rd_raw(rd, total);
    for (uint32_t at = 0; locators != NULL && at + LOB_LOCATOR <= total; at += LOB_LOCATOR) {
        struct lob *lob = lobs_find(t->lobs, locators + at, LOB_LOCATOR);

        if (lob != NULL) {
            lob_drop(lob);
        }
    }
}
