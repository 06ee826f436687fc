#include "store/segments.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/rd.h"
#include "core/thread.h"
#include "store/companions.h"

enum {
    OPEN_MOST = 32, /* files that stay open: a day and what comes late */
    PATH_ROOM = 512,
    NAME_ROOM = 32, /* of the name of a file in it */
    DIRECTORY_MODE = 0700,
    HOURS_OF_DAY = 24,
    FIRST_YEAR = 1900, /* of struct tm */
};

#define SUFFIX ".spans"
#define SPARE ".new" /* behind the name of a file that is to take another's place */

enum place_state {
    PLACE_CLOSED,
    PLACE_BUSY, /* somebody opens or closes it: wait for `changed` */
    PLACE_OPEN,
};

/* A file that there is, or that is being made. */
struct segment_place {
    int64_t hour;
    enum place_state state;
    struct segment *segment; /* while it is open */
    unsigned users;
    uint64_t used_ns; /* last */
    bool is_doomed;  /* goes once nobody uses it; nobody finds it, and its hour's next file waits */
    bool is_damaged; /* is set aside then, in place of that */
    bool has_news;   /* something may have been stored that nobody has asked for */
    bool is_held;    /* nobody may use it but who does already */
};

struct segments {
    struct segments_options options;
    struct mutex lock; /* guards what follows */
    struct cond changed;
    struct segment_place **places; /* by hour, the newest first */
    size_t count;
    size_t capacity;
};

/* ---- names ---- */

static void path_of(const struct segments *segments, int64_t hour, char out[PATH_ROOM])
{
    const time_t start = (time_t)(hour * SEGMENTS_HOUR_S);
    struct tm parts;

    (void)gmtime_r(&start, &parts);
    (void)snprintf(out, PATH_ROOM, "%s/%04d-%02d-%02dT%02d" SUFFIX, segments->options.directory,
                   parts.tm_year + FIRST_YEAR, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour);
}

/* False for a name that is none of ours, with that behind it. */
static bool hour_of_name(const char *name, const char *suffix, int64_t *ret)
{
    struct tm parts = {.tm_isdst = 0};
    struct rd rd = rd_of(name, strlen(name));
    time_t start;

    parts.tm_year = (int)rd_decimal(&rd, 9999) - FIRST_YEAR;
    rd.bad |= !rd_skip_char(&rd, '-');
    parts.tm_mon = (int)rd_decimal(&rd, 12) - 1;
    rd.bad |= !rd_skip_char(&rd, '-');
    parts.tm_mday = (int)rd_decimal(&rd, 31);
    rd.bad |= !rd_skip_char(&rd, 'T');
    parts.tm_hour = (int)rd_decimal(&rd, HOURS_OF_DAY - 1);
    start = timegm(&parts);
    if (rd.bad || start < 0 || strcmp(rd.at, suffix) != 0) {
        return false;
    }
    *ret = start / SEGMENTS_HOUR_S;
    return true;
}

/* ---- the places ---- */

static size_t index_locked(const struct segments *segments, int64_t hour)
{
    size_t at = 0;

    while (at < segments->count && segments->places[at]->hour > hour) {
        at++;
    }
    return at;
}

/* Also one that is doomed: there is one of an hour at most. */
static struct segment_place *any_locked(const struct segments *segments, int64_t hour)
{
    const size_t at = index_locked(segments, hour);

    return at < segments->count && segments->places[at]->hour == hour ? segments->places[at] : NULL;
}

static struct segment_place *find_locked(const struct segments *segments, int64_t hour)
{
    struct segment_place *place = any_locked(segments, hour);

    return place != NULL && !place->is_doomed ? place : NULL;
}

static struct segment_place *insert_locked(struct segments *segments, int64_t hour)
{
    const size_t at = index_locked(segments, hour);
    struct segment_place *place = mem_alloc(sizeof(*place));

