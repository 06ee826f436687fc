#include "service/lifecycle.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "db/diagnose.h"
#include "db/migrate.h"
#include "db/pipeline.h"
#include "service/audit.h"
#include "service/audit_periods.h"
#include "service/auth.h"
#include "service/budgets.h"
#include "service/data_dir.h"
#include "service/database.h"
#include "service/disk.h"
#include "service/events.h"
#include "service/examples.h"
#include "service/first_users.h"
#include "service/internal_key.h"
#include "service/security.h"
#include "service/simulation.h"
#include "service/simulation_touch.h"
#include "service/sso.h"
#include "service/sweep.h"
#include "service/telemetry.h"
#include "service/writer.h"
#include "sql_core.h"
#include "trace/span.h"

enum {
    MIGRATE_MS = 120000,
    IDLE_CHECK_MS = 30000,
    LIFETIME_MS = 1800000,
    HOLD_WARN_MS = 10000,
    PEER_TIMEOUT_MS = 5000,
    PEER_TRIES = 2,
    PEER_FAILURES = 5,
    PEER_RECOVERY_MS = 60000,
};

static bool open_pool(struct service *service, size_t at, struct err *err)
{
    const struct pool_traits *pool = &service->traits->pools[at];
    const struct pool_settings *settings = &service->settings->pools[at];
    const struct db_pool_options options = {.name = pool->name,
                                            .size = settings->size,
                                            .overflow = settings->overflow,
                                            .checkout_timeout_ms = settings->timeout_ms,
                                            .idle_check_ms = IDLE_CHECK_MS,
                                            .lifetime_ms = LIFETIME_MS,
                                            .hold_warn_ms = HOLD_WARN_MS};
    struct db_pool *opened = NULL;

    if (!db_pool_new(service->db, &options, &opened, err)) {
        return false;
    }
    if ((pool->purposes & POOL_FOR_REQUESTS) != 0) {
        service->main_pool = opened;
    }
    if ((pool->purposes & POOL_FOR_EVENTS) != 0) {
        service->events_pool = opened;
    }
    if ((pool->purposes & POOL_FOR_SIGN_INS) != 0) {
        service->sign_in_pool = opened;
    }
    return true;
}

static bool open_pools(struct service *service, struct err *err)
{
    if (service->settings->sqlid_verify) {
        db_verify_sqlids(service->db);
    }
    if (service->settings->action_is_traceparent) {
        db_tag_by_traceparent(service->db);
    }
    for (size_t i = 0; i < service->traits->pool_count; i++) {
        if (!open_pool(service, i, err)) {
            return false;
        }
    }
    return true;
}

static bool connect_database(struct service *service, struct err *err)
{
    const struct service_traits *traits = service->traits;
    struct db_options options =
        database_options(traits, service->settings, traits->module, &service->arena);

    options.catalogue = traits->catalogue;
    options.metrics = service->metrics;
    options.tracer = service->tracer;
    return db_open(&options, &service->db, err) && open_pools(service, err);
}

/* Where a pooler stands between, its own settings decide how many sessions there are. */
static bool check_server(struct service *service, struct err *err)
{
    const struct settings *settings = service->settings;
    bool is_pooled;

    if (!db_check(service->db, &is_pooled, err)) {
        return false;
    }
    if (is_pooled) {
        log_line(LOG_WARNING, NULL, "pooler between",
                 "target=%s mode=session sessions=%lld note=\"each takes one of the pooler's: its "
                 "pool_size must not be less\"",
                 db_target(service->db), (long long)settings_sessions(service->traits, settings));
    }
    return true;
}

/* A role that may do everything would make the schemas' borders meaningless. */
static bool is_fit_role(const struct service *service, const struct sql_role_look_row *row,
                        struct err *err)
{
    if (row->is_superuser) {
        return err_set(err, ERR_CONFIG,
                       "%s: the role of the database URL is a superuser; give the service one of "
                       "its own (octo migrate --admin makes it)",
                       db_target(service->db));
    }
    return row->has_schema ||
           err_set(err, ERR_CONFIG,
                   "%s: the %s has no schema there that the role %s may use: either the database "
                   "URL is another service's, or octo migrate --admin has yet to make role and "
                   "schema",
                   db_target(service->db), service->traits->name, row->role);
}

static bool check_role(struct service *service, struct err *err)
{
    struct sql_role_look_row row;
    struct db_session *session = NULL;
    struct arena arena;
    struct ctx ctx;
    struct span *root;
    bool is_fit;

    if (db_is_embedded(service->db)) {
        return true;
    }
    arena_init(&arena);
    ctx_init_background(&ctx, &arena, service->tracer, service->traits->module, "BG check role",
                        MIGRATE_MS);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    is_fit = db_checkout(&ctx, service->main_pool, &session, err) &&
             sql_role_look(session, &row, err) == DB_ROW && is_fit_role(service, &row, err);
    db_checkin(session);
    if (!is_fit) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    arena_fini(&arena);
    return is_fit;
}

