#include "ora/dn.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Names that mean the same. */
static const struct alias {
    const char *name;
    const char *type;
} aliases[] = {
    {"commonName", "CN"},
    {"countryName", "C"},
    {"localityName", "L"},
    {"S", "ST"},
    {"stateOrProvinceName", "ST"},
    {"organizationName", "O"},
    {"organizationalUnitName", "OU"},
    {"streetAddress", "STREET"},
    {"domainComponent", "DC"},
    {"userId", "UID"},
    {"E", "EMAILADDRESS"},
    {"email", "EMAILADDRESS"},
    {"surname", "SN"},
    {"givenName", "GN"},
    {"2.5.4.3", "CN"},
    {"2.5.4.6", "C"},
    {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"},
    {"2.5.4.9", "STREET"},
    {"2.5.4.10", "O"},
    {"2.5.4.11", "OU"},
    {"1.2.840.113549.1.9.1", "EMAILADDRESS"},
    {"0.9.2342.19200300.100.1.25", "DC"},
};

static void canonize(struct ora_slice type, char ret[ORA_DN_TYPE_MAX + 1])
{
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (ora_slice_is(type, aliases[i].name)) {
            (void)snprintf(ret, ORA_DN_TYPE_MAX + 1, "%s", aliases[i].type);
            return;
        }
    }
    for (size_t i = 0; i < type.length; i++) {
        ret[i] = (char)toupper((unsigned char)type.at[i]);
    }
    ret[type.length] = '\0';
}

bool ora_dn_add(struct ora_dn *dn, struct ora_slice type, struct ora_slice value)
{
    struct ora_dn_attribute *attribute = &dn->attributes[dn->count];

    if (dn->count == ORA_DN_MAX || type.length > ORA_DN_TYPE_MAX ||
        (value.length > 0 && memchr(value.at, 0, value.length) != NULL) ||
        !ora_slice_copy(value, attribute->value, sizeof(attribute->value))) {
        return false;
    }
    canonize(type, attribute->type);
    dn->count++;
    return true;
}

/* --- reading --- */

struct reading {
    const char *at;
    const char *end;
    char value[ORA_DN_VALUE_MAX + 1];
    size_t length;
    size_t kept; /* bytes of it that are no blanks at its end */
    const char *fault;
};

static bool fail(struct reading *r, const char *fault)
{
    r->fault = fault;
    return false;
}

static bool put(struct reading *r, char c, bool is_kept)
{
    if (r->length == ORA_DN_VALUE_MAX) {
        return fail(r, "a value of too many characters");
    }
    r->value[r->length++] = c;
    r->kept = is_kept ? r->length : r->kept;
    return true;
}

static int digit(char c)
{
    const char lower = (char)tolower((unsigned char)c);

    return isdigit((unsigned char)c)        ? c - '0'
           : isxdigit((unsigned char)lower) ? lower - 'a' + 10
                                            : -1;
}

/* Behind a backslash: two digits of a byte, or a character as it is. */
static bool read_escaped(struct reading *r)
{
    r->at++;
    if (r->at == r->end) {
        return fail(r, "nothing behind the backslash");
    }
    if (r->end - r->at >= 2 && digit(r->at[0]) >= 0 && digit(r->at[1]) >= 0) {
        const int byte = digit(r->at[0]) * 16 + digit(r->at[1]);

        r->at += 2;
        return byte != 0 ? put(r, (char)byte, true) : fail(r, "a NUL in a value");
    }
    return put(r, *r->at++, true);
}

static bool read_quoted(struct reading *r)
{
    r->at++;
    while (r->at < r->end && *r->at != '"') {
        if (!(*r->at == '\\' ? read_escaped(r) : put(r, *r->at++, true))) {
            return false;
        }
    }
    if (r->at == r->end) {
        return fail(r, "the quotes are not closed");
    }
    r->at++;
    return true;
}

static void skip_blanks(struct reading *r)
{
    while (r->at < r->end && isspace((unsigned char)*r->at)) {
        r->at++;
    }
}