    if (segments->count == segments->capacity) {
        segments->capacity = segments->capacity == 0 ? OPEN_MOST : 2 * segments->capacity;
        segments->places =
            mem_realloc(segments->places, segments->capacity * sizeof(struct segment_place *));
    }
    memmove(&segments->places[at + 1], &segments->places[at],
            (segments->count - at) * sizeof(struct segment_place *));
    place->hour = hour;
    place->has_news = true;
    segments->places[at] = place;
    segments->count++;
    return place;
}

static void remove_locked(struct segments *segments, const struct segment_place *place)
{
    size_t at = 0;

    while (segments->places[at] != place) {
        at++;
    }
    segments->count--;
    memmove(&segments->places[at], &segments->places[at + 1],
            (segments->count - at) * sizeof(struct segment_place *));
}

/* ---- endings ---- */

/* It is doomed, and nobody uses it. */
static void end_place(struct segments *segments, struct segment_place *place)
{
    char path[PATH_ROOM];

    path_of(segments, place->hour, path);
    segment_close(place->segment);
    if (place->is_damaged) {
        companions_set_aside(path, "the spans of this hour are gone; sqlite3's .recover may read "
                                   "some");
    } else {
        companions_remove(path);
    }
    mutex_lock(&segments->lock);
    remove_locked(segments, place);
    cond_broadcast(&segments->changed);
    mutex_unlock(&segments->lock);
    free(place);
}

/* The one that nobody has used for longest, where more are open than may stay so. */
static struct segment_place *surplus_locked(const struct segments *segments)
{
    struct segment_place *oldest = NULL;
    size_t open = 0;

    for (size_t i = 0; i < segments->count; i++) {
        struct segment_place *place = segments->places[i];

        open += place->state != PLACE_CLOSED;
        if (place->state == PLACE_OPEN && place->users == 0 && !place->is_doomed &&
            (oldest == NULL || place->used_ns < oldest->used_ns)) {
            oldest = place;
        }
    }
    return open > OPEN_MOST ? oldest : NULL;
}

static void close_surplus(struct segments *segments)
{
    struct segment *segment;
    struct segment_place *place;

    mutex_lock(&segments->lock);
    while ((place = surplus_locked(segments)) != NULL) {
        place->state = PLACE_BUSY;
        segment = place->segment;
        place->segment = NULL;
        mutex_unlock(&segments->lock);
        segment_close(segment);
        mutex_lock(&segments->lock);
        place->state = PLACE_CLOSED;
        cond_broadcast(&segments->changed);
    }
    mutex_unlock(&segments->lock);
}

/* ---- taking and giving ---- */

static bool open_place(struct ctx *ctx, struct segments *segments, struct segment_place *place,
                       struct err *err)
{
    struct segment_options options = {.busy_timeout_ms = segments->options.busy_timeout_ms};
    char path[PATH_ROOM];

    path_of(segments, place->hour, path);
    options.path = path;
    return segment_open(ctx, &options, &place->segment, err);
}

/* With the lock, which is let go meanwhile. */
static bool ready_locked(struct ctx *ctx, struct segments *segments, struct segment_place *place,
                         struct err *err) REQUIRES(segments->lock)
{
    bool ok = true;

    while (place->state == PLACE_BUSY) {
        cond_wait(&segments->changed, &segments->lock);
    }
    if (place->state == PLACE_CLOSED) {
        place->state = PLACE_BUSY;
        mutex_unlock(&segments->lock);
        ok = open_place(ctx, segments, place, err);
        mutex_lock(&segments->lock);
        place->state = ok ? PLACE_OPEN : PLACE_CLOSED;
        cond_broadcast(&segments->changed);
    }
    return ok;
}

