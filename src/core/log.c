#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/clock.h"
#include "core/keyed_hash.h"
#include "core/text.h"
#include "core/thread.h"

enum {
    PAIRS_MAX = 2 * ERR_TEXT_MAX + 1024,
    LINE_MAX_BYTES = PAIRS_MAX + 1024,
    FOLD_SLOTS = 32,
    FOLD_TEXT_MAX = 256,
    FOLD_MS = 10 * 1000,
};

static const char *const LEVELS[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};

/* A warning or error that was written lately. While it is fresh its repeats are only counted. */
struct fold {
    uint64_t hash; /* of level, event and the whole pairs; 0 marks a free slot */
    uint64_t until_ns;
    uint64_t repeats;
    enum log_level level;
    char event[FOLD_TEXT_MAX / 4]; /* both cut to fit: for the line that gives the count */
    char pairs[FOLD_TEXT_MAX];
};

static const char *log_service = "octo";
static atomic_int log_least = LOG_INFO;
static struct mutex fold_lock = {.raw = PTHREAD_MUTEX_INITIALIZER}; /* guards what follows */
static struct fold folds[FOLD_SLOTS];
static uint64_t fold_next_ns = CLOCK_NEVER; /* when the first slot goes stale */

static struct mutex tee_lock = {.raw = PTHREAD_MUTEX_INITIALIZER}; /* guards what follows */
static void (*tee_take)(void *arg, const struct log_entry *entry);
static void *tee_arg;

void log_setup(const char *service, enum log_level least)
{
    log_service = service;
    atomic_store(&log_least, (int)least);
}

bool log_level_parse(const char *text, enum log_level *ret)
{
    for (int level = LOG_DEBUG; level <= LOG_ERROR; level++) {
        if (text_equal_fold(text, LEVELS[level])) {
            *ret = (enum log_level)level;
            return true;
        }
    }
    return false;
}

static bool needs_quotes(const char *text)
{
    if (*text == '\0') {
        return true;
    }
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || *text == '"' || *text == '\\' || *text == '=' ||
            *text == 0x7F) {
            return true;
        }
    }
    return false;
}

const char *log_quote(const char *text, char *out, size_t out_size)
{
    char *at = out;
    const char *end = out + out_size - sizeof("\\n\"") + 1; /* one escape, the quote and the NUL */
    bool is_quoted = needs_quotes(text);

    if (out_size < sizeof("\"\\n\"")) {
        if (out_size > 0) {
            *out = '\0';
        }
        return out;
    }
    if (is_quoted) {
        *at++ = '"';
    }
    for (; *text != '\0' && at < end; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\' || c == '\n') {
            *at++ = '\\';
            *at++ = (char)(c == '\n' ? 'n' : c);
        } else {
            *at++ = (char)(c < ' ' || c == 0x7F ? '?' : c);
        }
    }
    if (is_quoted) {
        *at++ = '"';
    }
    *at = '\0';
    return out;
}

/* What log_quote made, plain again; ends behind the closing quote. */
static const char *unquote(const char *at, char *out, size_t out_size)
{
    size_t used = 0;

    for (at++; *at != '\0' && *at != '"'; at++) {
        char c = *at;

        if (c == '\\' && at[1] != '\0') {
            at++;
            c = (char)(*at == 'n' ? '\n' : *at);
        }
        if (used + 1 < out_size) {
            out[used++] = c;
        }
    }
    out[used < out_size - 1 ? used : utf8_cut(out, used, out_size - 1)] = '\0';
    return *at == '"' ? at + 1 : at;
}

static const char *copy_until(const char *at, const char *stops, char *out, size_t out_size)
{
    const size_t length = strcspn(at, stops);
    const size_t kept = utf8_cut(at, length, out_size - 1);

    memcpy(out, at, kept);
    out[kept] = '\0';
    return at + length;
}

