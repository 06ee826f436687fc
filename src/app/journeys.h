/*
 * app/journeys.h: what shoppers do in the shop, made up by a seed: which pages they look at, what
 * they put into a cart, leave there or buy, who complains and is answered, and now and then
 * somebody who tries what he should not. The same seed makes the same journeys, wherever they are
 * made. Memory: the arena. Pure functions.
 */
#ifndef APP_JOURNEYS_H
#define APP_JOURNEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"

enum { JOURNEY_STEPS_MOST = 12 };
#define JOURNEY_TICKETS "/api/services/tickets?limit=5"

struct journey_step {
    bool is_post;
    bool takes_cart; /* the body, an object, lacks its end: session_id of the cart, and a bracket */
    bool signs_in; /* the same: the password; the answer has the token that is shown from then on */
    bool is_of_ticket;  /* the path lacks the number of the ticket that the journey knows, and this:
                         */
    const char *behind; /* what follows it */
    const char *path;
    const char *body;  /* JSON; NULL: none */
    const char *about; /* "product 12" */
};

struct journey {
    const char *kind; /* "buys" */
    struct journey_step steps[JOURNEY_STEPS_MOST];
    size_t count;
};

/* Where the next one begins; at first the seed. */
struct journeys {
    uint64_t state;
    uint64_t number;   /* of journeys so far */
    bool has_accounts; /* some may sign in; else those who would look around */
};

void journeys_next(struct journeys *journeys, struct arena *arena, struct journey *ret);
/* "buys: search camera, product 12, cart 12 x1, checkout" */
const char *journey_text(const struct journey *journey, struct arena *arena);

#endif
