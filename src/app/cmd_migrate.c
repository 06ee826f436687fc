/*
 * octo migrate: opens all services without listening, which brings their schemas to this
 * program's version, seeds them and makes their first users. With --admin the roles and schemas of
 * PostgreSQL are made first.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/postgres_roles.h"
#include "service/password.h"
#include "service/service.h"

static void report_schema(const char *name, const struct service *service)
{
    const struct migrate_report *migrated = &service->migrated;
    const char *target = db_target(service->db);

    if (migrated->scripts_run == 0) {
        (void)printf("%s: %s is up to date\n", name, target);
    } else if (migrated->from_version == 0) {
        (void)printf("%s: %s: tables made, version %d\n", name, target, migrated->to_version);
    } else {
        (void)printf("%s: %s: brought from version %d to %d\n", name, target,
                     migrated->from_version, migrated->to_version);
    }
}

/* The password at once, whatever becomes of the next service: only its hash is in the database. */
static void report(const struct service *service, bool *is_told)
{
    const char *name = service->traits->name;

    report_schema(name, service);
    if (service->generated_password[0] != '\0' && *is_told) {
        (void)printf("%s: its admin has the same password\n", name);
    } else if (service->generated_password[0] != '\0') {
        first_password_tell(name, "admin.password", service->generated_password, service->settings);
        *is_told = true;
    }
}

static bool migrate_one(size_t which, const struct settings *settings, bool *is_told,
                        struct err *err)
{
    const struct runner *runner = &runners[which];
    void *state = NULL;

    if (!runner->open(settings, &state, err)) {
        return false;
    }
    report(runner->service(state), is_told);
    runner->close(state);
    return true;
}

static bool migrate(struct settings *const settings[SERVICES], struct err *err)
{
    char password[PASSWORD_GENERATED_MAX];
    bool is_told = false;
    bool is_done = true;

    password_generate(password); /* one for all that have no admin yet */
    for (size_t i = 0; i < WITH_DATABASE && is_done; i++) {
        settings[i]->first_password = password;
        is_done = migrate_one(i, settings[i], &is_told, err);
    }
    explicit_bzero(password, sizeof(password));
    return is_done;
}

/* What is asked for besides the migration itself. */
struct asked {
    const char *admin_url; /* NULL: nothing */
    bool only_prints_roles;
};

/* Beside the script, which goes into a pipe. */
static void say_without_password(struct settings *const settings[SERVICES])
{
    if (settings[SHOP]->database_url[0] == '\0' || settings[CRM]->database_url[0] == '\0') {
        (void)fprintf(stderr, "octo migrate: a role gets a password from its service's URL: set "
                              "OCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL, and run this "
                              "again\n");
    }
}

/* Its users are made by whoever administers that database. */
static bool is_for_postgres(const struct asked *asked, struct settings *const settings[SERVICES],
                            struct err *err)
{
    const bool is_oracle =
        settings[SHOP]->oracle.dsn[0] != '\0' || settings[CRM]->oracle.dsn[0] != '\0';

    return !is_oracle || (asked->admin_url == NULL && !asked->only_prints_roles) ||
           err_set(err, ERR_CONFIG,
                   "--admin and --roles are for PostgreSQL: on Oracle an administrator makes the "
                   "users OCTO_SHOP and OCTO_CRM, see docs/oracle.md");
}

static bool run(const struct asked *asked, struct settings *const settings[SERVICES],
                struct err *err)
{
    const struct postgres_roles roles = {.shop = settings[SHOP], .crm = settings[CRM]};
    bool is_over = asked->only_prints_roles;
    bool ok = true;

    if (!is_for_postgres(asked, settings, err)) {
        return false;
    }
    if (asked->only_prints_roles) {
        ok = postgres_roles_print(&roles, err);
        say_without_password(settings);
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
    return ok && (is_over || migrate(settings, err));
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
        if (!run(&asked, settings, &err)) {
            code = cli_fail("migrate", &err);
        }
    }
    arena_fini(&arena);
    return code;
}