static void let_go(struct segments *segments, struct segment_place *place, enum segments_take how,
                   const struct err *why)
{
    bool has_ended;

    mutex_lock(&segments->lock);
    place->users--;
    place->has_news |= how == SEGMENTS_MAKE;
    place->used_ns = clock_mono_ns();
    if (why != NULL && why->code == ERR_DAMAGED && !place->is_doomed) {
        place->is_damaged = place->is_doomed = true;
    }
    has_ended = place->is_doomed && place->users == 0;
    if (place->users == 1) {
        cond_broadcast(&segments->changed); /* he may wait to be alone */
    }
    mutex_unlock(&segments->lock);
    if (has_ended) {
        end_place(segments, place);
    }
}

/* The place of an hour, with one user more; NULL: there is none. */
static struct segment_place *enter_locked(struct segments *segments, int64_t hour,
                                          enum segments_take how) REQUIRES(segments->lock)
{
    struct segment_place *place = find_locked(segments, hour);

    while (place != NULL && place->is_held) {
        cond_wait(&segments->changed, &segments->lock);
        place = find_locked(segments, hour);
    }
    if (place == NULL && how == SEGMENTS_MAKE) {
        while (any_locked(segments, hour) != NULL) {
            cond_wait(&segments->changed, &segments->lock);
        }
        place = insert_locked(segments, hour);
    }
    if (place != NULL) {
        place->users++;
    }
    return place;
}

static bool take_once(struct ctx *ctx, struct segments *segments, int64_t hour,
                      enum segments_take how, struct segments_use *ret, struct err *err)
{
    struct segment_place *place;
    bool ok;

    *ret = (struct segments_use){.segment = NULL};
    mutex_lock(&segments->lock);
    place = enter_locked(segments, hour, how);
    ok = place == NULL || ready_locked(ctx, segments, place, err);
    mutex_unlock(&segments->lock);
    if (!ok) {
        let_go(segments, place, how, err);
    } else if (place != NULL) {
        *ret = (struct segments_use){.segment = place->segment, .place = place, .how = how};
        close_surplus(segments);
    }
    return ok;
}

bool segments_take(struct ctx *ctx, struct segments *segments, int64_t hour, enum segments_take how,
                   struct segments_use *ret, struct err *err)
{
    if (take_once(ctx, segments, hour, how, ret, err)) {
        return true;
    }
    /* It is set aside now: who reads does without, who writes begins anew. */
    return err->code == ERR_DAMAGED &&
           (how == SEGMENTS_FIND || take_once(ctx, segments, hour, how, ret, err));
}

void segments_give(struct segments *segments, const struct segments_use *use, const struct err *why)
{
    if (use->segment != NULL) {
        let_go(segments, use->place, use->how, why);
    }
}

bool segments_read(struct ctx *ctx, struct segments *segments, int64_t hour, db_work *work,
                   void *arg, struct err *err)
{
    struct segments_use use;
    bool ok;

    if (!segments_take(ctx, segments, hour, SEGMENTS_FIND, &use, err)) {
        return false;
    }
    if (use.segment == NULL) {
        return true;
    }
    ok = db_read(ctx, segment_pool(use.segment), work, arg, err);
    segments_give(segments, &use, ok ? NULL : err);
    return ok || err->code == ERR_DAMAGED;
}

/* ---- news ---- */

bool segments_next_news(struct segments *segments, int64_t *ret_hour)
{
    bool found = false;

    mutex_lock(&segments->lock);
    for (size_t i = 0; i < segments->count && !found; i++) {
        struct segment_place *place = segments->places[i];

        if (place->has_news && !place->is_doomed) {
            place->has_news = false;
            *ret_hour = place->hour;
            found = true;
        }
    }
    mutex_unlock(&segments->lock);
    return found;
}

void segments_put_news(struct segments *segments, int64_t hour)
{
    struct segment_place *place;

    mutex_lock(&segments->lock);
    place = find_locked(segments, hour);
    if (place != NULL) {
        place->has_news = true;
    }
    mutex_unlock(&segments->lock);
}

/* ---- what there is ---- */

