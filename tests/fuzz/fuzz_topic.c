/*
 * Property: whatever is posted, joined, read and left in whatever order, a reader gets every event
 * that was posted since the place where it began, once, whole and in order, but for those that it
 * is told to have missed; what it is given at once stays within what it asked for and one event
 * more. A byte says what is done, by whom and how much of it.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/topic.h"

enum {
    SIZE = TOPIC_EVENT_MAX,
    READERS = 4,
    POSTS_MAX = 4096,
    LENGTH_STEP = 24, /* bytes of data for each of what a byte says: some are too long */
    RUN = 0x1f,
    ID_BYTES = 8,
};

enum deed { POST, READ, JOIN, LEAVE, DEED_COUNT };

struct reader {
    struct topic_reader reader;
    bool has_joined;
    bool has_begun;    /* has read something */
    uint64_t expected; /* the next event; behind an id that names nothing any */
    bool is_lost;
};

struct world {
    struct topic *topic;
    struct reader readers[READERS];
    size_t lengths[POSTS_MAX + 1]; /* of the data of each event, by number */
    uint64_t last;
    const uint8_t *data;
    size_t left;
    unsigned wakes;
};

static uint8_t next_byte(struct world *world)
{
    if (world->left == 0) {
        return 0;
    }
    world->left--;
    return *world->data++;
}

static void wake(void *arg)
{
    (*(unsigned *)arg)++;
}

static char filling(uint64_t number)
{
    return (char)('a' + number % 26);
}

static void post(struct world *world)
{
    const size_t length = (size_t)next_byte(world) * LENGTH_STEP;
    char data[UINT8_MAX * LENGTH_STEP + 1];
    unsigned joined = 0;

    if (world->last == POSTS_MAX) {
        return;
    }
    for (int i = 0; i < READERS; i++) {
        joined += world->readers[i].has_joined;
    }
    world->wakes = 0;
    memset(data, filling(world->last + 1), length);
    if (topic_post(world->topic, "e", data, length)) {
        world->lengths[++world->last] = length;
        assert(world->wakes == joined);
    } else {
        assert(length + TOPIC_ID_MAX * 2 > TOPIC_EVENT_MAX && world->wakes == 0);
    }
}

/* With no id, with that of an event that there was, or with bytes of the input. */
static void join(struct world *world, struct reader *reader)
{
    const uint8_t how = next_byte(world);
    char id[TOPIC_ID_MAX] = "";

    *reader = (struct reader){.has_joined = true, .expected = world->last + 1};
    if (how % 3 == 1) {
        const uint64_t number = how % (world->last + 1);

        (void)snprintf(id, sizeof(id), "%x-%" PRIu64, (unsigned)RUN, number);
        reader->expected = number + 1;
    } else if (how % 3 == 2) {
        for (int i = 0; i < ID_BYTES; i++) {
            id[i] = (char)next_byte(world);
        }
        reader->is_lost = id[0] != '\0';
    }
    reader->reader = (struct topic_reader){.wake = wake, .arg = &world->wakes};
    topic_join(world->topic, &reader->reader, id);
    if (how % 3 == 2 && !reader->reader.is_lost) {
        reader->is_lost = false; /* the bytes happened to be an id */
        reader->expected = reader->reader.next;
    }
}

static void take(const char **at, const char *text)
{
    assert(strncmp(*at, text, strlen(text)) == 0);
    *at += strlen(text);
}

static uint64_t take_number(const char **at)
{
    char *end;
    const uint64_t number = strtoull(*at, &end, 10);

    assert(end != *at);
    *at = end;
    return number;
}

static void check_missed(struct reader *reader, uint64_t number, const char **at)
{
    take(at, "missed\ndata: {\"events\":");
    if (reader->is_lost) {
        take(at, "null}\n\n");
        reader->is_lost = false;
    } else {
        const uint64_t count = take_number(at);

        take(at, "}\n\n");
        assert(count > 0 && number == reader->expected - 1 + count);
    }
    reader->expected = number + 1;
}

static void check_event(struct world *world, struct reader *reader, uint64_t number,
                        const char **at)
{
    assert(!reader->is_lost && number == reader->expected && number <= world->last);
    take(at, "e\ndata: ");
    for (size_t i = 0; i < world->lengths[number]; i++) {
        assert(*(*at)++ == filling(number));
    }
    take(at, "\n\n");
    reader->expected++;
}

static void check(struct world *world, struct reader *reader, const char *at)
{
    char prefix[TOPIC_ID_MAX];

    if (!reader->has_begun) {
        reader->has_begun = true;
        at = strstr(at, "\n\n");
        assert(at != NULL);
        at += 2;
    }
    (void)snprintf(prefix, sizeof(prefix), "id: %x-", (unsigned)RUN);
    while (*at != '\0') {
        uint64_t number;

        take(&at, prefix);
        number = take_number(&at);
        take(&at, "\nevent: ");
        if (*at == 'm') {
            check_missed(reader, number, &at);
        } else {
            check_event(world, reader, number, &at);
        }
    }
}

static void read_some(struct world *world, struct reader *reader)
{
    const size_t most = (size_t)next_byte(world) * LENGTH_STEP;
    struct buf out;

    buf_init(&out, most + 2 * TOPIC_EVENT_MAX);
    topic_read(&reader->reader, &out, most);
    assert(!out.bad && out.length <= most + TOPIC_EVENT_MAX);
    if (out.length > 0) {
        check(world, reader, out.data);
    }
    if (out.length < most) {
        assert(reader->expected == world->last + 1);
    }
    buf_fini(&out);
}

static void leave(struct reader *reader)
{
    topic_leave(&reader->reader);
    reader->has_joined = false;
}

static void act(struct world *world)
{
    const uint8_t what = next_byte(world);
    struct reader *reader = &world->readers[what / DEED_COUNT % READERS];
    const enum deed deed = what % DEED_COUNT;

    if (deed == POST) {
        post(world);
    } else if (deed == JOIN && !reader->has_joined) {
        join(world, reader);
    } else if (deed == READ && reader->has_joined) {
        read_some(world, reader);
    } else if (deed == LEAVE && reader->has_joined) {
        leave(reader);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct world *world = calloc(1, sizeof(*world));

    assert(world != NULL);
    world->topic = topic_new(SIZE, RUN);
    world->data = data;
    world->left = size;
    while (world->left > 0) {
        act(world);
    }
    for (int i = 0; i < READERS; i++) {
        if (world->readers[i].has_joined) {
            leave(&world->readers[i]);
        }
    }
    topic_free(world->topic);
    free(world);
    return 0;
}
