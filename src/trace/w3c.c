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
    STATE_LONG_MEMBER = 128, /* longer ones are left out first where not all fit */
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

/* Sections 3.3.1.3.1 and 3.3.1.3.2 of level 2, in which an '@' is a character like others; a list
 * that level 1 allows is one here too. */
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

/* --- the list of tracestate --- */

/* A member as it stands in the header, without the blanks around it. */
struct state_member {
    const char *text;
    size_t length;
    size_t key_length;
};

struct state_list {
    struct state_member members[STATE_MEMBERS_MAX];
    size_t count;
    size_t length; /* of all of them, written with a comma between each two */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool has_key_of(const struct state_list *list, const struct state_member *member)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->members[i].key_length == member->key_length &&
            memcmp(list->members[i].text, member->text, member->key_length) == 0) {
            return true;
        }
    }
    return false;
}

static bool list_add(struct state_list *list, const char *text, size_t length)
{
    struct state_member member = {.text = text, .length = length};

    if (list->count == STATE_MEMBERS_MAX || !is_member(text, length)) {
        return false;
    }
    member.key_length = (size_t)((const char *)memchr(text, '=', length) - text);
    if (has_key_of(list, &member)) {
        return false;
    }
    list->length += length + (list->count > 0);
    list->members[list->count++] = member;
    return true;
}

/* False where anything in it is no member: what cannot be read as a whole is not passed on. */
static bool list_read(struct state_list *list, const char *header)
{
    struct rd rd = rd_of(header, strlen(header));

    while (rd_left(&rd) > 0) {
        size_t size;
        const char *member = rd_until(&rd, ',', &size);

        for (; size > 0 && is_blank(member[0]); size--) {
            member++;
        }
        while (size > 0 && is_blank(member[size - 1])) {
            size--;
        }
        /* Empty members are allowed and count for nothing (section 3.3.1.1). */
        if (size > 0 && !list_add(list, member, size)) {
            return false;
        }
    }
    return true;
}

static void list_drop(struct state_list *list, size_t at)
{
    list->length -= list->members[at].length + (list->count > 1);
    list->count--;
    memmove(&list->members[at], &list->members[at + 1],
            (list->count - at) * sizeof(list->members[0]));
}

/* Section 3.3.1.5: whole members go until the rest fits, the long ones first, each time from the
 * end. */
static void list_cut(struct state_list *list)
{
    for (size_t i = list->count; i > 0 && list->length >= TRACESTATE_MAX; i--) {
        if (list->members[i - 1].length > STATE_LONG_MEMBER) {
            list_drop(list, i - 1);
        }
    }
    while (list->length >= TRACESTATE_MAX) {
        list_drop(list, list->count - 1);
    }
}

void w3c_set_tracestate(struct trace_context *trace, const char *header)
{
    struct state_list list = {.count = 0};
    char *at = trace->tracestate;

    if (header != NULL && list_read(&list, header)) {
        list_cut(&list);
        for (size_t i = 0; i < list.count; i++) {
            if (i > 0) {
                *at++ = ',';
            }
            memcpy(at, list.members[i].text, list.members[i].length);
            at += list.members[i].length;
        }
    }
    *at = '\0';
}

/* --- new ids --- */

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
