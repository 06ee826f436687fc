#include "app/journeys.h"

#include <inttypes.h>

enum { PRODUCTS = 50 /* of the seeded catalogue, numbered from 1 on */, PERCENT = 100 };

static const char *const WORDS[] = {"camera", "battery",   "falcon", "survey",  "thermal",
                                    "racing", "propeller", "gimbal", "charger", "station"};
static const char *const QUESTIONS[] = {
    "Which drone maps a field of ten hectares?", "cheapest battery that fits a survey drone",
    "Is there a thermal camera in stock?", "What do I need to look at roofs?"};
static const char *const COMMENTS[] = {"Three valleys in a day", "It does what it says",
                                       "Landed in a tree, still flies",
                                       "Good, but the manual is thin"};
static const char *const NAMES[] = {"Ada", "Grace", "Edsger", "Barbara", "Donald", "Radia"};
static const char *const COMPLAINTS[] = {"It drifts to the left", "The battery swells",
                                         "The gimbal hums", "One propeller is chipped"};
static const char *const ANSWERS[] = {"Please calibrate the compass on level ground",
                                      "We send you another one", "Which firmware is on it?"};
/* Known to the shop's eyes: injection, script, another path, an odd number. */
static const char *const ATTACKS[] = {"/api/products?search=%27%20OR%201%3D1%20--",
                                      "/api/products?search=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
                                      "/api/products/..%2F..%2Fetc%2Fpasswd",
                                      "/api/orders?customer_id=1"};

