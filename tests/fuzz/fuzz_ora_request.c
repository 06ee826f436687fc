/*
 * Property: whatever a client is said to have sent, the decoder's reader of requests takes no step
 * past the end of what is there, and what it has read whole can be taken apart. The first byte is
 * the field version, the second chooses a dialect and, where its highest bit is set, says that the
 * rest is what goes before a function.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ora/decode_request.h"

enum { INPUT_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_apart(const struct ora_dialect *dialect, const struct ora_execute *execute)
{
    struct ora_rd rd = execute->types;
    uint8_t *sql = malloc(execute->sql.length + 1);
    struct ora_column column;

    assert(sql != NULL);
    ora_bytes_copy(&execute->sql, sql);
    free(sql);
    for (uint32_t i = 0; i < execute->define_count + execute->bind_count; i++) {
        ora_bind_read(dialect, &rd, &column);
        if (!ora_rd_is_fine(&rd)) {
            return;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ora_dialect dialect;
    struct ora_execute execute;
    struct ora_rd rd;

    if (size < 3 || size > INPUT_MAX) {
        return 0;
    }
    dialect = (struct ora_dialect){.field_version = data[0] % (ORA_FIELD_VERSION_MAX + 1),
                                   .has_bare_texts = (data[1] & 1) != 0};
    rd = ora_rd_of(data + 3, size - 3);
    if ((data[1] & 0x80) != 0) {
        (void)ora_piggyback_skip(&dialect, data[2], &rd);
        return 0;
    }
    ora_execute_read(&dialect, &rd, &execute);
    if (ora_rd_is_fine(&rd)) {
        take_apart(&dialect, &execute);
    }
    return 0;
}