static bool migrate(struct service *service, struct err *err)
{
    const struct service_traits *traits = service->traits;
    struct migrate_report *report = &service->migrated;
    struct arena arena;
    struct ctx ctx;
    struct span *root;
    struct err why;
    bool is_done;

    arena_init(&arena);
    ctx_init_background(&ctx, &arena, service->tracer, traits->module, "BG migrate", MIGRATE_MS);
    root = span_begin(&ctx, ctx.action, SPAN_INTERNAL);
    is_done = db_migrate(&ctx, service->main_pool, traits->scripts, *traits->script_count,
                         service->settings->seed, report, err);
    if (is_done && !audit_periods_make(&ctx, service->main_pool, &why)) {
        log_err(LOG_WARNING, NULL, "no period for the audit trail",
                &why); /* its rows find a place */
    }
    if (!is_done) {
        span_fail(root, err);
    }
    span_end(&ctx, root);
    arena_fini(&arena);
    if (is_done && report->scripts_run > 0) {
        log_line(LOG_INFO, NULL, "schema migrated", "from=%d to=%d scripts=%d",
                 report->from_version, report->to_version, report->scripts_run);
    }
    return is_done;
}

/* Without it all works but octo audit drop on a disk that others have filled. */
static void make_reserve(const struct service *service)
{
    const struct settings *settings = service->settings;
    struct err err = {0};

    if (db_is_embedded(service->db) &&
        !disk_reserve_make(settings->data_dir, settings->disk_reserve_mb << 20, &err)) {
        log_err(LOG_WARNING, NULL, "no reserve", &err);
    }
}

static bool open_database(struct service *service, struct err *err)
{
    if (!connect_database(service, err) || !check_server(service, err) ||
        !check_role(service, err) || !migrate(service, err)) {
        return false;
    }
    make_reserve(service);
    return first_users_make(service, err);
}

static struct http_client *new_peer(struct service *service)
{
    const struct service_traits *traits = service->traits;
    const struct settings *settings = service->settings;
    const struct http_client_options options = {
        .peer = traits->peer,
        .base_url = settings->peer_url,
        .internal_key = service->internal_key,
        .service_name = traits->module,
        .service_version = OCTO_VERSION,
        .timeout_ms = PEER_TIMEOUT_MS,
        .tries = PEER_TRIES,
        .before = simulation_before_call,
        .before_arg = service,
        .breaker = {.name = traits->peer,
                    .failure_threshold = PEER_FAILURES,
                    .recovery_ms = PEER_RECOVERY_MS},
    };

    return http_client_new(&options);
}

bool service_open(struct service *service, struct err *err)
{
    const struct service_traits *traits = service->traits;
    const struct settings *settings = service->settings;
    enum log_level level = LOG_INFO;

    service->started_ns = clock_mono_ns();
    arena_init(&service->arena);
    snapshot_init(&service->regions);
    snapshot_init(&service->peer_state);
    snapshot_init(&service->overview);
    snapshot_init(&service->dashboard);
    (void)log_level_parse(settings->log_level, &level);
    log_setup(traits->name, level);
    settings_warn(traits, settings);
    service->metrics = metrics_new();
    if ((traits->sign_in_page != NULL && !sso_open(service, &service->sso, err)) ||
        !data_dir_make(settings->data_dir, err) ||
        !data_dir_close_to_others(traits, settings, &service->arena, err) ||
        !internal_key_load(settings, &service->arena, true, &service->internal_key, err) ||
        !telemetry_open(service, err)) {
        return false;
    }
    if (traits->pool_count > 0 && !open_database(service, err)) {
        return false;
    }
    service->budgets = budgets_new(settings, service->metrics, traits->name);
    service->auth = auth_new(service);
    sso_begin(service);
    service->security = security_new(service);
    service->simulation = simulation_new(service);
    service->peer = traits->peer != NULL ? new_peer(service) : NULL;
    return true;
}

/* A firewall among our proxies marks what it finds suspicious; from anybody else it is only a text.
 */
static void note_firewall(struct request *rq)
{
    const char *score = request_field(rq, FIELD_WAF_SCORE);
    const char *action = request_field(rq, FIELD_WAF_ACTION);

    if (rq->is_proxied && (score != NULL || action != NULL)) {
        security_record(rq, &(struct attack){.type = "security_misconfig",
                                             .severity = SEVERITY_MEDIUM,
                                             .payload = score != NULL ? score : action});
    }
}

static void finished(struct request *rq, const struct reply *rp, uint64_t duration_us,
                     const struct err *err)
{
    note_firewall(rq);
    audit_finished(rq, rp, duration_us, err);
}

static bool is_embedded(const struct service *service)
{
    return service->db != NULL && db_is_embedded(service->db);
}

/* Where a statement is waited for, workers beyond the pool's size would at most times wait for each
 * other's sessions, at the cost of two switches a request. */
