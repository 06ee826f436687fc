/*
 * console/settings.h: the settings that the console has beside those of every service, as rows of
 * settings.c.
 */
#ifndef CONSOLE_SETTINGS_H
#define CONSOLE_SETTINGS_H

#include "service/service.h"

struct console_settings {
    struct settings of_all;     /* first: service->settings is either */
    int64_t otlp_port;          /* OCTO_OTLP_PORT */
    int64_t keep_days;          /* CONSOLE_KEEP_DAYS */
    int64_t keep_mb;            /* CONSOLE_KEEP_MB */
    int64_t keep_sums_days;     /* CONSOLE_KEEP_SUMS_DAYS */
    const char *link_apm;       /* CONSOLE_LINK_APM */
    const char *link_hub;       /* CONSOLE_LINK_HUB */
    const char *link_warehouse; /* CONSOLE_LINK_WAREHOUSE */
};

extern const struct cfg_table console_settings_table;

static inline const struct console_settings *console_settings(const struct service *service)
{
    return (const struct console_settings *)service->settings;
}

#endif
