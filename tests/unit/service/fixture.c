#include "fixture.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/clock.h"
#include "service/audit.h"
#include "service/auth.h"
#include "service/lifecycle.h"
#include "service/page_views.h"
#include "service/routes.h"
#include "service/security.h"
#include "service/write.h"
#include "sql_core.h"
#include "support/test.h"

/* ---- routes ---- */

struct login_body {
    const char *username;
    const char *password;
};
static const struct json_field LOGIN_FIELDS[] = {
    JSON_TEXT(struct login_body, username, 1, 100, JSON_REQUIRED),
    JSON_TEXT(struct login_body, password, 1, 200, JSON_REQUIRED),
};
static const struct json_shape LOGIN = JSON_SHAPE("Login", struct login_body, LOGIN_FIELDS);

static bool login(struct request *rq, struct reply *rp, struct err *err)
{
    const struct login_body *body = rq->body;
    struct auth_user user;
    char token[SESSION_TOKEN_MAX];
    int64_t expires_us;

    if (!auth_login(rq, body->username, body->password, &user, token, &expires_us, err)) {
        return false;
    }
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "token", token);
    json_put_text(&rp->json, "role", user.role);
    json_put_int(&rp->json, "left_s", (expires_us - clock_utc_us()) / CLOCK_US_PER_S);
    json_end_object(&rp->json);
    return true;
}

static bool logout(struct request *rq, struct reply *rp, struct err *err)
{
    struct auth_token token;

    reply_status_word(rp, "done");
    return auth_token(rq, &token, err) && auth_logout(rq, token.text, err);
}

static bool me(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    json_begin_object(&rp->json, NULL);
    json_put_text(&rp->json, "username", rq->ctx.caller.username);
    json_end_object(&rp->json);
    return true;
}

static bool open_to_all(struct request *rq, struct reply *rp, struct err *err)
{
    (void)rq;
    (void)err;
    reply_status_word(rp, "open");
    return true;
}

struct write_job {
    struct request *rq;
    struct reply *rp;
    bool breaks;
};

static bool note(struct ctx *ctx, struct db_session *session, void *arg, struct err *err)
{
    struct write_job *job = arg;

    (void)ctx;
    if (!sql_login_failure_add(session, "test", "somebody", err)) {
        return false;
    }
    audit_note(job->rq, "test.noted", "note:1", "{\"n\":1}");
    job->rp->status = 201;
    reply_status_word(job->rp, "noted");
    return !job->breaks || err_set(err, ERR_CONFLICT, "broken on purpose");
}

/* The key is the region's, if one is given. */
static bool write_note(struct request *rq, struct reply *rp, struct err *err)
{
    struct write_job job = {rq, rp, false};

    service_key_owner(rq, request_field(rq, FIELD_CLIENT_REGION));
    return service_write(rq, rp, service_of(rq)->main_pool, note, &job, err);
}

static bool write_and_break(struct request *rq, struct reply *rp, struct err *err)
{
    struct write_job job = {rq, rp, true};

    return service_write(rq, rp, service_of(rq)->main_pool, note, &job, err);
}

static bool attack(struct request *rq, struct reply *rp, struct err *err)
{
    (void)err;
    for (int i = 0; i < 3; i++) {
        security_record(rq, &(struct attack){.type = "sqli",
                                             .severity = SEVERITY_CRITICAL,
                                             .payload = "' OR 1=1 --",
                                             .product_id = 7});
    }
    reply_status_word(rp, "seen");
    return true;
}

static const struct param WRITE_FIELDS[] = {PARAM_ID(struct id_params, id, "id")};
static const struct param_shape WRITE = PARAM_SHAPE(struct id_params, WRITE_FIELDS);

static const struct route ROUTES[] = {
    {POST, "/api/login", login, ANYONE, .flags = ROUTE_SIGNS_IN, .admit = auth_admit,
     .body = &LOGIN},
    {POST, "/api/logout", logout, ROLE_ANY_SIGNED_IN, .flags = 0},
    {GET, "/api/me", me, ROLE_ANY_SIGNED_IN, .flags = ROUTE_RERUN_READS},
    {GET, "/api/open", open_to_all, ANYONE, .flags = ROUTE_NO_IO},
    {POST, "/api/write", write_note, ANYONE, .flags = ROUTE_KNOWS_CALLER},
    {POST, "/api/write/{id}", write_note, ANYONE, .flags = ROUTE_KNOWS_CALLER, .params = &WRITE},
    {PUT, "/api/write", write_note, ANYONE, .flags = ROUTE_RERUN_READS},
    {POST, "/api/break", write_and_break, ANYONE, .flags = 0},
    {POST, "/api/attack", attack, ANYONE, .flags = 0},
    {POST, "/api/analytics/track", page_view_track, ANYONE, .flags = 0, .body = &PAGE_VIEW_TRACK},
    {GET, "/api/analytics/geo", page_view_geo, ANYONE, .flags = ROUTE_RERUN_READS,
     .params = &PAGE_VIEW_GEO},
};

