#include "trace/w3c.h"

#include <string.h>

#include "core/rd.h"
#include "core/rng.h"

enum {
    VERSION_INVALID = 0xFF,
    TRACEPARENT_LENGTH = TRACEPARENT_MAX - 1,
    HALF_DIGITS = 16, /* of a trace id, the most that fits 64 bits */
    STATE_MEMBERS_MAX = 32,
    STATE_KEY_MAX = 256,
    STATE_VALUE_MAX = 256,
};

static void put_hex(char *out, uint64_t value, size_t digits)
{
    for (size_t i = digits; i > 0; i--) {
        out[i - 1] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
}

void w3c_format_id(uint64_t id, char out[SPAN_ID_HEX + 1])
{
    put_hex(out, id, SPAN_ID_HEX);
    out[SPAN_ID_HEX] = '\0';
}

void w3c_set_span(struct trace_context *trace, uint64_t id)
{
    trace->span = id;
    w3c_format_id(id, trace->span_id);
}

static void set_trace(struct trace_context *trace, uint64_t high, uint64_t low)
{
    trace->trace_high = high;
    trace->trace_low = low;
    put_hex(trace->trace_id, high, HALF_DIGITS);
    put_hex(trace->trace_id + HALF_DIGITS, low, HALF_DIGITS);
    trace->trace_id[TRACE_ID_HEX] = '\0';
}

static void take_dash(struct rd *rd)
{
    if (!rd_skip_char(rd, '-')) {
        rd->bad = true;
    }
}

bool w3c_parse_traceparent(const char *header, struct trace_context *ret)
{
    struct rd rd;
    uint64_t version;
    uint64_t high;
    uint64_t low;
    uint64_t span;
    uint64_t flags;

    if (header == NULL) {
        return false;
    }
    rd = rd_of(header, strlen(header));
    version = rd_hex(&rd, 2);
    take_dash(&rd);
    high = rd_hex(&rd, HALF_DIGITS);
    low = rd_hex(&rd, HALF_DIGITS);
    take_dash(&rd);
    span = rd_hex(&rd, SPAN_ID_HEX);
    take_dash(&rd);
    flags = rd_hex(&rd, 2);
    /* A later version may go on behind another dash; version 00 ends here. */
    if (rd.bad || version == VERSION_INVALID || (high | low) == 0 || span == 0 ||
        (!rd_at_end(&rd) && (version == 0 || !rd_skip_char(&rd, '-')))) {
        return false;
    }
    *ret = (struct trace_context){.flags = flags & TRACE_FLAGS_KNOWN, .is_remote = true};
    set_trace(ret, high, low);
    w3c_set_span(ret, span);
    return true;
}

bool w3c_is_trace_id(const char *text)
{
    struct rd rd = rd_of(text, strlen(text));
    const uint64_t high = rd_hex(&rd, HALF_DIGITS);
    const uint64_t low = rd_hex(&rd, HALF_DIGITS);

    return rd_at_end(&rd) && (high | low) != 0;
}

static bool is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' ||
           c == '/' || c == '@';
}

/* Sections 3.3.1.3.1 and 3.3.1.3.2, but for the separate limits on the two sides of an '@'. */
static bool is_member(const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t key_length = equals == NULL ? 0 : (size_t)(equals - text);

    if (key_length == 0 || key_length > STATE_KEY_MAX || text[0] == '@' || text[0] == '_' ||
        text[0] == '-' || text[0] == '*' || text[0] == '/' ||
        length - key_length - 1 > STATE_VALUE_MAX || length == key_length + 1) {
        return false;
    }
    for (size_t i = 0; i < key_length; i++) {
        if (!is_key_char(text[i])) {
            return false;
        }
    }
    for (size_t i = key_length + 1; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~' || text[i] == '=') {
            return false;
        }
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_member_list(const char *header, size_t length)
{
    struct rd rd = rd_of(header, length);
    size_t members = 0;

    while (rd_left(&rd) > 0) {
        size_t size;
        const char *member = rd_until(&rd, ',', &size);

        for (; size > 0 && is_blank(member[0]); size--) {
            member++;
        }
        while (size > 0 && is_blank(member[size - 1])) {
            size--;
        }
        if (size == 0) {
            continue; /* empty members are allowed and count for nothing */
        }
        if (++members > STATE_MEMBERS_MAX || !is_member(member, size)) {
            return false;
        }
    }
    return members > 0;
}

void w3c_set_tracestate(struct trace_context *trace, const char *header)
{
    size_t length = header == NULL ? 0 : strnlen(header, TRACESTATE_MAX);

    if (length >= TRACESTATE_MAX || !is_member_list(header, length)) {
        length = 0;
    }
    if (length > 0) {
        memcpy(trace->tracestate, header, length);
    }
    trace->tracestate[length] = '\0';
}

uint64_t w3c_new_id(void)
{
    uint64_t id;

    do {
        id = rng_fast();
    } while (id == 0);
    return id;
}

void w3c_new_trace(struct trace_context *trace)
{
    const uint64_t high = w3c_new_id();

    set_trace(trace, high, w3c_new_id());
    w3c_set_span(trace, w3c_new_id());
    trace->flags = TRACE_FLAGS_KNOWN; /* all of the id is drawn at random */
    trace->is_remote = false;
    trace->tracestate[0] = '\0';
}

void w3c_format_traceparent(const struct trace_context *trace, char out[TRACEPARENT_MAX])
{
    char *at = out;

    put_hex(at, 0, 2); /* the version */
    at += 2;
    *at++ = '-';
    memcpy(at, trace->trace_id, TRACE_ID_HEX);
    at += TRACE_ID_HEX;
    *at++ = '-';
    memcpy(at, trace->span_id, SPAN_ID_HEX);
    at += SPAN_ID_HEX;
    *at++ = '-';
    put_hex(at, trace->flags & TRACE_FLAGS_KNOWN, 2);
    out[TRACEPARENT_LENGTH] = '\0';
}
