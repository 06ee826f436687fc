/*
 * octo migrate: opens all services without listening, which brings their schemas to this
 * program's version, seeds them and makes their first users. With --admin PostgreSQL's roles and
 * schemas, or Oracle's users, are made first.
 */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/first_password.h"
#include "app/ora_privilege.h"
#include "app/oracle_users.h"
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
    const char *admin; /* a URL or a connect string; NULL: nothing */
    const char *user;  /* who administers an Oracle database */
    const char *as;    /* with which rights */
    enum octo_ora_privilege privilege;
    bool only_prints_roles;
};

static bool is_of_postgres(const char *admin)
{
    return strncmp(admin, "postgres", strlen("postgres")) == 0;
}

static bool names_postgres(struct settings *const settings[SERVICES])
{
    return settings[SHOP]->database_url[0] != '\0' || settings[CRM]->database_url[0] != '\0';
}

static bool names_oracle(struct settings *const settings[SERVICES])
{
    return settings[SHOP]->oracle.dsn[0] != '\0' || settings[CRM]->oracle.dsn[0] != '\0';
}

/* Beside the script, which goes into a pipe. */
static void say_without_password(struct settings *const settings[SERVICES])
{
    if (settings[SHOP]->database_url[0] == '\0' || settings[CRM]->database_url[0] == '\0') {
        (void)fprintf(stderr, "octo migrate: a role gets a password from its service's URL: set "
                              "OCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL, and run this "
                              "again\n");
    }
}

static bool print_roles(struct settings *const settings[SERVICES], struct err *err)
{
    const struct postgres_roles roles = {.shop = settings[SHOP], .crm = settings[CRM]};

    if (names_oracle(settings)) {
        oracle_users_print();
        return true;
    }
    if (!postgres_roles_print(&roles, err)) {
        return false;
    }
    say_without_password(settings);
    return true;
}

/* What is meant is said twice, by --admin and by the settings. */
static bool check_admin(const struct asked *asked, struct settings *const settings[SERVICES],
                        struct err *err)
{
    const bool is_postgres = is_of_postgres(asked->admin);

    if (is_postgres ? names_oracle(settings) : names_postgres(settings)) {
        return err_set(
            err, ERR_CONFIG, "--admin names a database of %s, and the settings one of %s",
            is_postgres ? "PostgreSQL" : "Oracle", is_postgres ? "Oracle" : "PostgreSQL");
    }
    if (!is_postgres && asked->user == NULL) {
        return err_set(err, ERR_CONFIG,
                       "--admin wants a URL, postgresql://user@host/database, or a connect string "
                       "of Oracle's and --user NAME");
    }
    return true;
}

static bool make_on_postgres(const struct asked *asked, struct settings *const settings[SERVICES],
                             struct err *err)
{
    const struct postgres_roles roles = {.shop = settings[SHOP], .crm = settings[CRM]};

    if (!postgres_roles_make(asked->admin, &roles, err)) {
        return false;
    }
    if (!names_postgres(settings)) {
        (void)printf("the roles octo_shop, octo_crm and octo_observer and the services' schemas "
                     "are there; set\nOCTO_SHOP_DATABASE_URL and OCTO_CRM_DATABASE_URL, with "
                     "a password each, and run this again\n");
    }
    return true;
}

static bool make_on_oracle(const struct asked *asked, struct settings *const settings[SERVICES],
                           struct err *err)
{
    const struct oracle_users users = {.shop = settings[SHOP], .crm = settings[CRM]};
    const struct oracle_admin admin = {
        .dsn = asked->admin, .user = asked->user, .privilege = asked->privilege};

    if (!oracle_users_make(&admin, &users, err)) {
        return false;
    }
    if (!names_oracle(settings)) {
        (void)printf("those without a password are locked; set ORACLE_DSN, "
                     "OCTO_SHOP_ORACLE_PASSWORD and\nOCTO_CRM_ORACLE_PASSWORD, and run this "
                     "again\n");
    }
    return true;
}

static bool run(const struct asked *asked, struct settings *const settings[SERVICES],
                struct err *err)
{
    if (asked->only_prints_roles) {
        return print_roles(settings, err);
    }
    if (asked->admin == NULL) {
        return migrate(settings, err);
    }
    if (!check_admin(asked, settings, err)) {
        return false;
    }
    if (is_of_postgres(asked->admin)) {
        return make_on_postgres(asked, settings, err) &&
               (!names_postgres(settings) || migrate(settings, err));
    }
    return make_on_oracle(asked, settings, err) &&
           (!names_oracle(settings) || migrate(settings, err));
}

/* False: a fault has been printed. */
static bool take_values(struct asked *asked, int *argc, char **argv)
{
    if (!cli_take_value("migrate", "--admin", argc, argv, &asked->admin) ||
        !cli_take_value("migrate", "--user", argc, argv, &asked->user) ||
        !cli_take_value("migrate", "--as", argc, argv, &asked->as)) {
        return false;
    }
    if (asked->as != NULL && !ora_privilege_read(asked->as, &asked->privilege)) {
        (void)fprintf(stderr, "octo migrate: --as is " ORA_PRIVILEGE_WORDS "\n");
        return false;
    }
    return true;
}

int cmd_migrate(int argc, char **argv)
{
    struct asked asked = {.admin = NULL};
    const struct cli_flag flags[] = {
        {"--roles", "print what makes the roles or users", &asked.only_prints_roles}};
    const struct cli_command command = {
        .name = "migrate",
        .arguments =
            "[--data DIR] [--admin URL | --admin CONNECT-STRING --user NAME [--as PRIVILEGE] | "
            "--roles]",
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
            "OCTO_SHOP_DATABASE_URL\nand OCTO_CRM_DATABASE_URL.\n\n"
            "On Oracle (ORACLE_DSN) the users OCTO_SHOP, OCTO_CRM and OCTO_OBSERVER must be there. "
            "--admin\nCONNECT-STRING makes them, as the administrator whom --user names; his "
            "password is read from standard\ninput, on a terminal without echo. OCTO_SHOP and "
            "OCTO_CRM get the passwords of the services' settings,\nwho has none stays locked. "
            "--as is " ORA_PRIVILEGE_WORDS ".\n--roles prints it for SQL*Plus, without "
            "passwords.",
        .flags = flags,
        .flag_count = sizeof(flags) / sizeof(flags[0]),
        .starts = {[SHOP] = true, [CRM] = true},
    };
    struct settings *settings[SERVICES];
    struct arena arena;
    struct err err = {0};
    int code = EXIT_DONE;

    if (!take_values(&asked, &argc, argv)) {
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
