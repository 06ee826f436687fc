#include "http/status.h"

#include <stddef.h>

#define AS_IT_IS "As it is it will be refused again: change what the message names."
#define IN_A_MOMENT "It may be over in a moment."
#define NOT_YOURS                                                                                  \
    "This is not your fault. Try again in a while; if it stays so, report it with the trace id."

struct status {
    int code;
    const char *phrase;
    const char *advice;
};

static const struct status STATUSES[] = {
    {200, "OK", NULL},
    {201, "Created", NULL},
    {202, "Accepted", NULL},
    {204, "No Content", NULL},
    {206, "Partial Content", NULL},
    {303, "See Other", NULL},
    {304, "Not Modified", NULL},
    {400, "Bad Request", AS_IT_IS},
    {401, "Unauthorized", "Sign in, then come back. The start page says how."},
    {403, "Forbidden", "Sign in as somebody who may, or ask an administrator for the role."},
    {404, "Not Found", "Look for a slip in the address, or begin at the start page."},
    {405, "Method Not Allowed", "The API document says what this address can do."},
    {408, "Request Timeout", IN_A_MOMENT},
    {409, "Conflict", "Look at what is there now, then decide whether to try again."},
    {410, "Gone", "It will not come back: begin at the start page."},
    {412, "Precondition Failed", "Look at what is there now, and change that."},
    {413, "Content Too Large", "Send less at once."},
    {414, "URI Too Long", "Ask for less at once, or begin at the start page."},
    {415, "Unsupported Media Type", "The API document says what this address takes."},
    {416, "Range Not Satisfiable", "Ask for the whole file."},
    {417, "Expectation Failed", AS_IT_IS},
    {422, "Unprocessable Content", AS_IT_IS},
    {428, "Precondition Required", "Look at what is there now, and change that."},
    {429, "Too Many Requests", IN_A_MOMENT},
    {431, "Request Header Fields Too Large",
     "Too many or too long cookies are the usual reason: delete those of this site."},
    {500, "Internal Server Error", NOT_YOURS},
    {501, "Not Implemented", "Whoever runs this service has not set it up."},
    {502, "Bad Gateway", NOT_YOURS},
    {503, "Service Unavailable", IN_A_MOMENT},
    {505, "HTTP Version Not Supported", AS_IT_IS},
};

static const struct status *status_of(int code)
{
    static const struct status other = {0, "Error", NOT_YOURS};

    for (size_t i = 0; i < sizeof(STATUSES) / sizeof(STATUSES[0]); i++) {
        if (STATUSES[i].code == code) {
            return &STATUSES[i];
        }
    }
    return &other;
}

const char *status_phrase(int status)
{
    return status_of(status)->phrase;
}

const char *status_advice(int status)
{
    return status_of(status)->advice;
}
