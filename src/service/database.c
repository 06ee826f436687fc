#include "service/database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/traits.h"

/* --- options --- */

static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static const char *location_of(const struct service_traits *traits, const struct settings *settings,
                               struct arena *arena)
{
    if (settings->oracle.dsn[0] != '\0') {
        return arena_printf(arena, "oracle:%s", settings->oracle.dsn);
    }
    return settings->database_url[0] != '\0' ? settings->database_url
                                             : settings_database(traits, settings, arena);
}

struct db_options database_options(const struct service_traits *traits,
                                   const struct settings *settings, const char *module,
                                   struct arena *arena)
{
    const struct oracle_settings *oracle = &settings->oracle;

    return (struct db_options){
        .service = traits->name,
        .module = module,
        .location = location_of(traits, settings, arena),
        .user = or_null(oracle->user),
        .password = or_null(oracle->password),
        .wallet_dir = or_null(oracle->wallet_dir),
        .wallet_password = or_null(oracle->wallet_password),
        .busy_timeout_ms = (uint64_t)settings->busy_timeout_ms,
        .allow_plaintext = settings->database_allow_plaintext,
    };
}

/* --- checks --- */

/* A setting of Oracle's without a database there was meant for one. */
static bool is_alone(const struct settings *settings, struct err *err)
{
    const struct {
        const char *name;
        const char *value;
    } others[] = {
        {"ORACLE_USER", settings->oracle.user},
        {"ORACLE_PASSWORD", settings->oracle.password},
        {"ORACLE_WALLET_DIR", settings->oracle.wallet_dir},
        {"ORACLE_WALLET_PASSWORD", settings->oracle.wallet_password},
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (others[i].value[0] != '\0') {
            return err_field(err, ERR_CONFIG, "ORACLE_DSN",
                             "%s is set, and ORACLE_DSN is not: let it say which database that is "
                             "for, HOST:PORT/SERVICE or an alias of tnsnames.ora",
                             others[i].name);
        }
    }
    return true;
}

static bool has_password(const struct service_traits *traits, const struct settings *settings,
                         struct err *err)
{
    return settings->oracle.password[0] != '\0' ||
           err_field(err, ERR_CONFIG, "ORACLE_PASSWORD",
                     "ORACLE_PASSWORD is not set: the %s signs in to Oracle as %s, whose password "
                     "is expected there, or in a file that ORACLE_PASSWORD_FILE names",
                     traits->name, settings->oracle.user);
}

static bool has_wallet(const char *dir, struct err *err)
{
    static const char *const NAMES[] = {"ewallet.pem", "ewallet.p12"};
    char path[4096];
    struct stat status;
    size_t found = 0;

    if (dir[0] == '\0' || strcmp(dir, "SYSTEM") == 0) {
        return true;
    }
    if (stat(dir, &status) != 0 || !S_ISDIR(status.st_mode)) {
        return err_field(err, ERR_CONFIG, "ORACLE_WALLET_DIR",
                         "ORACLE_WALLET_DIR: %.200s: %s: the directory of an unzipped wallet is "
                         "expected",
                         dir, errno == ENOENT ? "there is no such directory" : "no directory");
    }
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, NAMES[i]);
        found += access(path, R_OK) == 0;
    }
    return found > 0 ||
           err_field(err, ERR_CONFIG, "ORACLE_WALLET_DIR",
                     "ORACLE_WALLET_DIR: in %.200s there is neither an ewallet.pem nor an "
                     "ewallet.p12 that can be read: one of them is expected",
                     dir);
}

/* The connect string is read as it will be; an alias is looked up. */
static bool leads_somewhere(const struct service_traits *traits, const struct settings *settings,
                            struct err *err)
{
    struct arena arena;
    struct db_options options;
    bool ok;

    arena_init(&arena);
    options = database_options(traits, settings, traits->module, &arena);
    ok = db_check_location(&options, err);
    arena_fini(&arena);
    if (!ok) {
        (void)err_wrap(err, "ORACLE_DSN");
    }
    return ok;
}

static bool check_one(const struct service_traits *traits, const struct settings *settings,
                      struct err *err)
{
    if (settings->oracle.dsn[0] == '\0') {
        return is_alone(settings, err);
    }
    if (settings->database_url[0] != '\0') {
        return err_field(err, ERR_CONFIG, "ORACLE_DSN",
                         "ORACLE_DSN and a database URL are set, for the %s: one database is "
                         "expected, so take one of them away",
                         traits->name);
    }
    return has_password(traits, settings, err) && has_wallet(settings->oracle.wallet_dir, err) &&
           leads_somewhere(traits, settings, err);
}

bool database_check_settings(const struct service_traits *const *services,
                             struct settings *const *settings, size_t count, struct err *err)
{
    const struct settings *before = NULL;

    for (size_t i = 0; i < count; i++) {
        if (services[i]->pool_count == 0) {
            continue;
        }
        if (!check_one(services[i], settings[i], err)) {
            return false;
        }
        if (before != NULL && settings[i]->oracle.dsn[0] != '\0' &&
            strcmp(before->oracle.dsn, settings[i]->oracle.dsn) == 0 &&
            strcasecmp(before->oracle.user, settings[i]->oracle.user) == 0) {
            return err_field(err, ERR_CONFIG, "ORACLE_USER",
                             "ORACLE_USER: %.128s would own the tables of two services: each "
                             "is expected to have a user of its own, so leave it empty "
                             "(OCTO_SHOP, OCTO_CRM), or set OCTO_SHOP_ORACLE_USER and "
                             "OCTO_CRM_ORACLE_USER",
                             settings[i]->oracle.user);
        }
        before = settings[i];
    }
    return true;
}
