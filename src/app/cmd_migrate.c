/*
 * octo migrate: opens both services without listening, which brings their schemas to this
 * program's version, seeds them and makes their first users. With --admin the roles and schemas of
 * PostgreSQL are made first.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/postgres_roles.h"
#include "crm/crm.h"
#include "shop/shop.h"

static const struct cli_command COMMAND = {
    .name = "migrate",
    .arguments = "[--data DIR] [--admin URL]",
    .text = "Brings the databases of shop and CRM to this program's version and makes them when "
            "they are\nmissing. Services may be running; what is up to date stays as it is.\n\n"
            "--admin URL signs in to PostgreSQL as its administrator and first makes the roles "
            "octo_shop,\nocto_crm and octo_observer and the two schemas in that database; it may "
            "run again. New roles have\nno password: give them one, and the services their URLs "
            "(OCTO_SHOP_DATABASE_URL and\nOCTO_CRM_DATABASE_URL).",
};

static void report(const char *title, struct service *service)
{
    (void)printf("%s: %s is up to date\n", title, db_target(service->db));
    if (service->generated_password[0] != '\0') {
        (void)printf("%s: ", title);
        first_password_print(service->generated_password);
    }
}

static bool migrate_shop(const struct settings *settings, struct arena *take_arena, struct err *err)
{
    struct shop *shop = NULL;

    if (!shop_open(settings, take_arena, &shop, err)) {
        return false;
    }
    report("shop", shop_service(shop));
    shop_close(shop);
    return true;
}

static bool migrate_crm(const struct settings *settings, struct arena *take_arena, struct err *err)
{
    struct crm *crm = NULL;

    if (!crm_open(settings, take_arena, &crm, err)) {
        return false;
    }
    report("crm", crm_service(crm));
    crm_close(crm);
    return true;
}

/* The CRM's settings differ only in what depends on the service. */
static bool load_crm(const struct settings *shop, struct arena *arena, char **argv,
                     struct settings *ret, struct err *err)
{
    int argc = 1;

    if (!settings_load(SERVICE_CRM, arena, &argc, argv, ret, err)) {
        return false;
    }
    ret->data_dir = arena_strdup(arena, shop->data_dir);
    ret->log_level = arena_strdup(arena, shop->log_level);
    return true;
}

static bool migrate(struct settings *shop, struct arena *take_shop_arena, char **argv,
                    struct err *err)
{
    char password[PASSWORD_GENERATED_MAX] = "";
    struct settings crm;
    struct arena crm_arena;

    arena_init(&crm_arena);
    if (!load_crm(shop, &crm_arena, argv, &crm, err)) {
        arena_fini(&crm_arena);
        arena_fini(take_shop_arena);
        return false;
    }
    if (first_password_is_due(shop, take_shop_arena)) {
        password_generate(password);
        shop->bootstrap_password = arena_strdup(take_shop_arena, password);
        crm.bootstrap_password = arena_strdup(&crm_arena, password);
    }
    if (!migrate_shop(shop, take_shop_arena, err)) {
        arena_fini(&crm_arena);
        return false;
    }
    if (password[0] != '\0') { /* the shop's, whatever becomes of the CRM */
        first_password_print(password);
    }
    explicit_bzero(password, sizeof(password));
    return migrate_crm(&crm, &crm_arena, err);
}

static bool make_roles(const char *admin_url, const struct settings *settings, struct err *err)
{
    if (strncmp(admin_url, "postgres", strlen("postgres")) != 0) {
        return err_set(err, ERR_CONFIG, "--admin wants a URL, postgresql://user@host/database");
    }
    return postgres_roles_make(admin_url, settings->database_allow_plaintext, err) &&
           (settings->database_url[0] != '\0' ||
            err_set(err, ERR_CONFIG,
                    "the roles are there; now give them passwords and set OCTO_SHOP_DATABASE_URL "
                    "and OCTO_CRM_DATABASE_URL"));
}

int cmd_migrate(int argc, char **argv)
{
    const char *admin_url;
    bool allow_plaintext;

    struct settings settings;
    struct arena arena;
    struct err err = {0};
    int code = EXIT_DONE;

    if (!cli_take_value("migrate", "--admin", &argc, argv, &admin_url)) {
        return EXIT_USAGE;
    }
    arena_init(&arena);
    if (cli_start(&COMMAND, SERVICE_SHOP, &arena, argc, argv, &settings, &code) != CLI_GO) {
        arena_fini(&arena);
        return code;
    }
    cli_log_less(&settings);
    allow_plaintext = settings.database_allow_plaintext; /* migrate ends the settings' life */
    if (admin_url != NULL && !make_roles(admin_url, &settings, &err)) {
        arena_fini(&arena);
        return cli_fail("migrate", &err);
    }
    if (!migrate(&settings, &arena, argv, &err) ||
        (admin_url != NULL && !postgres_roles_observe(admin_url, allow_plaintext, &err))) {
        return cli_fail("migrate", &err);
    }
    return EXIT_DONE;
}
