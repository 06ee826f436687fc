/*
 * What an Oracle database says of itself and of us: whether we are let in, which release it is, how
 * far away that is. Asked on one session like a service's own.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "core/clock.h"

#include "db/oracle/oracle_priv.h"

enum {
    ASK_MS = 5000,
    TRIPS = 15,
    MEDIAN = TRIPS / 2,
    TRIP_SLOW_US = 20000,
    NS_PER_US = 1000,
};

static const char *const CHECKS[] = {"sign-in", "round trip"};
enum { SIGN_IN, ROUND_TRIP, CHECK_COUNT };

static void report_sign_in(const struct db_conn *conn, struct findings *out)
{
    finding_add(out, CHECKS[SIGN_IN], FINDING_OK, "%s is let in to %s at %s port %d, Oracle %s",
                conn->schema, conn->place.database, conn->place.address, conn->place.port,
                octo_ora_server_version(conn->session));
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = a;
    const int64_t *right = b;

    return (*left > *right) - (*left < *right);
}

static bool measure_trip(struct db_conn *conn, struct findings *out)
{
    int64_t trips[TRIPS];
    struct err err = {.code = ERR_NONE};

    for (int i = 0; i < TRIPS; i++) {
        const uint64_t begun_ns = clock_mono_ns();

        if (!oracle_is_alive(conn, clock_after_ms(ASK_MS), &err)) {
            finding_add(out, CHECKS[ROUND_TRIP], FINDING_FAIL, "%s", err.text);
            return false;
        }
        trips[i] = (int64_t)((clock_mono_ns() - begun_ns) / NS_PER_US);
    }
    qsort(trips, TRIPS, sizeof(trips[0]), compare);
    finding_add(out, CHECKS[ROUND_TRIP], trips[MEDIAN] > TRIP_SLOW_US ? FINDING_WARN : FINDING_OK,
                "%" PRId64 " us, the median of %d", trips[MEDIAN], TRIPS);
    if (trips[MEDIAN] > TRIP_SLOW_US) {
        finding_remedy(out, "a unit makes several: run the service nearer to its database");
    }
    return true;
}

bool oracle_diagnose(const struct db_options *options, const struct db_demand *demand,
                     const char *obstacle, struct findings *out)
{
    struct db_conn *conn = NULL;
    struct err err = {.code = ERR_NONE};
    bool ok;

    (void)demand;
    if (obstacle != NULL) {
        findings_skip(out, CHECKS, CHECK_COUNT, obstacle);
        return false;
    }
    if (!oracle_open(options, DB_CONN_POOL, &conn, &err)) {
        finding_add(out, CHECKS[SIGN_IN], FINDING_FAIL, "%s", err.text);
        findings_skip(out, &CHECKS[ROUND_TRIP], CHECK_COUNT - ROUND_TRIP, "nobody is let in");
        return false;
    }
    report_sign_in(conn, out);
    ok = measure_trip(conn, out);
    oracle_close(conn);
    return ok;
}
