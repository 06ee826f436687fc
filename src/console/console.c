#include "console/console.h"

#include <stdlib.h>
#include <string.h>

#include "console/owners.h"
#include "console/standing.h"
#include "service/lifecycle.h"
#include "service/routes.h"

#include "console/console_priv.h"

enum {
    MB = 1 << 20,
    OPEN_MS = 60000,
    SHARE = 8, /* of what spans may take, so much may metrics besides, and sums */
};

const struct service_traits console_traits = {
    .name = "console",
    .title = "Console",
    .module = "octo-console",
    .settings = &console_settings_table,
    .settings_size = sizeof(struct console_settings),
    .peer = "crm",
    .cookie = "octo_console",
    .find_session = console_find_session,
};

const struct route_table *console_route_tables(struct arena *arena, size_t *ret_count)
{
    const struct route_table tables[] = {
        service_routes,        console_auth_routes,      console_page_routes,
        console_trace_routes,  console_selection_routes, console_statement_routes,
        console_hub_routes,    console_warehouse_routes, console_match_routes,
        console_plan_routes,   console_link_routes,      console_now_routes,
        console_server_routes, console_retention_routes,
    };

    *ret_count = sizeof(tables) / sizeof(tables[0]);
    return memcpy(arena_alloc(arena, sizeof(tables)), tables, sizeof(tables));
}

static bool open_sums(struct console *console, const char *directory, struct err *err)
{
    struct service *service = &console->service;
    const struct console_settings *settings = console_settings(service);
    const struct sums_options options = {
        .directory = directory,
        .module = service->traits->module,
        .keep_minutes_days = settings->keep_days + 1,
        .keep_days = settings->keep_sums_days,
        .keep_bytes = settings->keep_mb * MB / SHARE,
        .busy_timeout_ms = (uint64_t)settings->of_all.busy_timeout_ms,
    };
    struct ctx ctx;

    ctx_init_background(&ctx, &service->arena, NULL, service->traits->module, "BG open sums",
                        OPEN_MS);
    if (!sums_open(&ctx, &options, &console->sums, err)) {
        return false;
    }
    console->rollup = rollup_start(console->segments, console->sums, service->traits->module);
    console->retention =
        retention_new(&(struct retention_options){.segments = console->segments,
                                                  .sums = console->sums,
                                                  .module = service->traits->module,
                                                  .keep_days = settings->keep_days,
                                                  .keep_bytes = settings->keep_mb * MB});
    retention_start(console->retention);
    return true;
}

static bool open_metrics(struct console *console, const char *directory, struct err *err)
{
    struct service *service = &console->service;
    const struct console_settings *settings = console_settings(service);
    const struct metric_store_options options = {
        .directory = directory,
        .module = service->traits->module,
        .keep_minutes_days = settings->keep_days + 1,
        .keep_days = settings->keep_sums_days,
        .keep_bytes = settings->keep_mb * MB / SHARE,
        .busy_timeout_ms = (uint64_t)settings->of_all.busy_timeout_ms,
    };
    struct ctx ctx;

    ctx_init_background(&ctx, &service->arena, NULL, service->traits->module, "BG open metrics",
                        OPEN_MS);
    return metric_store_open(&ctx, &options, &console->metrics, err);
}

static bool open_store(struct console *console, struct err *err)
{
    struct service *service = &console->service;
    const struct console_settings *settings = console_settings(service);
    const struct segments_options options = {
        .directory = arena_printf(&service->arena, "%s/traces", settings->of_all.data_dir),
        .module = service->traits->module,
        .keep_days = settings->keep_days,
        .busy_timeout_ms = (uint64_t)settings->of_all.busy_timeout_ms,
    };

    if (!segments_open(&options, &console->segments, err)) {
        return false;
    }
    console->ingest = ingest_new(console->segments);
    console->habits = habits_new();
    return open_sums(console, options.directory, err) &&
           open_metrics(console, options.directory, err);
}

bool console_open(const struct settings *settings, const struct console_catalogues *catalogues,
                  struct console **ret_console, struct err *err)
{
    struct console *console = mem_alloc(sizeof(*console));

    console->service.traits = &console_traits;
    console->service.settings = settings;
    console->sessions = sessions_new();
    console->catalogues = catalogues;
    if (!service_open(&console->service, err) ||
        !links_check(console_settings(&console->service), err) || !open_store(console, err)) {
        console_close(console);
        return err_wrap(err, "open the console");
    }
    console->owners = owners_new(&console->service);
    console->standing = standing_start(&console->service, console->sessions);
    *ret_console = console;
    return true;
}

/* Spans first: whoever is told that the console listens may send some. */
bool console_listen(struct console *console, struct err *err)
{
    size_t count = 0;
    const struct route_table *tables = console_route_tables(&console->service.arena, &count);

    return (intake_start(console, err) &&
            service_listen(&console->service, console, tables, count, err)) ||
           err_wrap(err, "start the console");
}

void console_close(struct console *console)
{
    if (console == NULL) {
        return;
    }
    standing_stop(console->standing);
    intake_stop(console);
    service_stop_listening(&console->service);
    retention_free(console->retention);
    rollup_stop(console->rollup);
    ingest_free(console->ingest);
    habits_free(console->habits);
    sums_close(console->sums);
    metric_store_close(console->metrics);
    segments_close(console->segments);
    owners_free(console->owners);
    service_close(&console->service);
    sessions_free(console->sessions);
    free(console);
}

struct service *console_service(struct console *console)
{
    return &console->service;
}