/* ---- life ---- */

static void open_here(struct fixture *f, const struct service_traits *traits)
{
    static const char *const PORTS[] = {"OCTO_STORE_PORT", "OCTO_DESK_PORT", "OCTO_CONSOLE_PORT",
                                        "OCTO_BARE_PORT"};
    static struct route_table tables[2];
    struct settings *settings;
    char name[] = "octo";
    char *argv[] = {name, NULL};
    int argc = 1;
    struct err err = {0};

    tables[0] = service_routes;
    tables[1] = (struct route_table){ROUTES, sizeof(ROUTES) / sizeof(ROUTES[0]), NULL, NULL};
    f->service = (struct service){.traits = traits};
    setenv("OCTO_DATA_DIR", f->dir, 1);
    for (size_t i = 0; i < sizeof(PORTS) / sizeof(PORTS[0]); i++) {
        setenv(PORTS[i], "0", 1);
    }
    setenv("OCTO_LOG_LEVEL", "error", 1);
    setenv("BOOTSTRAP_ADMIN_PASSWORD", "a-good-password", 1);
    if (!settings_load(&traits, 1, &f->arena, &argc, argv, &settings, &err)) {
        fail_msg("cannot load: %s", err.text);
    }
    f->service.settings = settings;
    if (!service_open(&f->service, &err) || !service_listen(&f->service, f, tables, 2, &err)) {
        fail_msg("cannot open: %s", err.text);
    }
}

struct fixture *fixture_open(const struct service_traits *traits)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/octo-test-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    arena_init(&f->arena);
    open_here(f, traits);
    return f;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void fixture_close(struct fixture *f)
{
    service_close(&f->service);
    arena_fini(&f->arena);
    (void)nftw(f->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
}

void fixture_restart(struct fixture *f)
{
    const struct service_traits *traits = f->service.traits;

    service_close(&f->service);
    open_here(f, traits);
}

/* ---- asking ---- */

void fixture_ask(struct fixture *f, const char *method, const char *path, const char *headers,
                 const char *body)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server_port(f->service.server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t length = 0;
    ssize_t got;

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_true(dprintf(fd,
                        "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
                        "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                        method, path, headers, strlen(body), body) > 0);
    while ((got = read(fd, f->answer + length, FIXTURE_ANSWER_MAX - 1 - length)) > 0) {
        length += (size_t)got;
    }
    f->answer[length] = '\0';
    (void)close(fd);
    f->status = 0;
    (void)sscanf(f->answer, "HTTP/1.1 %d", &f->status);
}

void fixture_ask_inside(struct fixture *f, const char *path)
{
    char key[128];

    (void)snprintf(key, sizeof(key), "X-Internal-Service-Key: %s\r\n", f->service.internal_key);
    fixture_ask(f, "GET", path, key, "");
    assert_int_equal(f->status, 200);
}

const char *fixture_body(const struct fixture *f)
{
    const char *body = strstr(f->answer, "\r\n\r\n");

    return body != NULL ? body + 4 : "";
}

static sqlite3 *open_file(const struct fixture *f)
{
    char path[128];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s.db", f->dir, f->service.traits->name);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    (void)sqlite3_busy_timeout(db, 5000);
    return db;
}

int64_t fixture_number(const struct fixture *f, const char *sql)
{
    sqlite3 *db = open_file(f);
    sqlite3_stmt *statement = NULL;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return number;
}

void fixture_run(const struct fixture *f, const char *sql)
{
    sqlite3 *db = open_file(f);

    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
}

sqlite3 *fixture_lock(const struct fixture *f)
{
    sqlite3 *db = open_file(f);

    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    return db;
}

void fixture_unlock(sqlite3 *lock)
{
    assert_int_equal(sqlite3_exec(lock, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(lock);
}
