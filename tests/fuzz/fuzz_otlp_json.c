/*
 * Property: a message that is read from JSON and written as protobuf is written as JSON of which
 * the protobuf is the same, whatever its bytes.
 * Input: a byte that chooses the message, then its text.
 */
#include <assert.h>
#include <string.h>

#include "otlp/visit.h"

enum { FACTOR = 16, ROOM = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct otlp_message *const MESSAGES[] = {&otlp_traces, &otlp_metrics, &otlp_logs,
                                                      &otlp_traces_answer};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct otlp_message *message;
    struct buf json;
    struct buf protobuf;
    struct buf again;
    struct err err;

    if (size == 0) {
        return 0;
    }
    message = MESSAGES[data[0] % (sizeof(MESSAGES) / sizeof(MESSAGES[0]))];
    buf_init(&protobuf, FACTOR * size + ROOM);
    buf_init(&json, FACTOR * size + ROOM);
    buf_init(&again, FACTOR * size + ROOM);
    if (otlp_to_protobuf(message, (const char *)data + 1, size - 1, &protobuf, &err)) {
        assert(otlp_to_json(message, protobuf.data, protobuf.length, &json, &err));
        assert(otlp_to_protobuf(message, json.data, json.length, &again, &err));
        assert(again.length == protobuf.length &&
               (again.length == 0 || memcmp(again.data, protobuf.data, again.length) == 0));
    } else {
        assert(err.code == ERR_MALFORMED && err.field[0] != '\0');
    }
    buf_fini(&json);
    buf_fini(&protobuf);
    buf_fini(&again);
    return 0;
}
