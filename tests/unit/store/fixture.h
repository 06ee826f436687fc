/*
 * tests/unit/store/fixture.h: a store in a directory of its own, requests of OTLP that are made by
 * hand, and a database connection that is not ours, to look at the files as anybody may.
 */
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "store/ingest.h"

struct store_fixture {
    struct arena arena;
    struct ctx ctx;
    char directory[64];
    struct segments *segments;
    struct ingest *ingest;
    struct habits *habits;
    int64_t now_ns; /* UTC, in the middle of an hour and of a day, and stands still there */
};

int store_set_up(void **state);
int store_tear_down(void **state);
void store_open(struct store_fixture *f, int64_t keep_days);
void store_close(struct store_fixture *f);

/* A span as JSON of OTLP; the rest are members of it, "" or beginning with a comma. */
const char *span_json(struct store_fixture *f, const char *trace, const char *id,
                      const char *parent, const char *name, int64_t start_ns, int64_t duration_ns,
                      const char *rest);
/* A request of one resource, of such spans with commas between. */
const char *request_json(struct store_fixture *f, const char *service, const char *spans);
/* Stores it; returns how many were added. */
size_t store_send(struct store_fixture *f, const char *request);

/* The one value that the sqlite3 shell gives for it, of the file of that hour. */
const char *store_sqlite(struct store_fixture *f, int64_t hour, const char *sql);
const char *store_path(struct store_fixture *f, int64_t hour);
int64_t store_hour(const struct store_fixture *f);

#endif
