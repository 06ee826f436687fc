/*
 * Property: a message that is read from protobuf and written as JSON is read back from there to the
 * same JSON, whatever its bytes.
 * Input: a byte that chooses the message, then the message.
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
    /* A message of two bytes may be a member of forty in JSON. */
    buf_init(&json, FACTOR * FACTOR * size + ROOM);
    buf_init(&protobuf, FACTOR * size + ROOM);
    buf_init(&again, FACTOR * FACTOR * size + ROOM);
    if (otlp_to_json(message, data + 1, size - 1, &json, &err)) {
        assert(otlp_to_protobuf(message, json.data, json.length, &protobuf, &err));
        assert(otlp_to_json(message, protobuf.data, protobuf.length, &again, &err));
        assert(again.length == json.length && memcmp(again.data, json.data, json.length) == 0);
    } else {
        assert(err.code == ERR_MALFORMED && err.field[0] != '\0');
    }
    buf_fini(&json);
    buf_fini(&protobuf);
    buf_fini(&again);
    return 0;
}
