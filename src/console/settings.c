#include "console/settings.h"

enum { SESSION_MOST_S = 30 * 86400 };

#define INT(env_, option_, field_, fallback_, least_, most_, help_)                                \
    CFG_ROW_INT(env_, option_, console_settings, field_, fallback_, least_, most_, help_)

static const struct cfg_row ROWS[] = {
    INT("OCTO_CONSOLE_PORT", "--console-port", of_all.port, "8070", 0, SETTINGS_PORT_MOST,
        "port of the console; 0: any free one"),
    CFG_ROW_TEXT("SERVICE_CONSOLE_URL", NULL, console_settings, of_all.url, NULL,
                 "where others find the console; empty: this host, at the console's port"),
    INT("SESSION_TIMEOUT_SECONDS", NULL, of_all.session_timeout_s, "3600", 60, SESSION_MOST_S,
        "how long a sign-in holds"),
    INT("OCTO_OTLP_PORT", "--otlp-port", otlp_port, "4318", 0, SETTINGS_PORT_MOST,
        "port at which the console takes spans, log records and metrics by OTLP over HTTP "
        "(/v1/traces, /v1/logs, /v1/metrics), from whoever reaches it; 0: any free one"),
    INT("CONSOLE_KEEP_DAYS", NULL, keep_days, "7", 1, 3650,
        "how long the console keeps spans and log records, in files of an hour each below traces/ "
        "of the data "
        "directory"),
    INT("CONSOLE_KEEP_MB", NULL, keep_mb, "10240", 16, 16777216,
        "MiB that these files may take together: of services that have more than their share the "
        "oldest spans and log records are removed; metrics may take an eighth of that besides, and "
        "sums, of which goes what was told least recently"),
    INT("CONSOLE_KEEP_SUMS_DAYS", NULL, keep_sums_days, "400", 1, 3650,
        "how long the console keeps what it sums up of spans by hour and day, in traces/sums.db, "
        "and metrics by hour, in traces/metrics.db; both by minute a day longer than spans"),
    CFG_ROW_TEXT(
        "CONSOLE_LINK_APM", NULL, console_settings, link_apm, NULL,
        "where OCI Application Performance Monitoring shows a span, with attributes of the "
        "span in angle brackets, as in https://...?traceId=<TraceId>; empty: no link"),
    CFG_ROW_TEXT("CONSOLE_LINK_HUB", NULL, console_settings, link_hub, NULL,
                 "likewise Oracle's Performance Hub, by <DbOracleSqlId>, <StartTimeInMs> and "
                 "<EndTimeInMs>"),
    CFG_ROW_TEXT("CONSOLE_LINK_WAREHOUSE", NULL, console_settings, link_warehouse, NULL,
                 "likewise Oracle's SQL Warehouse"),
};
const struct cfg_table console_settings_table = CFG_TABLE(ROWS);
