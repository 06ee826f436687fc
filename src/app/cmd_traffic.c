/*
 * octo traffic: shoppers who come to the shop of this machine, so that there is something to look
 * at: as many requests a second as are asked for, in journeys that a seed makes up.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/cli.h"
#include "app/journeys.h"
#include "app/running.h"
#include "core/clock.h"
#include "core/network.h"
#include "core/text.h"
#include "http/json_in.h"
#include "net/http_client.h"
#include "trace/json_text.h"

enum {
    SHOPPERS = 8, /* who are under way at a time, by turns */
    RATE_USUAL = 5,
    RATE_MOST = 1000,
    SECONDS_MOST = 86400,
    TIMEOUT_MS = 10000,
    ANSWER_MAX = 8 << 20,
    TEXT_MAX = 32 << 10, /* of a password as JSON: six bytes for each of its own at most */
    REFUSED_FROM = 400,
    FAILED_FROM = 500,
    NS_PER_SECOND = 1000000000,
};

struct shopper {
    struct arena arena; /* of the journey */
    struct journey journey;
    size_t done;               /* steps */
    const char *cart;          /* its id, from the first answer on; NULL: none yet */
    const char *authorization; /* of who has signed in; NULL: nobody has */
    int64_t ticket;            /* that the journey knows; 0: none yet */
};

struct traffic {
    struct http_client *shop;
    const char *password; /* of the first users beside admin; "": they cannot sign in */
    struct journeys journeys;
    struct shopper shoppers[SHOPPERS];
    int64_t rate;
    int64_t seconds; /* 0: until it is stopped */
    uint64_t requests;
    uint64_t refused;
    uint64_t failed;
};

/* ---- one request ---- */

static const char *sign_in_body(struct traffic *traffic, struct shopper *shopper,
                                const struct journey_step *step)
{
    const char *body;
    struct buf text;

    buf_init(&text, TEXT_MAX);
    json_text_add(&text, traffic->password, strlen(traffic->password));
    body = arena_printf(&shopper->arena, "%s,\"password\":%s}", step->body, text.data);
    buf_fini(&text);
    return body;
}

/* Who knows no ticket looks for one. */
static const char *path_of(struct shopper *shopper, const struct journey_step *step)
{
    if (!step->is_of_ticket) {
        return step->path;
    }
    return shopper->ticket == 0 ? JOURNEY_TICKETS
                                : arena_printf(&shopper->arena, "%s%" PRId64 "%s", step->path,
                                               shopper->ticket, step->behind);
}

static const char *body_of(struct traffic *traffic, struct shopper *shopper,
                           const struct journey_step *step)
{
    if (step->signs_in) {
        return sign_in_body(traffic, shopper, step);
    }
    if (step->body == NULL || !step->takes_cart) {
        return step->body;
    }
    return shopper->cart == NULL ? arena_printf(&shopper->arena, "%s}", step->body)
                                 : arena_printf(&shopper->arena, "%s,\"session_id\":\"%s\"}",
                                                step->body, shopper->cart);
}

/* The shop makes the ids of carts and tickets, and tokens; who goes on shows them. */
static void note_answer(struct shopper *shopper, const struct journey_step *step,
                        const struct http_answer *answer)
{
    struct json *body = NULL;
    struct err ignored;

    if (answer->body.length > 0 &&
        json_parse(answer->body.data, answer->body.length, &body, &ignored)) {
        const char *cart = json_text(json_get(body, "session_id"));
        const char *token = json_text(json_get(body, "token"));

        if (step->takes_cart && cart != NULL && text_has_only(cart, "-_")) {
            shopper->cart = arena_strdup(&shopper->arena, cart);
        }
        if (step->signs_in && token != NULL && text_has_only(token, "-_")) {
            shopper->authorization = arena_printf(&shopper->arena, "Bearer %s", token);
        }
        if (!json_int(json_get(body, "ticket_id"), &shopper->ticket)) {
            (void)json_int(json_get(json_at(json_get(body, "tickets"), 0), "id"), &shopper->ticket);
        }
    }
    json_free(body);
}

static bool take_step(struct traffic *traffic, struct shopper *shopper, struct err *err)
{
    const struct journey_step *step = &shopper->journey.steps[shopper->done++];
    const bool is_lost = step->is_of_ticket && shopper->ticket == 0;
    const char *body = is_lost ? NULL : body_of(traffic, shopper, step);
    const struct http_call call = {.method = step->is_post && !is_lost ? "POST" : "GET",
                                   .path = path_of(shopper, step),
                                   .authorization = shopper->authorization,
                                   .body = body,
                                   .body_length = body != NULL ? strlen(body) : 0,
                                   .body_max = ANSWER_MAX};
    struct http_answer answer = {0};
    struct ctx ctx;
    bool ok;

    ctx_init_background(&ctx, &shopper->arena, NULL, "octo", "traffic", TIMEOUT_MS);
    ok = http_client_call(&ctx, traffic->shop, &call, &answer, err);
    if (ok) {
        traffic->requests++;
        traffic->refused += answer.status >= REFUSED_FROM && answer.status < FAILED_FROM;
        traffic->failed += answer.status >= FAILED_FROM;
        if (answer.status < REFUSED_FROM) {
            note_answer(shopper, step, &answer);
        }
    }
    buf_fini(&answer.body);
    return ok;
}

/* ---- all of them ---- */

static void begin_journey(struct traffic *traffic, struct shopper *shopper)
{
    arena_reset(&shopper->arena);
    shopper->done = 0;
    shopper->cart = NULL;
    shopper->authorization = NULL;
    shopper->ticket = 0;
    journeys_next(&traffic->journeys, &shopper->arena, &shopper->journey);
    (void)printf("%" PRIu64 " %s\n", traffic->journeys.number,
                 journey_text(&shopper->journey, &shopper->arena));
    (void)fflush(stdout);
}

