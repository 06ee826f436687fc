#include "ora/names.h"

#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "ora/fault.h"

enum { PORT_MAX = 65535, PASSWD_ROOM = 1024 };

static bool bad_dsn(const char *dsn, const char *at, const char *what, struct octo_ora_error *error)
{
    return ora_fault(error, OCTO_ORA_USAGE,
                     "the data source name: character %zu: %s; it is written "
                     "[tcps://]HOST[:PORT]/SERVICE",
                     (size_t)(at - dsn) + 1, what);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

static const char *parse_protocol(const char *dsn, struct ora_place *ret)
{
    ret->is_tls = strncasecmp(dsn, "tcps://", 7) == 0;
    if (ret->is_tls) {
        return dsn + 7;
    }
    return strncasecmp(dsn, "tcp://", 6) == 0 ? dsn + 6 : dsn;
}

/* Of an IPv6 address in brackets what is between them. */
static const char *parse_host(const char *dsn, struct ora_place *ret, struct octo_ora_error *error)
{
    const char *begin = parse_protocol(dsn, ret);
    const bool is_bracketed = *begin == '[';
    const char *start = is_bracketed ? begin + 1 : begin;
    const char *at = start;

    while (is_bracketed ? isxdigit((unsigned char)*at) || *at == ':' || *at == '.'
                        : is_name_char(*at)) {
        at++;
    }
    if (at == start || (size_t)(at - start) > ORA_HOST_MAX) {
        (void)bad_dsn(dsn, start,
                      at == start ? "there is no host" : "a host of over 255 characters", error);
        return NULL;
    }
    if (is_bracketed && *at != ']') {
        (void)bad_dsn(dsn, at, "the bracket of the address is not closed", error);
        return NULL;
    }
    memcpy(ret->host, start, (size_t)(at - start));
    ret->host[at - start] = '\0';
    return is_bracketed ? at + 1 : at;
}

static const char *parse_port(const char *dsn, const char *at, struct ora_place *ret,
                              struct octo_ora_error *error)
{
    unsigned long port = ORA_PORT_DEFAULT;
    char *end = NULL;

    if (*at == ':') {
        at++;
        port = isdigit((unsigned char)*at) ? strtoul(at, &end, 10) : 0;
        if (port == 0 || port > PORT_MAX) {
            (void)bad_dsn(dsn, at, "a port is a number from 1 to 65535", error);
            return NULL;
        }
        at = end;
    }
    (void)snprintf(ret->port, sizeof(ret->port), "%lu", port);
    return at;
}

bool ora_place_parse(const char *dsn, struct ora_place *ret, struct octo_ora_error *error)
{
    const char *at = parse_host(dsn, ret, error);
    size_t length = 0;

    at = at == NULL ? NULL : parse_port(dsn, at, ret, error);
    if (at == NULL) {
        return false;
    }
    if (*at != '/') {
        return bad_dsn(dsn, at, "expected '/' and the service", error);
    }
    at++;
    while (is_name_char(at[length]) || at[length] == '$' || at[length] == '#') {
        length++;
    }
    if (length == 0 || at[length] != '\0' || length > ORA_SERVICE_MAX) {
        return bad_dsn(dsn, at + length,
                       length == 0                ? "there is no service"
                       : length > ORA_SERVICE_MAX ? "a service of over 255 characters"
                                                  : "a service has letters, digits and . - _ $ #",
                       error);
    }
    memcpy(ret->service, at, length + 1);
    return true;
}

/* Brackets, equals signs and quotes would end what they stand in. */
static void keep_harmless(char *text)
{
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && strchr("<>/\\,.:;-_$+*#&!%@", *text) == NULL) {
            *text = '?';
        }
    }
}

void ora_who_am_i(const char *program, struct ora_who *ret)
{
    char room[PASSWD_ROOM];
    struct passwd passwd;
    struct passwd *found = NULL;

    (void)snprintf(ret->program, sizeof(ret->program), "%s",
                   program != NULL ? program : "octo-ora");
    if (gethostname(ret->machine, sizeof(ret->machine)) != 0) {
        ret->machine[0] = '\0';
    }
    ret->machine[ORA_WHO_MAX] = '\0';
    if (getpwuid_r(getuid(), &passwd, room, sizeof(room), &found) != 0) {
        found = NULL;
    }
    (void)snprintf(ret->user, sizeof(ret->user), "%s", found != NULL ? found->pw_name : "unknown");
    keep_harmless(ret->program);
    keep_harmless(ret->machine);
    keep_harmless(ret->user);
}

static void put(struct ora_wr *wr, const char *text)
{
    ora_wr_raw(wr, text, strlen(text));
}

static void put_pair(struct ora_wr *wr, const char *name, const char *value)
{
    put(wr, "(");
    put(wr, name);
    put(wr, "=");
    put(wr, value);
    put(wr, ")");
}

void ora_descriptor_write(struct ora_wr *wr, const struct ora_place *place,
                          const struct ora_who *who, const char *id)
{
    put(wr, "(DESCRIPTION=(ADDRESS=");
    put_pair(wr, "PROTOCOL", place->is_tls ? "tcps" : "tcp");
    put_pair(wr, "HOST", place->host);
    put_pair(wr, "PORT", place->port);
    put(wr, ")(CONNECT_DATA=");
    put_pair(wr, "SERVICE_NAME", place->service);
    put(wr, "(CID=");
    put_pair(wr, "PROGRAM", who->program);
    put_pair(wr, "HOST", who->machine);
    put_pair(wr, "USER", who->user);
    put(wr, ")");
    put_pair(wr, "CONNECTION_ID", id);
    put(wr, "))");
}
