#include "ora/proxy.h"

#include <stdio.h>
#include <string.h>

#include "ora/fault.h"

enum { HEAD_MAX = 8192, REQUEST_ROOM = 1024, STATUS_AT = 9 };

/* Up to the empty line and not a byte further: what follows is the server's. */
static enum ora_waited read_head(struct ora_link *link, char ret[HEAD_MAX + 1], size_t *ret_length)
{
    size_t length = 0;

    while (length < HEAD_MAX && (length < 4 || memcmp(ret + length - 4, "\r\n\r\n", 4) != 0)) {
        size_t count = 0;
        const enum ora_waited waited = ora_link_read(link, (uint8_t *)ret + length, 1, &count);

        if (waited != ORA_WAITED_DONE) {
            return waited;
        }
        length += count;
    }
    ret[length] = '\0';
    *ret_length = length;
    return ORA_WAITED_DONE;
}

bool ora_proxy_ask(struct ora_link *link, const char *host, const char *port,
                   struct octo_ora_error *error)
{
    const char *brackets = strchr(host, ':') != NULL ? "[]" : "";
    char request[REQUEST_ROOM];
    char head[HEAD_MAX + 1];
    size_t length = 0;
    enum ora_waited waited;

    (void)snprintf(request, sizeof(request),
                   "CONNECT %.1s%s%s:%s HTTP/1.1\r\nHost: %.1s%s%s:%s\r\n\r\n", brackets, host,
                   brackets[0] != '\0' ? brackets + 1 : "", port, brackets, host,
                   brackets[0] != '\0' ? brackets + 1 : "", port);
    waited = ora_link_write(link, (const uint8_t *)request, strlen(request));
    if (waited == ORA_WAITED_DONE) {
        waited = read_head(link, head, &length);
    }
    if (waited != ORA_WAITED_DONE) {
        return ora_fault(error, OCTO_ORA_CONNECT, "the proxy %s",
                         waited == ORA_WAITED_TOO_LONG ? "does not answer in time"
                                                       : "ended the connection");
    }
    if (length < STATUS_AT + 3 || memcmp(head, "HTTP/1.", 7) != 0) {
        return ora_fault(error, OCTO_ORA_CONNECT, "the proxy does not answer as one of HTTP does");
    }
    head[strcspn(head, "\r\n")] = '\0';
    return head[STATUS_AT] == '2' ||
           ora_fault(error, OCTO_ORA_CONNECT, "the proxy refuses: %.100s", head + STATUS_AT);
}
