/* ora/session.c: how a session begins and ends, and its calls that are a word each (see
 * octo/ora.h). */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"
#include "ora/names.h"

#include "ora/session_priv.h"

enum {
    PACKETS_MAX = 96 << 20,
    EDITION_MAX = 128, /* bytes, as of Oracle's identifiers */
    ZONE_MAX = 32,
};

/* --- beginning --- */

void ora_session_free(struct octo_ora *session)
{
    ora_link_close(&session->link);
    ora_wr_fini(&session->in);
    ora_wr_fini(&session->request);
    ora_wr_fini(&session->packets);
    ora_wr_fini(&session->answer);
    ora_wr_fini(&session->releasing);
    ora_statements_clear(&session->cache);
    ora_cache_fini(&session->cache);
    free(session->closing);
    OPENSSL_cleanse(session->key, sizeof(session->key));
    free(session);
}

struct octo_ora *ora_session_new(const struct octo_ora_options *options)
{
    struct octo_ora *session = ora_heap_zeroed(1, sizeof(*session));

    if (session == NULL) {
        return NULL;
    }
    session->link.fd = -1;
    session->link.bell = -1;
    session->sdu = ORA_SDU_DEFAULT;
    session->call_ms = options->call_ms > 0 ? options->call_ms : ORA_CALL_MS;
    session->break_ms = ORA_BREAK_MS;
    session->reading.dialect = &session->dialect;
    ora_wr_init(&session->in, ORA_SDU_MAX + (size_t)65536);
    ora_wr_init(&session->request, ORA_REQUEST_MAX);
    ora_wr_init(&session->packets, PACKETS_MAX);
    ora_wr_init(&session->answer, ORA_ANSWER_MAX);
    ora_wr_init(&session->releasing, ORA_REQUEST_MAX);
    if (!ora_cache_init(&session->cache, options->cached_statements)) {
        ora_session_free(session);
        return NULL;
    }
    return session;
}

static bool check_password(const char *password, struct octo_ora_error *error)
{
    if (*password == '\0' || strlen(password) > ORA_PASSWORD_MAX) {
        return ora_fault(error, OCTO_ORA_USAGE, "a password has 1 to %d bytes", ORA_PASSWORD_MAX);
    }
    return true;
}

/* It goes into a statement. */
static bool is_time_zone(const char *zone)
{
    static const char allowed[] =
        "+-/_:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const size_t length = strlen(zone);

    return length > 0 && length <= ZONE_MAX && strspn(zone, allowed) == length;
}

static bool check_options(const struct octo_ora_options *options, struct octo_ora_error *error)
{
    if (options->dsn == NULL) {
        return ora_fault(error, OCTO_ORA_USAGE, "a connect string is needed");
    }
    if (options->edition != NULL &&
        (*options->edition == '\0' || strlen(options->edition) > EDITION_MAX)) {
        return ora_fault(error, OCTO_ORA_USAGE, "an edition's name has 1 to %d bytes", EDITION_MAX);
    }
    if (options->time_zone != NULL && !is_time_zone(options->time_zone)) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "a time zone is an offset, +00:00, or a region's name of at most %d bytes",
                         ZONE_MAX);
    }
    if (options->token != NULL) {
        return (options->password == NULL && options->new_password == NULL) ||
               ora_fault(error, OCTO_ORA_USAGE, "a token stands in place of a password: give one");
    }
    if (options->user == NULL || *options->user == '\0' || *options->user == '[' ||
        options->password == NULL) {
        return ora_fault(error, OCTO_ORA_USAGE, "a user and a password are needed, or a token");
    }
    return check_password(options->password, error) &&
           (options->new_password == NULL || check_password(options->new_password, error));
}

/* A wallet that nothing would be shown of is a slip; a token would be read by everybody. */
static bool wants_tls(const struct octo_ora_options *options)
{
    return options->wallet_dir != NULL || options->wallet != NULL || options->token != NULL;
}

static bool has_tls(const struct ora_descriptor *descriptor)
{
    for (size_t i = 0; i < descriptor->count; i++) {
        if (descriptor->descriptions[i].has_tls) {
            return true;
        }
    }
    return false;
}

static void keep_service(struct octo_ora *session, const struct ora_description *description)
{
    (void)snprintf(session->service, sizeof(session->service), "%.*s",
                   (int)description->service.length, description->service.at);
}

