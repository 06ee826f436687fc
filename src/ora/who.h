/*
 * ora/who.h: who connects, as the server shows it; made of characters that a descriptor can hold.
 */
#ifndef ORA_WHO_H
#define ORA_WHO_H

enum { ORA_WHO_MAX = 63 };

struct ora_who {
    char program[ORA_WHO_MAX + 1];
    char machine[ORA_WHO_MAX + 1];
    char user[ORA_WHO_MAX + 1];
};

void ora_who_am_i(const char *program, struct ora_who *ret);

#endif
