/*
 * Property: a traceparent that parses is written back as a version 00 header of the same ids and
 * flag, and that header parses to the same context. What is kept
 * of a tracestate is kept unchanged when it comes again.
 * Input: the traceparent, then a line end and the tracestate.
 */
#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "trace/w3c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { IDS_AT = 3, FLAGS_AT = 53 };

static void check_traceparent(const char *header)
{
    struct trace_context trace;
    struct trace_context again;
    char written[TRACEPARENT_MAX];

    if (!w3c_parse_traceparent(header, &trace)) {
        return;
    }
    w3c_format_traceparent(&trace, written);
    assert(strlen(written) == TRACEPARENT_MAX - 1);
    assert(memcmp(written, "00-", IDS_AT) == 0);
    assert(memcmp(written + IDS_AT, header + IDS_AT, FLAGS_AT - IDS_AT) == 0);
    assert(trace.flags == (strtoul(written + FLAGS_AT, NULL, 16) & TRACE_FLAGS_KNOWN));
    assert(w3c_parse_traceparent(written, &again));
    assert(memcmp(&trace, &again, sizeof(trace)) == 0);
}

static void check_tracestate(const char *header)
{
    struct trace_context trace = {.flags = 0};
    struct trace_context again = {.flags = 0};

    w3c_set_tracestate(&trace, header);
    assert(strlen(trace.tracestate) < TRACESTATE_MAX && strlen(trace.tracestate) <= strlen(header));
    assert(strpbrk(trace.tracestate, "\r\n\t") == NULL && strstr(trace.tracestate, ",,") == NULL);
    w3c_set_tracestate(&again, trace.tracestate);
    assert(strcmp(again.tracestate, trace.tracestate) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);
    char *state;

    if (size > 0) {
        memcpy(text, data, size);
    }
    state = strchr(text, '\n');
    if (state != NULL) {
        *state++ = '\0';
        check_tracestate(state);
    }
    check_traceparent(text);
    free(text);
    return 0;
}