/* Where the options lead to. On success for ora_descriptor_fini. */
static bool resolve(const struct octo_ora_options *options, struct ora_descriptor *ret,
                    struct octo_ora_error *error)
{
    const struct ora_names_where where = {.admin_dir = options->tns_admin,
                                          .wallet_dir = options->wallet_dir};

    if (!ora_names_resolve(options->dsn, &where, ret, error)) {
        return false;
    }
    if (wants_tls(options) && !has_tls(ret)) {
        ora_descriptor_fini(ret);
        return ora_fault(error, OCTO_ORA_USAGE, "a %s is for TLS: write tcps:// before the host",
                         options->token != NULL ? "token" : "wallet");
    }
    return true;
}

bool octo_ora_check(const struct octo_ora_options *options, struct octo_ora_error *error)
{
    struct ora_descriptor descriptor;

    if (!check_options(options, error) || !resolve(options, &descriptor, error)) {
        error->kind = error->kind == OCTO_ORA_MEMORY ? OCTO_ORA_MEMORY : OCTO_ORA_USAGE;
        return false;
    }
    ora_descriptor_fini(&descriptor);
    return true;
}

/* From the names to a session that is logged on, or to what went wrong on the way. */
static bool begin(struct octo_ora *session, const struct octo_ora_options *options,
                  struct octo_ora_error *error)
{
    struct ora_descriptor descriptor;
    const struct ora_description *description;
    struct ora_who who;
    bool ok;

    ora_who_am_i(options->program, &who);
    ora_set_deadline(session, options->connect_ms > 0 ? options->connect_ms : ORA_CONNECT_MS);
    ora_phases_begin(&session->link.phases, options->on_phase, options->on_phase_arg);
    if (!resolve(options, &descriptor, error)) {
        return false;
    }
    description = ora_reach(session, options, &descriptor, &who, error);
    ok = description != NULL && ora_log_on(session, options, description, &who, error);
    if (ok) {
        keep_service(session, description);
    }
    ora_descriptor_fini(&descriptor);
    return ok;
}

bool octo_ora_connect(const struct octo_ora_options *options, struct octo_ora **ret_session,
                      struct octo_ora_error *error)
{
    struct octo_ora *session;

    if (!check_options(options, error)) {
        return false;
    }
    session = ora_session_new(options);
    if (session == NULL) {
        return ora_fault_memory(error);
    }
    if (!begin(session, options, error)) {
        /* There is no session that could be lost or go on. */
        error->kind = error->kind == OCTO_ORA_USAGE || error->kind == OCTO_ORA_MEMORY
                          ? error->kind
                          : OCTO_ORA_CONNECT;
        ora_session_free(session);
        return false;
    }
    *ret_session = session;
    return true;
}

/* --- words --- */

static bool say(struct octo_ora *session, enum ora_function function, struct octo_ora_error *error)
{
    ora_set_deadline(session, session->call_ms);
    ora_request_begin(session, function, true);
    return ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, error);
}

bool octo_ora_ping(struct octo_ora *session, struct octo_ora_error *error)
{
    return say(session, ORA_FUNCTION_PING, error);
}

bool octo_ora_rollback(struct octo_ora *session, struct octo_ora_error *error)
{
    return say(session, ORA_FUNCTION_ROLLBACK, error);
}

bool octo_ora_commit(struct octo_ora *session, struct octo_ora_error *error)
{
    bool was_alive;
    bool ok;

    ora_set_deadline(session, session->call_ms);
    if (!ora_settle(session, error)) {
        return false; /* nothing was sent that could have been made */
    }
    was_alive = !session->is_dead;
    ok = say(session, ORA_FUNCTION_COMMIT, error);
    if (!ok && was_alive && session->is_dead) {
        error->kind = OCTO_ORA_UNKNOWN;
    }
    return ok;
}

bool octo_ora_is_alive(const struct octo_ora *session)
{
    return !session->is_dead && !session->is_draining;
}

bool octo_ora_in_transaction(const struct octo_ora *session)
{
    return !session->is_dead && (session->call_status & ORA_STATUS_IN_TRANSACTION) != 0;
}

const char *octo_ora_server_version(const struct octo_ora *session)
{
    return session->version;
}

uint32_t octo_ora_sid(const struct octo_ora *session)
{
    return session->sid;
}

