#include "db/engines.h"

const struct db_backend *const db_engines[] = {&db_backend_sqlite, &db_backend_postgres,
                                               &db_backend_oracle, NULL};
