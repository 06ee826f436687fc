/*
 * tests/support/tnsd/errors.h: what Oracle would have said to what PostgreSQL refuses.
 */
#ifndef TESTS_SUPPORT_TNSD_ERRORS_H
#define TESTS_SUPPORT_TNSD_ERRORS_H

#include <libpq-fe.h>
#include <stdint.h>

enum { ERROR_TEXT_MAX = 512 };

struct ora_error {
    uint32_t number;
    char text[ERROR_TEXT_MAX]; /* "ORA-00942: ..." and a line's end */
};

void error_make(struct ora_error *ret, uint32_t number, const char *text);
void error_of_result(const PGresult *result, struct ora_error *ret);

#endif