const char *octo_ora_host(const struct octo_ora *session)
{
    return session->address.host;
}

const char *octo_ora_port(const struct octo_ora *session)
{
    return session->address.port;
}

const char *octo_ora_service(const struct octo_ora *session)
{
    return session->service;
}

uint64_t octo_ora_round_trips(const struct octo_ora *session)
{
    return session->round_trips;
}

void octo_ora_set_break_ms(struct octo_ora *session, int break_ms)
{
    session->break_ms = break_ms > 0 ? break_ms : ORA_BREAK_MS;
}

void octo_ora_set_bell(struct octo_ora *session, int fd)
{
    session->link.bell = fd;
}

void octo_ora_set_call_ms(struct octo_ora *session, int call_ms)
{
    session->call_ms = call_ms > 0 ? call_ms : ORA_CALL_MS;
}

bool octo_ora_set_tag(struct octo_ora *session, enum octo_ora_tag tag, const char *text,
                      struct octo_ora_error *error)
{
    return ora_tags_set(&session->tags, tag, text) ||
           ora_fault(error, OCTO_ORA_USAGE, "a tag has at most %d bytes", ORA_TAG_MAX);
}

/* --- pooled servers --- */

enum giving_back {
    GIVE_BACK = 0,           /* for whom the connection is stays known */
    GIVE_BACK_FORGOTTEN = 2, /* so that another user may come */
};

/* It answers nothing. */
static bool give_back(struct octo_ora *session, enum giving_back how, struct octo_ora_error *error)
{
    if (!ora_settle(session, error)) {
        return false;
    }
    ora_one_way_begin(session, ORA_FUNCTION_RELEASE);
    ora_wr_zeros(&session->request, 2); /* no tag */
    ora_wr_ub(&session->request, (uint64_t)how);
    ora_wr_clear(&session->packets);
    ora_data_write(&session->packets, session->is_wide, session->sdu, 0, 0, session->request.data,
                   session->request.length);
    return ora_send(session, &session->packets, error);
}

/* Is there something that the server must be rid of before others get it? */
static bool leaves_something(const struct octo_ora *session)
{
    return octo_ora_in_transaction(session) || session->closing_count > 0 ||
           session->releasing.length > 0;
}

bool octo_ora_release(struct octo_ora *session, struct octo_ora_error *error)
{
    if (!session->is_pooled) {
        return ora_fault(error, OCTO_ORA_USAGE,
                         "the server is of no pool: write :pooled behind the service's name");
    }
    if (session->is_dead) {
        return ora_fault(error, OCTO_ORA_LOST, "the session is dead: close it and connect anew");
    }
    ora_statements_clear(&session->cache);
    if (leaves_something(session) && !octo_ora_rollback(session, error)) {
        return false;
    }
    ora_set_deadline(session, session->call_ms);
    ora_tags_forgotten(&session->tags);
    session->generation++; /* whatever the next server has open is not ours */
    return give_back(session, GIVE_BACK, error);
}

/* --- the end --- */

static void log_off(struct octo_ora *session)
{
    struct octo_ora_error ignored;

    ora_request_begin(session, ORA_FUNCTION_LOGOFF, false);
    (void)ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, &ignored);
}

static void say_end(struct octo_ora *session)
{
    struct octo_ora_error ignored;

    if (!session->is_dead) {
        ora_wr_clear(&session->packets);
        ora_data_write(&session->packets, session->is_wide, session->sdu, ORA_DATA_EOF, 0, NULL, 0);
        (void)ora_send(session, &session->packets, &ignored);
    }
}

/* The whole farewell has the time of one call. */
void octo_ora_close(struct octo_ora *session)
{
    struct octo_ora_error ignored;

    if (session == NULL) {
        return;
    }
    ora_statements_clear(&session->cache);
    ora_set_deadline(session, session->call_ms);
    if (octo_ora_in_transaction(session)) {
        ora_request_begin(session, ORA_FUNCTION_ROLLBACK, false);
        (void)ora_turn(session, ORA_CALL_SIMPLE, NULL, NULL, &ignored);
    }
    if (!session->is_dead && session->is_pooled) {
        (void)give_back(session, GIVE_BACK_FORGOTTEN, &ignored);
    } else if (!session->is_dead) {
        log_off(session);
    }
    say_end(session);
    ora_session_free(session);
}
