/*
 * ora/date.h: Oracle's DATE (7 bytes), TIMESTAMP (7 or 11) and TIMESTAMP WITH TIME ZONE (13).
 *
 * A time here is what a calendar and a clock show, where `has_offset` at that distance from UTC. A
 * zoned one travels in UTC with its offset behind it; what is shown is worked out on either side.
 */
#ifndef ORA_DATE_H
#define ORA_DATE_H

#include <octo/ora.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ORA_DATE_SIZE = 7,
    ORA_TIMESTAMP_SIZE = 11,
    ORA_ZONED_SIZE = 13,
    ORA_YEAR_MIN = -4712,
    ORA_YEAR_MAX = 9999,
    ORA_OFFSET_MIN = -15 * 60 - 59, /* minutes */
    ORA_OFFSET_MAX = 15 * 60 + 59,
    ORA_TIME_TEXT_MAX = 64, /* of whatever the members hold */
};

/* Each gives NULL when it is done, else a sentence's end on what is wrong with the value. */

const char *ora_time_check(const struct octo_ora_time *time);
/* As DATE, whose room a fraction has not: refused. */
const char *ora_date_write(const struct octo_ora_time *time, uint8_t ret[ORA_DATE_SIZE]);
/* As TIMESTAMP: 7 bytes where there is no fraction, else 11. */
const char *ora_timestamp_write(const struct octo_ora_time *time, uint8_t ret[ORA_TIMESTAMP_SIZE],
                                size_t *ret_length);
const char *ora_zoned_write(const struct octo_ora_time *time, uint8_t ret[ORA_ZONED_SIZE]);
/* The same moment at another distance from UTC, of a time that has one. */
const char *ora_time_move(struct octo_ora_time *time, int offset_min);
/* Of any of the three; which one is known by the length. A zone that is named by a number of the
 * server's is an error: only the server knows its rules. */
const char *ora_time_read(const uint8_t *bytes, size_t length, struct octo_ora_time *ret);
/* 2024-02-29 13:14:15[.123456789][ +05:30], years before Christ with a minus. Trailing zeros of the
 * fraction are left out. */
void ora_time_text(const struct octo_ora_time *time, char ret[ORA_TIME_TEXT_MAX]);

#endif
