/*
 * otlp/config.h: where telemetry is sent and how, from settings under the names that OpenTelemetry
 * gives them ("OpenTelemetry Environment Variable Specification", "OpenTelemetry Protocol
 * Exporter") and, for Oracle Cloud's Application Performance Monitoring, under its own. A service
 * has a row for each (service/settings.c). Memory: all of it is the arena's.
 */
#ifndef OTLP_CONFIG_H
#define OTLP_CONFIG_H

#include "core/arena.h"
#include "core/err.h"
#include "trace/attribute.h"

/* Each has settings and receivers of its own. */
enum otlp_subject { OTLP_OF_TRACES, OTLP_OF_METRICS, OTLP_OF_LOGS, OTLP_SUBJECTS };

enum { OTLP_DESTINATIONS_MAX = 2 };

/* For all signals, and once more for each: what that leaves open is as for all. */
struct otlp_way_settings {
    const char *exporter;    /* of one: OTEL_TRACES_EXPORTER and so on, "otlp" or "none" */
    const char *endpoint;    /* OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT */
    const char *headers;     /* ..._HEADERS (secret) */
    int64_t timeout_ms;      /* ..._TIMEOUT; 0: left open */
    const char *compression; /* ..._COMPRESSION */
    const char *protocol;    /* ..._PROTOCOL */
    const char *certificate; /* ..._CERTIFICATE */
};

/* Of what waits to be sent. */
struct otlp_queue_settings {
    int64_t delay_ms;   /* ..._SCHEDULE_DELAY */
    int64_t timeout_ms; /* ..._EXPORT_TIMEOUT */
    int64_t queue_max;  /* ..._MAX_QUEUE_SIZE */
    int64_t batch_max;  /* ..._MAX_EXPORT_BATCH_SIZE */
};

struct otlp_settings {
    bool is_disabled;                /* OTEL_SDK_DISABLED */
    const char *service_name;        /* OTEL_SERVICE_NAME */
    const char *resource_attributes; /* OTEL_RESOURCE_ATTRIBUTES */
    struct otlp_way_settings all;
    struct otlp_way_settings of[OTLP_SUBJECTS];
    bool allow_plaintext;             /* OCTO_OTLP_ALLOW_PLAINTEXT */
    const char *apm_endpoint;         /* OCI_APM_ENDPOINT */
    const char *apm_key;              /* OCI_APM_PRIVATE_DATAKEY (secret) */
    struct otlp_queue_settings spans; /* OTEL_BSP_... */
    struct otlp_queue_settings logs;  /* OTEL_BLRP_... */
    int64_t metric_interval_ms;       /* OTEL_METRIC_EXPORT_INTERVAL */
    int64_t metric_timeout_ms;        /* OTEL_METRIC_EXPORT_TIMEOUT */
};

/* One address that requests of one signal go to. */
struct otlp_destination {
    const char *url;
    const char *const *headers; /* "name: value", NULL at the end */
    const char *ca_file;        /* "": the system's authorities */
    int64_t timeout_ms;         /* of one try */
    bool is_json;
    bool is_packed;
};

struct otlp_destinations {
    struct otlp_destination list[OTLP_DESTINATIONS_MAX];
    size_t count;
};

struct otlp_config {
    struct otlp_destinations of[OTLP_SUBJECTS];
};

/* Errors: ERR_CONFIG, which names the variable. */
MUST_CHECK bool otlp_config_read(const struct otlp_settings *settings, struct arena *arena,
                                 struct otlp_config *ret, struct err *err);

/* "name=value,name=value", blanks around each left out, %xx in values decoded (W3C Baggage, which
 * is how OTEL_EXPORTER_OTLP_HEADERS and OTEL_RESOURCE_ATTRIBUTES are written). `what` is the
 * variable, for errors. */
struct otlp_pair {
    const char *name;
    const char *value;
};
MUST_CHECK bool otlp_pairs_read(const char *text, const char *what, struct arena *arena,
                                struct otlp_pair **ret, size_t *ret_count, struct err *err);

/* Attributes of the resource: those of the process, over which those of the settings go. Names that
 * are in both are there once. */
MUST_CHECK bool otlp_resource_read(const struct otlp_settings *settings,
                                   const struct attribute *own, size_t own_count,
                                   struct arena *arena, struct attribute **ret, size_t *ret_count,
                                   struct err *err);

#endif