static int64_t reserve_threads(const struct service *service)
{
    const struct settings *settings = service->settings;
    int64_t beyond = 0;

    if (service->db != NULL && !db_is_embedded(service->db)) {
        beyond = settings->worker_threads - settings->pools[0].size;
    }
    return beyond < 0 ? 0 : beyond;
}

static struct db_pipelines *open_pipelines(void *state, int epoll, uint32_t number)
{
    return db_pipelines_new(((struct service *)state)->db, epoll, number);
}

static const struct reads_calls READS = {
    .open = open_pipelines,
    .close = db_pipelines_free,
    .send = db_pipelines_send,
    .receive = db_pipelines_receive,
};

static void start_writer(struct service *service)
{
    const struct audit_options audit = {.service = service,
                                        .pool = service->events_pool,
                                        .in_flight_max = (size_t)service->settings->connection_max,
                                        .stranger_rows = service->settings->anonymous_rows};

    service->writer = writer_new(service->tracer, service->traits->module);
    service->audit = audit_new(service->writer, &audit);
    if (service->traits->store_attacks != NULL) {
        security_store_by(service->security, service->writer);
    }
    service->sweep = sweep_new(service->writer, service);
    service->periods = audit_periods_new(service->writer, service->events_pool);
    service->disk = disk_new(service->writer, service);
    events_look_after(service, service->writer);
    writer_start(service->writer);
}

bool service_listen(struct service *service, void *state, const struct route_table *tables,
                    size_t table_count, struct err *err)
{
    const struct service_traits *traits = service->traits;
    const struct settings *settings = service->settings;
    struct server_options options = {
        .service = traits->module,
        .title = traits->title,
        .page_style = traits->page_style,
        .metric_prefix = traits->name,
        .host = settings->host,
        .port = settings->port,
        .loop_threads = settings->loop_threads,
        .worker_threads = settings->worker_threads,
        .reserve_threads = reserve_threads(service),
        .queue_length = settings->queue_length,
        .connection_max = settings->connection_max,
        .connections_of_one = settings->connections_of_one,
        .body_max = settings->body_max,
        .bodies_max = settings->bodies_max_mb << 20,
        .idle_timeout_s = settings->idle_timeout_s,
        .head_timeout_s = settings->head_timeout_s,
        .request_timeout_ms = settings->request_timeout_ms,
        .reads_on_loop = is_embedded(service),
        .reads = service->db != NULL ? &READS : NULL,
        .trusted_proxies = settings->trusted_networks,
        .exempt = settings->exempt_networks,
        .allowed_origins = settings->allowed_origins,
        .is_https = settings_clients_use_https(settings),
        .hsts = settings->hsts,
        .version = OCTO_VERSION,
        .tables = tables,
        .table_count = table_count,
        .workflows = traits->workflows,
        .workflow_count = traits->workflow_count,
        .credentials = auth_credentials(service),
        .credential_count = AUTH_CREDENTIAL_COUNT,
        .examples = SERVICE_EXAMPLES,
        .example_count = SERVICE_EXAMPLE_COUNT,
        .peer_roles = ROLE_SERVICE,
        .role_name = auth_role_word,
        .metrics = service->metrics,
        .tracer = service->tracer,
        .service_state = state,
        .claim = auth_claim,
        .authenticate = auth_authenticate,
        .admit = audit_admit,
        .prepare = simulation_touch,
        .finished = finished,
    };

    memcpy(options.budgets, service->budgets->of_routes, sizeof(options.budgets));
    service->tables = tables;
    service->table_count = table_count;
    service->events = events_new();
    if (service->events_pool != NULL) {
        start_writer(service);
    }
    if (!server_start(&options, &service->server, err)) {
        return false;
    }
    log_line(LOG_INFO, NULL, "listening", "host=%s port=%d version=%s", settings->host,
             (int)server_port(service->server), OCTO_VERSION);
    return true;
}

void service_stop_listening(struct service *service)
{
    server_stop(service->server);
    service->server = NULL;
    writer_stop(service->writer);
}

void service_close(struct service *service)
{
    service_stop_listening(service);
    http_client_free(service->peer);
    events_free(service->events);
    disk_end(service->disk);
    audit_periods_free(service->periods);
    sweep_free(service->sweep);
    audit_free(service->audit);
    security_free(service->security);
    simulation_free(service->simulation);
    writer_free(service->writer);
    sso_close(service->sso);
    auth_free(service->auth);
    budgets_free(service->budgets);
    db_close(service->db);
    telemetry_close(service);
    if (service->metrics != NULL) {
        metrics_free(service->metrics);
    }
    snapshot_fini(&service->regions);
    snapshot_fini(&service->peer_state);
    snapshot_fini(&service->overview);
    snapshot_fini(&service->dashboard);
    explicit_bzero(service->generated_password, sizeof(service->generated_password));
    arena_fini(&service->arena);
    log_flush_folded();
    *service = (struct service){0};
}
