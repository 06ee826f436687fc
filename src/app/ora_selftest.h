/* app/ora_selftest.h: octo ora selftest, line by line, and what is certain behind it. */
#ifndef APP_ORA_SELFTEST_H
#define APP_ORA_SELFTEST_H

#include "db/db.h"

/* `pooled`: NULL, or a location that leads to a pooled server. True: nothing has failed. */
bool ora_selftest(const struct db_options *options, const char *pooled);

#endif