size_t segments_list(struct segments *segments, struct arena *arena, int64_t **ret_hours)
{
    int64_t *hours;
    size_t count = 0;

    mutex_lock(&segments->lock);
    hours = arena_array(arena, segments->count + 1, sizeof(*hours));
    for (size_t i = 0; i < segments->count; i++) {
        if (!segments->places[i]->is_doomed) {
            hours[count++] = segments->places[i]->hour;
        }
    }
    mutex_unlock(&segments->lock);
    *ret_hours = hours;
    return count;
}

static int64_t present_hour(void)
{
    return clock_utc_us() / CLOCK_US_PER_S / SEGMENTS_HOUR_S;
}

int64_t segments_hour(const struct segments *segments, int64_t start_ns)
{
    const int64_t hour = start_ns / (int64_t)CLOCK_NS_PER_MS / 1000 / SEGMENTS_HOUR_S;
    const int64_t now = present_hour();

    return hour > now || hour < now - segments->options.keep_days * HOURS_OF_DAY ? now : hour;
}

int64_t segments_bytes(const struct segments *segments, int64_t hour)
{
    char path[PATH_ROOM];

    path_of(segments, hour, path);
    return companions_bytes(path);
}

/* ---- what goes ---- */

void segments_remove(struct segments *segments, int64_t hour)
{
    struct segment_place *place;
    bool is_unused = false;

    mutex_lock(&segments->lock);
    place = find_locked(segments, hour);
    while (place != NULL && place->state == PLACE_BUSY) {
        cond_wait(&segments->changed, &segments->lock);
        place = find_locked(segments, hour);
    }
    if (place != NULL) {
        place->is_doomed = true;
        is_unused = place->users == 0;
    }
    mutex_unlock(&segments->lock);
    if (is_unused) {
        end_place(segments, place);
    }
}

size_t segments_sweep(struct segments *segments)
{
    const int64_t oldest = present_hour() - segments->options.keep_days * HOURS_OF_DAY;
    struct arena arena;
    int64_t *hours;
    size_t removed = 0;
    size_t count;

    arena_init(&arena);
    count = segments_list(segments, &arena, &hours);
    for (size_t i = 1; i < count; i++) {
        if (hours[i] < oldest) {
            segments_remove(segments, hours[i]);
            removed++;
        }
    }
    arena_fini(&arena);
    if (removed > 0) {
        log_line(LOG_INFO, NULL, "old spans removed", "files=%zu", removed);
    }
    return removed;
}

/* ---- what takes another's place ---- */

static void spare_path_of(const struct segments *segments, int64_t hour, char out[PATH_ROOM])
{
    size_t length;

    path_of(segments, hour, out);
    length = strlen(out);
    (void)snprintf(out + length, PATH_ROOM - length, SPARE);
}

const char *segments_spare_path(const struct segments *segments, struct arena *arena, int64_t hour)
{
    char path[PATH_ROOM];

    spare_path_of(segments, hour, path);
    return arena_strdup(arena, path);
}

void segments_drop_spare(const struct segments *segments, int64_t hour)
{
    char path[PATH_ROOM];

    spare_path_of(segments, hour, path);
    companions_remove(path);
}

/* The old file goes first: where there is none beside a spare one, that one is whole. */
static bool put_spare(const struct segments *segments, int64_t hour, struct err *err)
{
    char path[PATH_ROOM];
    char spare[PATH_ROOM];

    path_of(segments, hour, path);
    spare_path_of(segments, hour, spare);
    if (companions_are_there(spare)) {
        return err_set(err, ERR_IO, "%s has a write-ahead log still", spare);
    }
    companions_remove(path);
    return rename(spare, path) == 0 ||
           err_set(err, ERR_IO, "cannot rename %s: %s", spare, strerrordesc_np(errno));
}

/* Waits until nobody else uses it, and keeps others out from then on. */
static bool hold(struct segments *segments, struct segment_place *place, uint64_t until_ns,
                 struct err *err)
{
    bool ok = true;