static bool ends_value(const struct reading *r)
{
    return r->at == r->end || (*r->at != '\0' && strchr(",+;", *r->at) != NULL);
}

static bool read_value(struct reading *r)
{
    r->length = 0;
    r->kept = 0;
    skip_blanks(r);
    if (r->at < r->end && *r->at == '"') {
        if (!read_quoted(r)) {
            return false;
        }
        skip_blanks(r);
        return ends_value(r) || fail(r, "expected a comma behind the quotes");
    }
    while (!ends_value(r)) {
        if (!(*r->at == '\\' ? read_escaped(r)
                             : put(r, *r->at, !isspace((unsigned char)*r->at)) && ++r->at)) {
            return false;
        }
    }
    return true;
}

static bool read_type(struct reading *r, struct ora_slice *ret)
{
    skip_blanks(r);
    ret->at = r->at;
    while (r->at < r->end && (isalnum((unsigned char)*r->at) || *r->at == '.' || *r->at == '-')) {
        r->at++;
    }
    ret->length = (size_t)(r->at - ret->at);
    skip_blanks(r);
    if (ret->length == 0 || ret->length > ORA_DN_TYPE_MAX || r->at == r->end || *r->at != '=') {
        return fail(r, "expected NAME=VALUE, as in CN=db.example.org,O=Example");
    }
    r->at++;
    return true;
}

const char *ora_dn_read(struct ora_slice text, struct ora_dn *ret, const char **ret_at)
{
    struct reading r = {.at = text.at, .end = text.at + text.length};
    struct ora_slice type;

    ret->count = 0;
    do {
        r.at += ret->count > 0 ? 1 : 0; /* over the comma */
        if (!read_type(&r, &type) || !read_value(&r)) {
            *ret_at = r.at;
            return r.fault;
        }
        if (!ora_dn_add(ret, type, (struct ora_slice){.at = r.value, .length = r.kept})) {
            *ret_at = type.at;
            return "more attributes than a name has, or a NUL in one";
        }
    } while (r.at < r.end);
    return NULL;
}

/* --- comparing --- */

static const char *skip(const char *at)
{
    while (isspace((unsigned char)*at)) {
        at++;
    }
    return at;
}

static bool is_same_value(const char *a, const char *b)
{
    a = skip(a);
    b = skip(b);
    while (*a != '\0' && *b != '\0') {
        if (isspace((unsigned char)*a) && isspace((unsigned char)*b)) {
            a = skip(a);
            b = skip(b);
        } else if (tolower((unsigned char)*a) == tolower((unsigned char)*b)) {
            a++;
            b++;
        } else {
            return false;
        }
    }
    return *skip(a) == '\0' && *skip(b) == '\0';
}

bool ora_dn_is_same(const struct ora_dn *a, const struct ora_dn *b)
{
    bool is_taken[ORA_DN_MAX] = {false};

    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        size_t j = 0;

        while (j < b->count &&
               (is_taken[j] || strcmp(a->attributes[i].type, b->attributes[j].type) != 0 ||
                !is_same_value(a->attributes[i].value, b->attributes[j].value))) {
            j++;
        }
        if (j == b->count) {
            return false;
        }
        is_taken[j] = true;
    }
    return true;
}

void ora_dn_write(const struct ora_dn *dn, char ret[ORA_DN_TEXT_MAX + 1])
{
    size_t length = 0;

    ret[0] = '\0';
    for (size_t i = 0; i < dn->count && length < ORA_DN_TEXT_MAX; i++) {
        const char *value = dn->attributes[i].value;
        const char *quote = strpbrk(value, ",+;\"") != NULL ? "\"" : "";
        const int written = snprintf(ret + length, ORA_DN_TEXT_MAX + 1 - length, "%s%s=%s%s%s",
                                     i > 0 ? "," : "", dn->attributes[i].type, quote, value, quote);

        length = written < 0 ? ORA_DN_TEXT_MAX : length + (size_t)written;
    }
}
