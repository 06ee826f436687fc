/*
 * What stands between us and an Oracle database, and whether we are let in: the wallet's file, the
 * sign-in, the service and its tier, how far away it is. What the database itself is asked is in
 * diagnose_server.c. All of it on one session like a service's own.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/clock.h"
#include "core/text.h"

#include "db/oracle/diagnose_priv.h"

enum {
    TRIPS = 15,
    MEDIAN = TRIPS / 2,
    TRIP_SLOW_US = 20000,
    NS_PER_US = 1000,
    EXPIRY_WARN_DAYS = 30,
    S_PER_DAY = 86400,
    DATE_LENGTH = 10,
};

/* --- the wallet --- */

static const char *date_of(int64_t seconds, char out[UTC_TEXT_MAX])
{
    (void)utc_format(seconds * CLOCK_US_PER_S, out);
    out[DATE_LENGTH] = '\0';
    return out;
}

static int64_t days_left(int64_t ends_s)
{
    return (ends_s - clock_utc_us() / CLOCK_US_PER_S) / S_PER_DAY;
}

/* What is wrong with it is told by the driver, as when it connects. */
static void judge_wallet(const struct octo_ora_wallet *wallet, struct findings *out)
{
    char date[UTC_TEXT_MAX];

    if (!wallet->is_private) {
        finding_add(out, oracle_checks[WALLET], FINDING_WARN,
                    "%s can be read by others, and holds a key", wallet->file);
        finding_remedy(out, "chmod 600 %s", wallet->file);
    } else if (wallet->has_key && days_left(wallet->ends_s) < EXPIRY_WARN_DAYS) {
        finding_add(out, oracle_checks[WALLET], FINDING_WARN,
                    "the certificate in %s ends in %" PRId64 " days, on %s", wallet->file,
                    days_left(wallet->ends_s), date_of(wallet->ends_s, date));
        finding_remedy(out, "download the wallet anew: no restart is needed");
    } else if (wallet->authorities > 0 && days_left(wallet->authority_ends_s) < EXPIRY_WARN_DAYS) {
        finding_add(out, oracle_checks[WALLET], FINDING_WARN, "an authority in %s ends on %s",
                    wallet->file, date_of(wallet->authority_ends_s, date));
        finding_remedy(out, "download the wallet anew: no restart is needed");
    } else if (wallet->has_key) {
        finding_add(
            out, oracle_checks[WALLET], FINDING_OK,
            "%s: its key fits its certificate, which ends in %" PRId64 " days, on %s; %s trusted",
            wallet->file, days_left(wallet->ends_s), date_of(wallet->ends_s, date),
            wallet->has_root ? "its authorities alone are" : "the system's authorities are");
    } else {
        finding_add(out, oracle_checks[WALLET], FINDING_OK,
                    "%s holds authorities alone, and no certificate is shown", wallet->file);
    }
}

static void look_at_wallet(const struct db_options *options, struct findings *out)
{
    struct octo_ora_wallet wallet;
    struct octo_ora_error error;

    if (options->wallet_dir == NULL) {
        finding_add(out, oracle_checks[WALLET], FINDING_OK,
                    "none is given: no certificate is shown");
    } else if (!octo_ora_wallet_look(options->wallet_dir, options->wallet_password, &wallet,
                                     &error)) {
        finding_add(out, oracle_checks[WALLET], FINDING_FAIL, "%s", error.text);
    } else {
        judge_wallet(&wallet, out);
    }
}

/* --- who we are, and where --- */

static void report_sign_in(const struct db_conn *conn, struct findings *out)
{
    finding_add(out, oracle_checks[SIGN_IN], FINDING_OK,
                "%s is let in to %s at %s port %d, Oracle %s", conn->schema, conn->place.database,
                conn->place.address, conn->place.port, octo_ora_server_version(conn->session));
}

/* An Autonomous Database has a service for each tier, and says so at the end of its name ("Using
 * Oracle Autonomous Database", Database Service Names). */
static const char *tier_of(const char *service)
{
    static const char *const tiers[] = {"tpurgent", "tp", "high", "medium", "low"};
    const size_t length = strcspn(service, ".");
    const char *last = memrchr(service, '_', length);

    for (size_t i = 0; last != NULL && i < sizeof(tiers) / sizeof(tiers[0]); i++) {
        if ((size_t)(service + length - last - 1) == strlen(tiers[i]) &&
            strncasecmp(last + 1, tiers[i], strlen(tiers[i])) == 0) {
            return tiers[i];
        }
    }
    return NULL;
}

static void report_service(const struct db_conn *conn, struct findings *out)
{
    const char *service = octo_ora_service(conn->session);
    const char *tier = tier_of(service);

    if (tier != NULL && (strcmp(tier, "high") == 0 || strcmp(tier, "medium") == 0)) {
        finding_add(out, oracle_checks[SERVICE], FINDING_WARN,
                    "%s is of tier %s, which runs statements in parallel and few at a time",
                    service, tier);
        finding_remedy(out, "take the service for transactions, whose name ends with _tp");
    } else {
        finding_add(out, oracle_checks[SERVICE], FINDING_OK, "%s, of %s%s", service,
                    tier != NULL ? "tier " : "no tier", tier != NULL ? tier : "");
    }
}

/* --- how far away --- */

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

        if (!oracle_is_alive(conn, clock_after_ms(ORACLE_ASK_MS), &err)) {
            finding_add(out, oracle_checks[ROUND_TRIP], FINDING_FAIL, "%s", err.text);
            return false;
        }
        trips[i] = (int64_t)((clock_mono_ns() - begun_ns) / NS_PER_US);
    }
    qsort(trips, TRIPS, sizeof(trips[0]), compare);
    finding_add(out, oracle_checks[ROUND_TRIP],
                trips[MEDIAN] > TRIP_SLOW_US ? FINDING_WARN : FINDING_OK,
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

    if (obstacle != NULL) {
        findings_skip(out, oracle_checks, ORACLE_CHECKS, obstacle);
        return false;
    }
    if (!oracle_open(options, DB_CONN_POOL, &conn, &err)) {
        finding_add(out, oracle_checks[SIGN_IN], FINDING_FAIL, "%s", err.text);
        look_at_wallet(options, out);
        findings_skip(out, &oracle_checks[SERVICE], ORACLE_CHECKS - SERVICE, "nobody is let in");
        return false;
    }
    report_sign_in(conn, out);
    look_at_wallet(options, out);
    report_service(conn, out);
    oracle_diagnose_server(conn, options->catalogue, demand, out);
    ok = measure_trip(conn, out);
    oracle_close(conn);
    return ok;
}
