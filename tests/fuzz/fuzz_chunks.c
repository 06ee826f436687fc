/*
 * Property: chunks give the same body and the same end however their bytes come, and no more body
 * than there are bytes.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "core/buf.h"
#include "http/framing.h"

enum { BODY_MOST = 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Gives the bytes that were taken. */
static size_t take_in_steps(const char *bytes, size_t size, size_t most, struct buf *body,
                            enum framing_step *ret)
{
    struct framing framing = {.kind = FRAMING_CHUNKED};
    enum framing_step step = FRAMING_MORE;
    size_t taken = 0;

    while (step == FRAMING_MORE && taken < size) {
        const char *at = bytes + taken;
        size_t left = size - taken < most ? size - taken : most;
        const char *piece;
        size_t length;

        while ((step = framing_take(&framing, &at, &left, &piece, &length)) == FRAMING_DATA) {
            assert(length > 0 && piece + length == at);
            buf_add(body, piece, length);
        }
        assert(step != FRAMING_MORE || left == 0);
        taken = (size_t)(at - bytes);
    }
    *ret = step;
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = size == 0 ? "" : (const char *)data;
    static const size_t mosts[] = {SIZE_MAX, 1, 3};
    enum framing_step steps[3];
    size_t taken[3];
    struct buf bodies[3];

    for (size_t i = 0; i < 3; i++) {
        buf_init(&bodies[i], BODY_MOST);
        taken[i] = take_in_steps(bytes, size, mosts[i], &bodies[i], &steps[i]);
        assert(steps[i] == steps[0] && taken[i] == taken[0]);
        assert(bodies[i].length == bodies[0].length && bodies[i].length <= size);
        assert(bodies[i].length == 0 ||
               memcmp(bodies[i].data, bodies[0].data, bodies[i].length) == 0);
    }
    for (size_t i = 0; i < 3; i++) {
        buf_fini(&bodies[i]);
    }
    return 0;
}
