/*
 * ora/dn.h: distinguished names, as people write them (RFC 4514 and what came before it: quotes,
 * long names of attributes, blanks) and as certificates have them.
 */
#ifndef ORA_DN_H
#define ORA_DN_H

#include "ora/source.h"

enum { ORA_DN_MAX = 32, ORA_DN_TYPE_MAX = 63, ORA_DN_VALUE_MAX = 255, ORA_DN_TEXT_MAX = 255 };

/* Its attributes, of all its parts; in which order and how they are grouped is no matter. */
struct ora_dn {
    struct ora_dn_attribute {
        char type[ORA_DN_TYPE_MAX + 1]; /* in the short form that OpenSSL has, or as it is */
        char value[ORA_DN_VALUE_MAX + 1];
    } attributes[ORA_DN_MAX];
    size_t count;
};

/* NULL, or what is wrong with it, a text that lasts, and where. */
const char *ora_dn_read(struct ora_slice text, struct ora_dn *ret, const char **ret_at);
/* Takes a value as it is. False: there is no room, or a NUL in it. */
bool ora_dn_add(struct ora_dn *dn, struct ora_slice type, struct ora_slice value);
/* The same attributes with the same values; capitals, and how many blanks stand between words, do
 * not count (RFC 4517, caseIgnoreMatch, for ASCII). */
bool ora_dn_is_same(const struct ora_dn *a, const struct ora_dn *b);
/* As text, cut where it is too long, for people. */
void ora_dn_write(const struct ora_dn *dn, char ret[ORA_DN_TEXT_MAX + 1]);

#endif
