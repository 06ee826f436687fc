#include "app/services.h"

#include <stdio.h>

#include "console/console.h"
#include "crm/crm.h"
#include "shop/shop.h"
#include "sql_crm_catalogue.h"
#include "sql_db_catalogue.h"
#include "sql_shop_catalogue.h"

const struct service_traits *const services[SERVICES] = {
    [SHOP] = &shop_traits, [CRM] = &crm_traits, [CONSOLE] = &console_traits};

/* --- how they are run --- */

static bool open_shop(const struct settings *settings, void **ret, struct err *err)
{
    struct shop *shop = NULL;

    if (!shop_open(settings, &shop, err)) {
        return false;
    }
    *ret = shop;
    return true;
}

static bool listen_shop(void *state, struct err *err)
{
    return shop_listen(state, err);
}

static void close_shop(void *state)
{
    shop_close(state);
}

static struct service *service_of_shop(void *state)
{
    return shop_service(state);
}

static bool open_crm(const struct settings *settings, void **ret, struct err *err)
{
    struct crm *crm = NULL;

    if (!crm_open(settings, &crm, err)) {
        return false;
    }
    *ret = crm;
    return true;
}

static bool listen_crm(void *state, struct err *err)
{
    return crm_listen(state, err);
}

static void close_crm(void *state)
{
    crm_close(state);
}

static struct service *service_of_crm(void *state)
{
    return crm_service(state);
}

/* Whose statements the console knows the files of. */
static const struct db_catalogue *const catalogue_list[] = {&sql_shop_catalogue, &sql_crm_catalogue,
                                                            &sql_db_catalogue};
static const struct console_catalogues catalogues = {catalogue_list, sizeof(catalogue_list) /
                                                                         sizeof(catalogue_list[0])};

static bool open_console(const struct settings *settings, void **ret, struct err *err)
{
    struct console *console = NULL;

    if (!console_open(settings, &catalogues, &console, err)) {
        return false;
    }
    *ret = console;
    return true;
}

static bool listen_console(void *state, struct err *err)
{
    return console_listen(state, err);
}

static void close_console(void *state)
{
    console_close(state);
}

static struct service *service_of_console(void *state)
{
    return console_service(state);
}

const struct runner runners[SERVICES] = {
    [SHOP] = {"octo-shop", open_shop, listen_shop, close_shop, service_of_shop, shop_route_tables},
    [CRM] = {"octo-crm", open_crm, listen_crm, close_crm, service_of_crm, crm_route_tables},
    [CONSOLE] = {"octo-console", open_console, listen_console, close_console, service_of_console,
                 console_route_tables},
};

/* --- their settings --- */

const char *services_port_option(size_t which)
{
    const struct cfg_table *table = services[which]->settings;

    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].offset == offsetof(struct settings, port)) {
            return table->rows[i].option;
        }
    }
    return NULL;
}

void services_print_settings(void (*print)(const struct cfg_table *table, const char *heading))
{
    print(&settings_of_all, "all services");
    for (size_t i = 0; i < SERVICES; i++) {
        (void)printf("\n");
        print(services[i]->settings, services[i]->name);
    }
}
