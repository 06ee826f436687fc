/* tests/support/tnsd/intervals.h: intervals on the wire, and as ISO 8601 writes them: P1DT2H3M4.5S.
 */
#ifndef TESTS_SUPPORT_TNSD_INTERVALS_H
#define TESTS_SUPPORT_TNSD_INTERVALS_H

#include "ora/wire.h"

enum { ORA_INTERVAL_DS_SIZE = 11, ORA_INTERVAL_YM_SIZE = 5 };

/* False: the bytes or the text are none. */
bool text_of_interval_ds(const uint8_t *bytes, size_t length, struct ora_wr *to);
bool text_of_interval_ym(const uint8_t *bytes, size_t length, struct ora_wr *to);
bool write_interval_ds(const char *text, struct ora_wr *to);
bool write_interval_ym(const char *text, struct ora_wr *to);

#endif
