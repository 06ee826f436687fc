#include "service/home.h"

#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "service/service.h"

enum { ROWS_MS = 1000, HOST_MAX = 255 };

static const struct home_link LINKS[] = {
    {"/docs", "API", "Every route, to read and to try"},
    {"/openapi.json", "API document", "The same, as OpenAPI 3.1"},
    {"/ready", "Readiness", "Can it read and store?"},
    {"/health", "Health", "Does the process answer?"},
    {"/metrics", "Metrics", "Counters and times as Prometheus text"},
    {"/api/observability/360", "Overview", "All that an operator looks at first, as JSON"},
};

bool home_read(struct request *rq,
               bool (*read)(struct db_session *session, void *arg, struct err *err), void *arg)
{
    const uint64_t deadline_ns = rq->ctx.deadline_ns;
    const uint64_t limit_ns = clock_after_ms(ROWS_MS);
    struct db_session *session = NULL;
    struct err err = {0};
    bool is_read;

    rq->ctx.deadline_ns = limit_ns < deadline_ns ? limit_ns : deadline_ns;
    is_read = db_checkout(&rq->ctx, service_of(rq)->main_pool, &session, &err) &&
              read(session, arg, &err);
    db_checkin(session);
    rq->ctx.deadline_ns = deadline_ns;
    if (!is_read && !ctx_has_left(&rq->ctx)) {
        log_err(LOG_WARNING, rq->ctx.trace.trace_id, "the page at / has no rows", &err);
    }
    return is_read;
}

static void put_links(struct reply *rp, const struct home_link *links, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        PAGE_HTML(rp, "<li><a href=\"");
        page_text(rp, links[i].href);
        PAGE_HTML(rp, "\"><b>");
        page_text(rp, links[i].name);
        PAGE_HTML(rp, "</b>");
        page_text(rp, links[i].what);
        PAGE_HTML(rp, "</a></li>\n");
    }
}

void home_begin(struct request *rq, struct reply *rp, const struct home *home, bool is_up)
{
    page_begin(rq, rp, NULL);
    PAGE_HTML(rp, "<h1>");
    page_text(rp, home->headline);
    PAGE_HTML(rp, "</h1>\n<p class=\"lede\">");
    page_text(rp, home->lede);
    PAGE_HTML(rp, "</p>\n<p>");
    if (is_up) {
        PAGE_HTML(rp, "<span class=\"badge ok\">The database answers</span>");
    } else {
        PAGE_HTML(rp,
                  "<span class=\"badge bad\" role=\"alert\">The database does not answer</span> "
                  "Nothing can be read or stored until it does; this page looks again when it "
                  "is loaded again.");
    }
    PAGE_HTML(rp, "</p>\n<nav aria-label=\"Of this service\"><ul class=\"links\">\n");
    put_links(rp, home->links, home->link_count);
    put_links(rp, LINKS, sizeof(LINKS) / sizeof(LINKS[0]));
    PAGE_HTML(rp, "</ul></nav>\n");
}

/* Where the client found us, for a command to copy. What is no plain host is not repeated. */
static void put_origin(struct request *rq, struct reply *rp)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789.:-[]";
    const char *host = request_field(rq, FIELD_HOST);
    const size_t length = host != NULL ? strspn(host, allowed) : 0;

    buf_add_text(&rp->body, rq->is_secure ? "https://" : "http://");
    if (length > 0 && length <= HOST_MAX && host[length] == '\0') {
        page_text(rp, host);
    } else {
        PAGE_HTML(rp, "localhost");
    }
}

void home_end(struct request *rq, struct reply *rp, const struct home *home)
{
    PAGE_HTML(rp,
              "<h2 id=\"sign-in\">Sign in</h2>\n"
              "<p>The user is <code>admin</code>. The first start showed the password once on its "
              "terminal, or said which file it wrote it to, or took it from "
              "<code>BOOTSTRAP_ADMIN_PASSWORD</code>. "
              "<code>octo password admin</code> sets a new one."
              "</p>\n<pre tabindex=\"0\"><code>curl -s ");
    page_text(rp, home->sign_in_options);
    put_origin(rq, rp);
    PAGE_HTML(rp, "/api/auth/login \\\n     -H 'Content-Type: application/json' \\\n"
                  "     -d '{\"username\": \"admin\", \"password\": \"...\"}'\ncurl -s ");
    put_origin(rq, rp);
    page_text(rp, home->then);
    PAGE_HTML(rp, "</code></pre>\n");
    page_end(rp);
}

static void put_heading(struct reply *rp, const struct home_newest *newest)
{
    PAGE_HTML(rp, "<table><thead><tr><th scope=\"col\">");
    page_text(rp, newest->columns[0]);
    PAGE_HTML(rp, "</th><th scope=\"col\" class=\"num\">");
    page_text(rp, newest->columns[1]);
    PAGE_HTML(rp, "</th><th scope=\"col\">");
    page_text(rp, newest->columns[2]);
    PAGE_HTML(rp, "</th><th scope=\"col\">");
    page_text(rp, newest->columns[3]);
    PAGE_HTML(rp, "</th><th scope=\"col\">Trace id</th></tr></thead><tbody>\n");
}

static void put_row(struct reply *rp, const struct home_row *row)
{
    PAGE_HTML(rp, "<tr><th scope=\"row\">#");
    page_int(rp, row->id);
    PAGE_HTML(rp, "</th><td class=\"num\">");
    page_money(rp, row->cents);
    PAGE_HTML(rp, "</td><td><span class=\"badge\">");
    page_sentence(rp, row->state);
    PAGE_HTML(rp, "</span></td><td class=\"quiet\">");
    page_time(rp, row->at_us);
    PAGE_HTML(rp, "</td><td class=\"id line\">");
    page_text(rp, row->trace_id != NULL ? row->trace_id : "\u2013");
    PAGE_HTML(rp, "</td></tr>\n");
}

void home_put_newest(struct request *rq, struct reply *rp, const struct home_newest *newest,
                     const struct home_row *rows, size_t count)
{
    PAGE_HTML(rp, "<h2>");
    page_text(rp, newest->title);
    PAGE_HTML(rp, "</h2>\n<div class=\"card\">");
    if (!route_shows_all(rq)) {
        PAGE_HTML(rp, "<p class=\"empty\">They are for those who are signed in and may see them: "
                      "<code>");
        page_text(rp, newest->route);
        PAGE_HTML(rp, "</code>.</p>");
    } else if (count == 0) {
        PAGE_HTML(rp, "<p class=\"empty\">");
        page_text(rp, newest->none);
        PAGE_HTML(rp, "</p>");
    } else {
        put_heading(rp, newest);
        for (size_t i = 0; i < count; i++) {
            put_row(rp, &rows[i]);
        }
        PAGE_HTML(rp, "</tbody></table>");
    }
    PAGE_HTML(rp, "</div>\n");
}
