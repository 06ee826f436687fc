#include "db/engines.h"

/* The first that calls a location its own has it: a file may be called nearly anything. */
const struct db_backend *const db_engines[] = {&db_backend_oracle, &db_backend_postgres,
                                               &db_backend_sqlite, NULL};
