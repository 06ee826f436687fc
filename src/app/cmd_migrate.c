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

static void report(const char *title, struct service *service)
{
    const struct migrate_report *migrated = &service->migrated;
    const char *target = db_target(service->db);

    if (migrated->scripts_run == 0) {
        (void)printf("%s: %s is up to date\n", title, target);
    } else if (migrated->from_version == 0) {
        (void)printf("%s: %s: tables made, version %d\n", title, target, migrated->to_version);
    } else {
        (void)printf("%s: %s: brought from version %d to %d\n", title, target,
                     migrated->from_version, migrated->to_version);
    }
    if (service->generated_password[0] != '\0') {
        (void)printf("%s: ", title);
        first_password_print(service->generated_password);
    }
}

static bool migrate_shop(const struct settings *settings, struct err *err)
{
    struct shop *shop = NULL;

    if (!shop_open(settings, &shop, err)) {
        return false;
    }
    report("shop", shop_service(shop));
    shop_close(shop);
    return true;
}

static bool migrate_crm(const struct settings *settings, struct err *err)
{
    struct crm *crm = NULL;

    if (!crm_open(settings, &crm, err)) {
        return false;
    }
    report("crm", crm_service(crm));
    crm_close(crm);
    return true;
}

static bool migrate(struct settings *const settings[SERVICES], struct arena *arena, struct err *err)
{
    char password[PASSWORD_GENERATED_MAX] = "";
    bool is_done;

    if (first_password_is_due(settings, arena)) {
        password_generate(password);
        settings[SHOP]->bootstrap_password = password;
        settings[CRM]->bootstrap_password = password;
    }
    is_done = migrate_shop(settings[SHOP], err);
    if (is_done && password[0] != '\0') { /* the shop's, whatever becomes of the CRM */
        first_password_print(password);
    }
    is_done = is_done && migrate_crm(settings[CRM], err);
    explicit_bzero(password, sizeof(password));
    return is_done;
}

/* What is asked for besides the migration itself. */
struct asked {
    const char *admin_url; /* NULL: nothing */
    bool only_prints_roles;
};

static bool run(const struct asked *asked, struct settings *const settings[SERVICES],
                struct arena *arena, struct err *err)
{
    const struct postgres_roles roles = {.shop = settings[SHOP], .crm = settings[CRM]};
    bool is_over = asked->only_prints_roles;
    bool ok = true;

    if (asked->only_prints_roles) {
        ok = postgres_roles_print(&roles, err);
    } else if (asked->admin_url != NULL &&
               strncmp(asked->admin_url, "postgres", strlen("postgres")) != 0) {
        ok = err_set(err, ERR_CONFIG, "--admin wants a URL, postgresql://user@host/database");
    } else if (asked->admin_url != NULL) {
        ok = postgres_roles_make(asked->admin_url, &roles, err);
        is_over = settings[SHOP]->database_url[0] == '\0' && settings[CRM]->database_url[0] == '\0';
        if (ok && is_over) {
            (void)printf(
                "the roles octo_shop, octo_crm and octo_observer and the services' schemas "
                "are there; set\nOCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL, with "
                "a password each, and run this again\n");
        }
    }
    return ok && (is_over || migrate(settings, arena, err));
}

int cmd_migrate(int argc, char **argv)
{
    struct asked asked = {.admin_url = NULL};
    const struct cli_flag flags[] = {
        {"--roles", "print the roles and schemas for psql", &asked.only_prints_roles}};
    const struct cli_command command = {
        .name = "migrate",
        .arguments = "[--data DIR] [--admin URL | --roles]",
        .text =
            "Brings the databases of shop and CRM to this program's version and makes them "
            "when they are\nmissing. Services may be running; what is up to date stays as it "
            "is.\n\n"
            "On PostgreSQL the roles octo_shop, octo_crm and octo_observer and two schemas must "
            "be there first.\n--admin URL makes them as the administrator that it names. "
            "--roles prints them as SQL instead, for\nan administrator who signs in another "
            "way, and does nothing else:\n\n"
            "  octo migrate --roles | sudo -u postgres psql octo\n\n"
            "Both may run again, and both give octo_shop and octo_crm the passwords of "
            "OCTO_SHOP_DATABASE_URL\nand OCTO_CRM_DATABASE_URL.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .starts = {[SHOP] = true, [CRM] = true},
    };
    struct settings *settings[SERVICES];
    struct arena arena;
    struct err err = {0};
    int code = EXIT_DONE;

    if (!cli_take_value("migrate", "--admin", &argc, argv, &asked.admin_url)) {
        return EXIT_USAGE;
    }
    arena_init(&arena);
    if (cli_start(&command, &arena, argc, argv, settings, &code) == CLI_GO) {
        cli_log_less(settings);
        if (!run(&asked, settings, &arena, &err)) {
            code = cli_fail("migrate", &err);
        }
    }
    arena_fini(&arena);
    return code;
}
