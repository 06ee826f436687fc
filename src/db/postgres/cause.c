/*
 * Why no session came about. libpq tries one address after another and its message has a part for
 * each: of a name with two addresses the first may have nothing that listens, while the second
 * shows a certificate that has expired. What counts is the address that got furthest, and of those
 * that got equally far the last, with which libpq gave up.
 */
#include <stdio.h>
#include <string.h>

#include "db/postgres/postgres_priv.h"

/* How far an attempt got, in order. */
enum reach {
    REACH_NAME,      /* the name has no address */
    REACH_NOTHING,   /* nobody listens there */
    REACH_CONNECTED, /* something listens: no TLS, a certificate that is not trusted, a hang-up */
    REACH_REFUSED,   /* the server turned us away before it asked who we are */
    REACH_ANSWERED,  /* the server had its say */
    REACH_SIGNED_IN, /* it is not of the kind that target_session_attrs asks for */
};

static const char PREAMBLE[] = "connection to server ";
static const char FAILED[] = " failed: ";

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool has(const char *part, size_t length, const char *words)
{
    return memmem(part, length, words, strlen(words)) != NULL;
}

/* Other lines are hints, or more of what a server said. */
static bool begins_attempt(const char *line)
{
    return begins_with(line, PREAMBLE) || begins_with(line, "could not translate host name ") ||
           begins_with(line, "could not parse network address ");
}

/* The length of the part of the message that tells of the attempt that begins here. */
static size_t attempt_length(const char *message)
{
    size_t length = strcspn(message, "\n");

    while (message[length] != '\0' && !begins_attempt(message + length + 1)) {
        length += 1 + strcspn(message + length + 1, "\n");
    }
    return length;
}

/* Finds "FATAL:  28P01: " in a verbose message. NULL: the server said nothing. */
static const char *state_in(const char *part, size_t length)
{
    for (size_t i = 0; i + 9 <= length; i++) {
        if (memcmp(part + i, ":  ", 3) == 0 && part[i + 8] == ':' &&
            strspn(part + i + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5) {
            return part + i + 3;
        }
    }
    return NULL;
}

/* libpq adds the same question to whatever keeps it from being connected. */
static enum reach reach_of(const char *part, size_t length)
{
    if (!begins_with(part, PREAMBLE)) {
        return REACH_NAME;
    }
    if (has(part, length, "\n\tIs the server running ")) {
        return REACH_NOTHING;
    }
    if (state_in(part, length) != NULL) {
        return has(part, length, "pg_hba.conf") ? REACH_REFUSED : REACH_ANSWERED;
    }
    return has(part, length, " failed: session is ") || has(part, length, " failed: server is ")
               ? REACH_SIGNED_IN
               : REACH_CONNECTED;
}

static const char *furthest_attempt(const char *message, size_t *ret_length)
{
    const char *found = message;
    enum reach furthest = REACH_NAME;

    for (const char *part = message;;) {
        size_t length = attempt_length(part);
        enum reach reach = reach_of(part, length);

        if (reach >= furthest) {
            furthest = reach;
            found = part;
            *ret_length = length;
        }
        if (part[length] == '\0') {
            return found;
        }
        part += length + 1;
    }
}

/* 'at "localhost" (127.0.0.1), port 5432' and 'on socket "/run/.s.PGSQL.5432"' without the first
 * words and the quotes; what is neither is `host`. Returns where the cause begins. */
static const char *read_where(const char *part, size_t length, const char *host,
                              struct pg_cause *out)
{
    const char *quote = begins_with(part, PREAMBLE) ? memchr(part, '"', length) : NULL;
    const char *end =
        quote != NULL ? memchr(quote + 1, '"', length - (size_t)(quote - part) - 1) : NULL;
    const char *failed =
        end != NULL ? memmem(end, length - (size_t)(end - part), FAILED, sizeof(FAILED) - 1) : NULL;

    if (failed == NULL) {
        (void)snprintf(out->where, sizeof(out->where), "%s", host);
        return part;
    }
    (void)snprintf(out->where, sizeof(out->where), "%.*s%.*s", (int)(end - quote - 1), quote + 1,
                   (int)(failed - end - 1), end + 1);
    return failed + sizeof(FAILED) - 1;
}

void pg_cause_find(const char *message, const char *host, struct pg_cause *out)
{
    size_t length = 0;
    const char *part = furthest_attempt(message, &length);
    const char *state = state_in(part, length);
    const char *text = read_where(part, length, host, out);

    if (state != NULL) {
        memcpy(out->state, state, 5);
        text = state + 5 + strspn(state + 5, ": ");
    }
    out->state[state != NULL ? 5 : 0] = '\0';
    (void)snprintf(out->text, sizeof(out->text), "%.*s", (int)strcspn(text, "\n"), text);
}
