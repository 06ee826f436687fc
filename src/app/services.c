#include "app/services.h"

#include <stdio.h>

#include "crm/crm.h"
#include "shop/shop.h"

const struct service_traits *const services[SERVICES] = {
    [SHOP] = &shop_traits, [CRM] = &crm_traits};

void services_print_settings(void (*print)(const struct cfg_table *table, const char *heading))
{
    print(&settings_of_all, "all services");
    for (size_t i = 0; i < SERVICES; i++) {
        (void)printf("\n");
        print(services[i]->settings, services[i]->name);
    }
}
