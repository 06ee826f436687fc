/*
 * ora/interval.h: Oracle's two intervals as they travel: INTERVAL YEAR TO MONTH (5 bytes) and
 * INTERVAL DAY TO SECOND (11). All members of one have the same sign, or are 0.
 */
#ifndef ORA_INTERVAL_H
#define ORA_INTERVAL_H

#include <octo/ora.h>

enum {
    ORA_MONTHS_SIZE = 5,
    ORA_SECONDS_SIZE = 11,
    ORA_LEADING_MAX = 999999999, /* of years and of days: nine digits, Oracle's precision 9 */
    ORA_INTERVAL_TEXT_MAX = 64,
};

/* Each gives NULL when it is done, else a sentence's end on what is wrong with the value. */

const char *ora_months_write(const struct octo_ora_months *interval, uint8_t ret[ORA_MONTHS_SIZE]);
const char *ora_months_read(const uint8_t *bytes, size_t length, struct octo_ora_months *ret);
/* [-]YEARS-MM */
void ora_months_text(const struct octo_ora_months *interval, char ret[ORA_INTERVAL_TEXT_MAX]);

const char *ora_seconds_write(const struct octo_ora_seconds *interval,
                              uint8_t ret[ORA_SECONDS_SIZE]);
const char *ora_seconds_read(const uint8_t *bytes, size_t length, struct octo_ora_seconds *ret);
/* [-]DAYS HH:MM:SS[.123456789], trailing zeros of the fraction left out */
void ora_seconds_text(const struct octo_ora_seconds *interval, char ret[ORA_INTERVAL_TEXT_MAX]);

#endif