    mutex_lock(&segments->lock);
    while (ok && (place->users > 1 || place->is_held)) {
        ok = cond_wait_until(&segments->changed, &segments->lock, until_ns);
    }
    ok = ok && !place->is_doomed;
    place->is_held |= ok;
    mutex_unlock(&segments->lock);
    return ok || err_set(err, ERR_DEADLINE, "the file is in use, or goes");
}

static void let_in(struct segments *segments, struct segment_place *place, bool is_replaced)
{
    mutex_lock(&segments->lock);
    if (is_replaced) {
        place->segment = NULL;
        place->state = PLACE_CLOSED;
    }
    place->is_held = false;
    cond_broadcast(&segments->changed);
    mutex_unlock(&segments->lock);
}

bool segments_replace(struct segments *segments, const struct segments_use *use, uint64_t until_ns,
                      segments_last_work *last, void *arg, struct err *err)
{
    struct segment_place *place = use->place;
    bool is_replaced;
    bool ok;

    if (!hold(segments, place, until_ns, err)) {
        return false;
    }
    is_replaced = last(arg, err);
    ok = is_replaced;
    if (is_replaced) {
        segment_close(place->segment);
        ok = put_spare(segments, place->hour, err);
    }
    let_in(segments, place, is_replaced);
    return ok;
}

/* ---- all of them ---- */

/* What was being written when the process ended. */
static void settle_spare(const struct segments *segments, int64_t hour)
{
    char path[PATH_ROOM];
    struct err err;

    path_of(segments, hour, path);
    if (access(path, F_OK) == 0) {
        segments_drop_spare(segments, hour);
    } else if (!put_spare(segments, hour, &err)) {
        log_line(LOG_ERROR, NULL, "spans not put in their place", "error=\"%s\"", err.text);
    }
}

static bool find_files(struct segments *segments, struct err *err)
{
    const char *path = segments->options.directory;
    struct dirent *entry;
    DIR *directory;
    int64_t hour;

    if (mkdir(path, DIRECTORY_MODE) != 0 && errno != EEXIST) {
        return err_set(err, ERR_CONFIG, "cannot make the directory %s: %s", path,
                       strerrordesc_np(errno));
    }
    directory = opendir(path);
    if (directory == NULL) {
        return err_set(err, ERR_CONFIG, "cannot read the directory %s: %s", path,
                       strerrordesc_np(errno));
    }
    while ((entry = readdir(directory)) != NULL) {
        if (hour_of_name(entry->d_name, SUFFIX SPARE, &hour)) {
            settle_spare(segments, hour);
        }
    }
    rewinddir(directory);
    mutex_lock(&segments->lock);
    while ((entry = readdir(directory)) != NULL) {
        if (hour_of_name(entry->d_name, SUFFIX, &hour) && find_locked(segments, hour) == NULL) {
            (void)insert_locked(segments, hour);
        }
    }
    mutex_unlock(&segments->lock);
    (void)closedir(directory);
    return true;
}

bool segments_open(const struct segments_options *options, struct segments **ret, struct err *err)
{
    struct segments *segments = mem_alloc(sizeof(*segments));

    segments->options = *options;
    mutex_init(&segments->lock);
    cond_init(&segments->changed);
    if (strlen(options->directory) + NAME_ROOM > PATH_ROOM) {
        (void)err_set(err, ERR_CONFIG, "the path %s is too long", options->directory);
    } else if (find_files(segments, err)) {
        *ret = segments;
        return true;
    }
    segments_close(segments);
    return false;
}

void segments_close(struct segments *segments)
{
    if (segments == NULL) {
        return;
    }
    for (size_t i = 0; i < segments->count; i++) {
        assert(segments->places[i]->users == 0);
        segment_close(segments->places[i]->segment);
        free(segments->places[i]);
    }
    free(segments->places);
    cond_fini(&segments->changed);
    mutex_fini(&segments->lock);
    free(segments);
}