bool log_next_pair(const char **at, char *key, size_t key_size, char *value, size_t value_size)
{
    const char *next = *at + strspn(*at, " ");

    if (*next == '\0') {
        return false;
    }
    next = copy_until(next, "= ", key, key_size);
    value[0] = '\0';
    if (*next == '=') {
        next++;
        next = *next == '"' ? unquote(next, value, value_size)
                            : copy_until(next, " ", value, value_size);
    }
    *at = next;
    return true;
}

static void give_to_tee(const struct log_entry *entry)
{
    mutex_lock(&tee_lock);
    if (tee_take != NULL) {
        tee_take(tee_arg, entry);
    }
    mutex_unlock(&tee_lock);
}

void log_tee(void (*take)(void *arg, const struct log_entry *entry), void *arg)
{
    mutex_lock(&tee_lock);
    tee_take = take;
    tee_arg = arg;
    mutex_unlock(&tee_lock);
}

/* One write(2) a line, so that lines of several threads and processes never mix. */
static void write_line(enum log_level level, const char *trace_id, const char *event,
                       const char *pairs, uint64_t repeats)
{
    char line[LINE_MAX_BYTES];
    char stamp[UTC_TEXT_MAX];
    char quoted[FOLD_TEXT_MAX];
    char folded[48] = "";
    const int64_t utc_us = clock_utc_us();
    int length;

    (void)utc_format(utc_us, stamp);
    if (repeats > 0) {
        (void)snprintf(folded, sizeof(folded), " repeated=%llu", (unsigned long long)repeats);
    }
    length = snprintf(line, sizeof(line) - 1, "ts=%s level=%s service=%s%s%s event=%s%s%s%s", stamp,
                      LEVELS[level], log_service, trace_id != NULL ? " trace=" : "",
                      trace_id != NULL ? trace_id : "", log_quote(event, quoted, sizeof(quoted)),
                      folded, *pairs != '\0' ? " " : "", pairs);
    if (length < 0) {
        return;
    }
    if ((size_t)length >= sizeof(line) - 1) {
        length = sizeof(line) - 2;
    }
    for (int i = 0; i < length; i++) {
        /* A value that was not quoted must not be able to start a line of its own. */
        if ((unsigned char)line[i] < ' ') {
            line[i] = ' ';
        }
    }
    line[length] = '\n';
    while (write(STDERR_FILENO, line, (size_t)length + 1) < 0 && errno == EINTR) {
    }
    give_to_tee(&(struct log_entry){.level = level,
                                    .utc_us = utc_us,
                                    .trace_id = trace_id,
                                    .event = event,
                                    .pairs = pairs,
                                    .repeats = repeats});
}

/* Frees a slot that went stale by `now`, for the caller to write once no lock is held: standard
 * error may be a pipe that nobody reads. False: there is none, and it is known when the next one
 * will be. */
static bool fold_take_stale(uint64_t now, struct fold *ret)
{
    bool is_found = false;

    mutex_lock(&fold_lock);
    fold_next_ns = CLOCK_NEVER;
    for (size_t i = 0; i < FOLD_SLOTS && !is_found; i++) {
        if (folds[i].hash != 0 && folds[i].until_ns <= now) {
            *ret = folds[i];
            folds[i].hash = 0;
            fold_next_ns = now; /* others may be stale too */
            is_found = true;
        } else if (folds[i].hash != 0 && folds[i].until_ns < fold_next_ns) {
            fold_next_ns = folds[i].until_ns;
        }
    }
    mutex_unlock(&fold_lock);
    return is_found;
}

static void fold_sweep(uint64_t now)
{
    struct fold fold;

    while (fold_take_stale(now, &fold)) {
        if (fold.repeats > 0) {
            write_line(fold.level, NULL, fold.event, fold.pairs, fold.repeats);
        }
    }
}

/* Keyed, or somebody could write pairs that make another's line look like a repeat. */
static uint64_t fold_hash_locked(enum log_level level, const char *event, const char *pairs)
    REQUIRES(fold_lock);
