/*
 * app/doctor.h: the parts of octo doctor: the way to a server (doctor_tls.c), receivers of
 * telemetry (doctor_otlp.c) and how findings are shown (doctor_print.c). cmd_doctor.c puts them
 * together.
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "core/finding.h"
#include "db/diagnose.h"

struct settings;

/* One service, examined. */
struct patient {
    const char *service; /* "shop" */
    const char *target;  /* "postgresql:host/octo"; no secrets */
    struct findings findings;
};

/* Examines address, TLS, certificates and keys. Whether they are good enough is the judgement of
 * the engine's own library, which is asked to connect; what is seen here explains it. Returns what
 * makes signing in impossible, NULL when nothing does. */
const char *doctor_look_at_route(struct db *db, const struct db_route *route, struct findings *out);

/* Asks each receiver of spans that the settings name. */
void doctor_look_at_receivers(const struct settings *settings, struct findings *out);

void doctor_print_text(const struct patient *patients, size_t count);
void doctor_print_json(const struct patient *patients, size_t count);
enum finding_state doctor_worst(const struct patient *patients, size_t count);

#endif