/* Waits until then. True: somebody has stopped it. */
static bool is_stopped(const sigset_t *signals, uint64_t until_ns)
{
    const uint64_t now_ns = clock_mono_ns();
    const uint64_t left_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    const struct timespec left = {.tv_sec = (time_t)(left_ns / NS_PER_SECOND),
                                  .tv_nsec = (long)(left_ns % NS_PER_SECOND)};

    return sigtimedwait(signals, NULL, &left) > 0;
}

/* The shoppers go by turns, a step each, so that their order does not depend on how fast they are
 * answered. */
static bool run(struct traffic *traffic, struct err *err)
{
    const uint64_t begun_ns = clock_mono_ns();
    const uint64_t step_ns = (uint64_t)NS_PER_SECOND / (uint64_t)traffic->rate;
    const uint64_t steps = (uint64_t)(traffic->seconds * traffic->rate);
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    for (uint64_t step = 0; traffic->seconds == 0 || step < steps; step++) {
        struct shopper *shopper = &traffic->shoppers[step % SHOPPERS];

        if (is_stopped(&signals, begun_ns + step * step_ns)) {
            break;
        }
        if (shopper->done == shopper->journey.count) {
            begin_journey(traffic, shopper);
        }
        if (!take_step(traffic, shopper, err)) {
            return false;
        }
    }
    (void)printf("%" PRIu64 " requests, %" PRIu64 " refused, %" PRIu64 " failed\n",
                 traffic->requests, traffic->refused, traffic->failed);
    return true;
}

static bool open_shop(struct traffic *traffic, const char *url, struct err *err)
{
    const struct http_client_options options = {
        .peer = "shop",
        .base_url = url,
        .is_visitor = true,
        .timeout_ms = TIMEOUT_MS,
        .tries = 1,
        .breaker = {.name = "shop", .failure_threshold = RATE_MOST, .recovery_ms = TIMEOUT_MS}};

    traffic->shop = http_client_new(&options);
    return net_host_is_here(http_client_host(traffic->shop)) ||
           err_set(err, ERR_CONFIG,
                   "%s is another machine: shoppers who are made up come to this one alone", url);
}

static int go_shopping(struct traffic *traffic, const char *url)
{
    struct err err = {0};
    bool ok;

    for (size_t i = 0; i < SHOPPERS; i++) {
        arena_init(&traffic->shoppers[i].arena);
    }
    ok = open_shop(traffic, url, &err) && run(traffic, &err);
    for (size_t i = 0; i < SHOPPERS; i++) {
        arena_fini(&traffic->shoppers[i].arena);
    }
    http_client_free(traffic->shop);
    return ok ? EXIT_DONE : cli_fail("traffic", &err);
}

/* ---- the command ---- */

static bool read_number(const char *option, const char *text, int64_t least, int64_t most,
                        int64_t *ret)
{
    if (text == NULL) {
        return true;
    }
    if (!text_to_int64(text, ret) || *ret < least || *ret > most) {
        (void)fprintf(stderr, "octo traffic: %s: \"%.40s\" is no number from %lld to %lld\n",
                      option, text, (long long)least, (long long)most);
        return false;
    }
    return true;
}

int cmd_traffic(int argc, char **argv)
{
    const struct cli_command command = {
        .name = "traffic",
        .arguments = "[--rate N] [--seed N] [--duration SECONDS] [--data DIR] [--shop-port N]",
        .text =
            "Sends shoppers to the shop of this machine: they browse, search, fill carts, leave "
            "them or buy,\nreview, ask the advisor, and now and then somebody attacks. --rate is "
            "requests a second (5), to be\nanswered one after the other; the same --seed (1) "
            "makes the same journeys, of which each is a\nline. Where SEED_USER_PASSWORD is that "
            "of the first users, shoppers sign in and open tickets too, and\nstaff answer. Ends "
            "after --duration, or with "
            "Ctrl-C. Exit codes: 0 done, 1 the shop does not answer.",
    };
    const bool is_named = running_is_named(services[SHOP], argc, argv);
    struct traffic traffic = {.rate = RATE_USUAL};
    struct running shops[RUNNING_MOST];
    struct settings *settings[SERVICES];
    const char *texts[3] = {NULL};
    struct arena arena;
    const char *url;
    int64_t seed = 1;
    int code = EXIT_DONE;

    if (!cli_take_value("traffic", "--rate", &argc, argv, &texts[0]) ||
        !cli_take_value("traffic", "--seed", &argc, argv, &texts[1]) ||
        !cli_take_value("traffic", "--duration", &argc, argv, &texts[2]) ||
        !read_number("--rate", texts[0], 1, RATE_MOST, &traffic.rate) ||
        !read_number("--seed", texts[1], 0, INT64_MAX, &seed) ||
        !read_number("--duration", texts[2], 1, SECONDS_MOST, &traffic.seconds)) {
        return EXIT_USAGE;
    }
    arena_init(&arena);
    if (cli_start(&command, &arena, argc, argv, settings, &code) == CLI_GO) {
        cli_log_less(settings);
        traffic.journeys.state = (uint64_t)seed;
        traffic.password = settings[SHOP]->seed_user_password;
        traffic.journeys.has_accounts = traffic.password[0] != '\0';
        url = settings[SHOP]->url;
        if (!is_named && running_find(services[SHOP], settings[SHOP]->data_dir, shops) > 0) {
            url = running_url(&arena, &shops[0]);
        }
        code = go_shopping(&traffic, url);
    }
    arena_fini(&arena);
    return code;
}