static uint64_t fold_hash_locked(enum log_level level, const char *event, const char *pairs)
{
    static struct hash_secret secret;
    struct hash_secret of_event;

    if (secret.words[0] == 0) {
        secret = keyed_hash_secret();
    }
    of_event = secret;
    of_event.words[0] ^= keyed_hash(&secret, event, strlen(event)) + (uint64_t)level;
    return keyed_hash(&of_event, pairs, strlen(pairs)) | 1;
}

/* True when the line is a repeat and has been counted. A new line takes a free slot; when there is
 * none it is simply written: bounded memory matters more than folding everything. */
static bool fold_line_locked(enum log_level level, const char *event, const char *pairs,
                             uint64_t now) REQUIRES(fold_lock);
static bool fold_line_locked(enum log_level level, const char *event, const char *pairs,
                             uint64_t now)
{
    uint64_t hash = fold_hash_locked(level, event, pairs);
    struct fold *slot = NULL;

    for (size_t i = 0; i < FOLD_SLOTS; i++) {
        if (folds[i].hash == hash) {
            folds[i].repeats++;
            return true;
        }
        if (slot == NULL && folds[i].hash == 0) {
            slot = &folds[i];
        }
    }
    if (slot != NULL) {
        *slot = (struct fold){
            .hash = hash, .until_ns = now + FOLD_MS * CLOCK_NS_PER_MS, .level = level};
        (void)snprintf(slot->event, sizeof(slot->event), "%s", event);
        memcpy(slot->pairs, pairs, utf8_cut(pairs, strlen(pairs), sizeof(slot->pairs) - 1));
        if (slot->until_ns < fold_next_ns) {
            fold_next_ns = slot->until_ns;
        }
    }
    return false;
}

static bool is_sweep_due(uint64_t now)
{
    bool is_due;

    mutex_lock(&fold_lock);
    is_due = fold_next_ns <= now;
    mutex_unlock(&fold_lock);
    return is_due;
}

static bool fold_line(enum log_level level, const char *event, const char *pairs)
{
    const uint64_t now = clock_mono_ns();
    bool is_repeat = false;

    if (is_sweep_due(now)) {
        fold_sweep(now);
    }
    if (level >= LOG_WARNING) {
        mutex_lock(&fold_lock);
        is_repeat = fold_line_locked(level, event, pairs, now);
        mutex_unlock(&fold_lock);
    }
    return is_repeat;
}

void log_line(enum log_level level, const char *trace_id, const char *event, const char *format,
              ...)
{
    char pairs[PAIRS_MAX];
    va_list args;

    if ((int)level < atomic_load_explicit(&log_least, memory_order_relaxed)) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(pairs, sizeof(pairs), format, args);
    va_end(args);
    if (!fold_line(level, event, pairs)) {
        write_line(level, trace_id, event, pairs, 0);
    }
}

void log_err(enum log_level level, const char *trace_id, const char *event, const struct err *err)
{
    char text[ERR_TEXT_MAX * 2];
    char pairs[PAIRS_MAX];
    size_t used;

    used = (size_t)snprintf(pairs, sizeof(pairs), "error=%s text=%s", err_symbol(err->code),
                            log_quote(err->text, text, sizeof(text)));
    if (err->native != 0) {
        used += (size_t)snprintf(pairs + used, sizeof(pairs) - used, " native=%d", err->native);
    }
    if (err->sqlstate[0] != '\0') {
        used += (size_t)snprintf(pairs + used, sizeof(pairs) - used, " sqlstate=%s", err->sqlstate);
    }
    if (err->field[0] != '\0') {
        char field[ERR_FIELD_MAX * 2];

        (void)snprintf(pairs + used, sizeof(pairs) - used, " field=%s",
                       log_quote(err->field, field, sizeof(field)));
    }
    log_line(level, trace_id, event, "%s", pairs);
}

void log_flush_folded(void)
{
    fold_sweep(CLOCK_NEVER);
}