#define COUNT(list_) (sizeof(list_) / sizeof((list_)[0]))

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t random_of(struct journeys *journeys)
{
    uint64_t z = journeys->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t below(struct journeys *journeys, uint64_t bound)
{
    return random_of(journeys) % bound;
}

/* One journey while it is made. */
struct making {
    struct journeys *journeys;
    struct arena *arena;
    struct journey *journey;
};

static void add(struct making *making, struct journey_step step)
{
    making->journey->steps[making->journey->count++] = step;
}

static void look(struct making *making, const char *path, const char *about)
{
    add(making, (struct journey_step){.path = path, .about = about});
}

static uint64_t look_at_product(struct making *making)
{
    const uint64_t product = 1 + below(making->journeys, PRODUCTS);

    look(making, arena_printf(making->arena, "/api/products/%" PRIu64, product),
         arena_printf(making->arena, "product %" PRIu64, product));
    return product;
}

static void search(struct making *making)
{
    const char *word = WORDS[below(making->journeys, COUNT(WORDS))];

    look(making, arena_printf(making->arena, "/api/products?search=%s&limit=20", word),
         arena_printf(making->arena, "search %s", word));
}

static void browse(struct making *making)
{
    look(making, "/api/shop/featured", "front page");
    for (uint64_t i = 1 + below(making->journeys, 4); i > 0; i--) {
        if (below(making->journeys, 3) == 0) {
            look(making, "/api/categories", "categories");
        }
        (void)look_at_product(making);
    }
}

static void search_and_look(struct making *making)
{
    search(making);
    for (uint64_t i = 1 + below(making->journeys, 2); i > 0; i--) {
        (void)look_at_product(making);
    }
}

static void fill_cart(struct making *making)
{
    search(making);
    for (uint64_t i = 1 + below(making->journeys, 2); i > 0; i--) {
        const uint64_t product = look_at_product(making);
        const uint64_t quantity = 1 + below(making->journeys, 2);

        add(making, (struct journey_step){
                        .is_post = true,
                        .takes_cart = true,
                        .path = "/api/cart/add",
                        .body = arena_printf(making->arena,
                                             "{\"product_id\":%" PRIu64 ",\"quantity\":%" PRIu64,
                                             product, quantity),
                        .about = arena_printf(making->arena, "cart %" PRIu64 " x%" PRIu64, product,
                                              quantity)});
    }
}

static void buy(struct making *making)
{
    const char *name = NAMES[below(making->journeys, COUNT(NAMES))];
    const uint64_t number = below(making->journeys, 1000);

    fill_cart(making);
    add(making,
        (struct journey_step){
            .is_post = true,
            .takes_cart = true,
            .path = "/api/shop/checkout",
            .body = arena_printf(making->arena,
                                 "{\"customer_name\":\"%s\",\"customer_email\":\"shopper%" PRIu64
                                 "@example.com\",\"shipping_address\":\"%" PRIu64
                                 " Example Street\",\"payment_method\":\"credit_card\"",
                                 name, number, 1 + number % 90),
            .about = "checkout"});
}

static void review(struct making *making)
{
    const uint64_t product = look_at_product(making);
    const uint64_t stars = 2 + below(making->journeys, 4);

    look(making, arena_printf(making->arena, "/api/products/%" PRIu64 "/reviews", product),
         "reviews");
    add(making,
        (struct journey_step){
            .is_post = true,
            .path = arena_printf(making->arena, "/api/products/%" PRIu64 "/reviews", product),
            .body = arena_printf(making->arena, "{\"rating\":%" PRIu64 ",\"comment\":\"%s\"}",
                                 stars, COMMENTS[below(making->journeys, COUNT(COMMENTS))]),
            .about = arena_printf(making->arena, "review of %" PRIu64 " stars", stars)});
}

static void ask(struct making *making)
{
    add(making, (struct journey_step){
                    .is_post = true,
                    .path = "/api/shop/assistant/query",
                    .body = arena_printf(making->arena, "{\"message\":\"%s\"}",
                                         QUESTIONS[below(making->journeys, COUNT(QUESTIONS))]),
                    .about = "advice"});
    (void)look_at_product(making);
}

static void sign_in(struct making *making, const char *name)
{
    add(making,
        (struct journey_step){.is_post = true,
                              .signs_in = true,
                              .path = "/api/auth/login",
                              .body = arena_printf(making->arena, "{\"username\":\"%s\"", name),
                              .about = arena_printf(making->arena, "sign in as %s", name)});
}

static void write_in_ticket(struct making *making, const char *text)
{
    add(making, (struct journey_step){.is_of_ticket = true,
                                      .path = "/api/services/tickets/",
                                      .behind = "",
                                      .about = "ticket"});
    add(making,
        (struct journey_step){.is_post = true,
                              .is_of_ticket = true,
                              .path = "/api/services/tickets/",
                              .behind = "/messages",
                              .body = arena_printf(making->arena, "{\"content\":\"%s\"}", text),
                              .about = "message"});
    add(making,
        (struct journey_step){
            .is_post = true, .path = "/api/auth/logout", .body = "{}", .about = "sign out"});
}

/* A buyer with an account, about what he looked at. */
static void complain(struct making *making)
{
    const uint64_t product = look_at_product(making);
    const char *complaint = COMPLAINTS[below(making->journeys, COUNT(COMPLAINTS))];

    sign_in(making, "shopper");
    add(making, (struct journey_step){
                    .is_post = true,
                    .path = "/api/services/tickets",
                    .body = arena_printf(making->arena,
                                         "{\"title\":\"%s\",\"content\":\"%s since Monday\","
                                         "\"product_id\":%" PRIu64 "}",
                                         complaint, complaint, product),
                    .about = arena_printf(making->arena, "complaint of %" PRIu64, product)});
    write_in_ticket(making, "Is anybody there?");
}

/* Somebody of the staff, in the newest ticket. */
static void answer(struct making *making)
{
    sign_in(making, "support");
    look(making, JOURNEY_TICKETS, "tickets");
    write_in_ticket(making, ANSWERS[below(making->journeys, COUNT(ANSWERS))]);
}

static void attack(struct making *making)
{
    look(making, ATTACKS[below(making->journeys, COUNT(ATTACKS))], "probe");
    add(making, (struct journey_step){.is_post = true,
                                      .path = "/api/auth/login",
                                      .body = arena_printf(making->arena,
                                                           "{\"username\":\"guess%" PRIu64
                                                           "\",\"password\":\"letmein\"}",
                                                           below(making->journeys, 100)),
                                      .about = "guess"});
}

/* How many of a hundred shoppers do what. */
static const struct {
    const char *kind;
    unsigned percent;
    void (*make)(struct making *making);
    bool needs_account;
} KINDS[] = {
    {.kind = "browses", .percent = 36, .make = browse},
    {.kind = "searches", .percent = 22, .make = search_and_look},
    {.kind = "abandons", .percent = 12, .make = fill_cart},
    {.kind = "buys", .percent = 12, .make = buy},
    {.kind = "reviews", .percent = 5, .make = review},
    {.kind = "asks", .percent = 5, .make = ask},
    {.kind = "complains", .percent = 3, .make = complain, .needs_account = true},
    {.kind = "answers", .percent = 3, .make = answer, .needs_account = true},
    {.kind = "attacks", .percent = 2, .make = attack},
};

void journeys_next(struct journeys *journeys, struct arena *arena, struct journey *ret)
{
    struct making making = {.journeys = journeys, .arena = arena, .journey = ret};
    uint64_t drawn = below(journeys, PERCENT);
    size_t at = 0;

    while (drawn >= KINDS[at].percent) {
        drawn -= KINDS[at++].percent;
    }
    at = KINDS[at].needs_account && !journeys->has_accounts ? 0 : at;
    *ret = (struct journey){.kind = KINDS[at].kind};
    KINDS[at].make(&making);
    journeys->number++;
}

const char *journey_text(const struct journey *journey, struct arena *arena)
{
    const char *text = arena_printf(arena, "%s:", journey->kind);

    for (size_t i = 0; i < journey->count; i++) {
        text = arena_printf(arena, "%s%s %s", text, i > 0 ? "," : "", journey->steps[i].about);
    }
    return text;
}
