#include "store/envelope.h"

#include <assert.h>
#include <stdlib.h>

enum {
    OPEN_MOST = 6 + 3 * (OTLP_NESTING_MAX + 1), /* messages within each other */
    TEXT_MAX = 512 << 20, /* six times what a request may unpack to, and more */
    SCOPES_FIRST = 4,
    BYTE_BITS = 8,
};

/* OpenTelemetry's word for who does not say (semantic conventions, Service). */
#define UNKNOWN_SERVICE "unknown_service"

struct scope {
    size_t end; /* its records end before that one */
    const char *name;
    const char *version;
};

struct envelope {
    const struct envelope_reader *reader;
    struct vocabulary *vocabulary;
    const struct otlp_message *open[OPEN_MOST]; /* the innermost is open[depth - 1] */
    size_t depth;
    struct collect of_resource;
    struct collect *collect; /* that a value goes to; NULL: nobody asks for it */
    size_t first;            /* record of the resource */
    const char *resource;
    const char *service;
    const char *instance;
    struct scope *scopes; /* of the resource */
    size_t scope_count;
    size_t scope_capacity;
    struct buf text;
};

uint64_t envelope_id(const char bytes[ENVELOPE_ID_BYTES])
{
    uint64_t id = 0;

    for (size_t i = 0; i < ENVELOPE_ID_BYTES; i++) {
        id = id << BYTE_BITS | (uint8_t)bytes[i];
    }
    return id;
}

uint32_t envelope_word(struct vocabulary *vocabulary, const char *word)
{
    return vocabulary_add(vocabulary, TERM_WORD, (const char *const[TERM_PARTS_MOST]){word});
}

static const struct otlp_message *innermost(const struct envelope *envelope)
{
    return envelope->depth > 0 ? envelope->open[envelope->depth - 1] : envelope->reader->root;
}

/* ---- who records ---- */

static void begin_resource(struct envelope *envelope)
{
    envelope->first = *envelope->reader->count;
    envelope->resource = "{}";
    envelope->service = UNKNOWN_SERVICE;
    envelope->instance = "";
    envelope->scope_count = 0;
}

static void keep_resource(struct envelope *envelope)
{
    struct arena *arena = envelope->vocabulary->arena;
    const char *service = collect_find_text(&envelope->of_resource, "service.name");
    const char *instance = collect_find_text(&envelope->of_resource, "service.instance.id");

    buf_clear(&envelope->text);
    collect_put_all(&envelope->of_resource, &envelope->text);
    envelope->resource = arena_dup(arena, envelope->text.data, envelope->text.length);
    if (service != NULL && *service != '\0') {
        envelope->service = arena_strdup(arena, service);
    }
    if (instance != NULL) {
        envelope->instance = arena_strdup(arena, instance);
    }
}

static void begin_scope(struct envelope *envelope)
{
    if (envelope->scope_count == envelope->scope_capacity) {
        envelope->scope_capacity =
            envelope->scope_capacity == 0 ? SCOPES_FIRST : 2 * envelope->scope_capacity;
        envelope->scopes =
            mem_realloc(envelope->scopes, envelope->scope_capacity * sizeof(*envelope->scopes));
    }
    envelope->scopes[envelope->scope_count++] = (struct scope){.name = "", .version = ""};
}

static struct scope *latest_scope(const struct envelope *envelope)
{
    return &envelope->scopes[envelope->scope_count - 1];
}

/* In JSON the resource may stand behind its records. */
static void end_resource(struct envelope *envelope)
{
    const struct envelope_reader *reader = envelope->reader;
    struct envelope_origin origin = {
        .service = envelope_word(envelope->vocabulary, envelope->service),
        .instance = envelope->instance,
    };
    size_t at = envelope->first;

    for (size_t i = 0; i < envelope->scope_count; i++) {
        const struct scope *scope = &envelope->scopes[i];

        origin.source =
            vocabulary_add(envelope->vocabulary, TERM_SOURCE,
                           (const char *const[TERM_PARTS_MOST]){
                               envelope->service, scope->name, scope->version, envelope->resource});
        reader->place(reader->arg, at, scope->end, &origin);
        at = scope->end;
    }
}

/* ---- attributes ---- */

/* Of these an attribute is made; nothing else stands within one. */
static bool is_of_attribute(const struct otlp_message *message)
{
    return message == &otlp_key_value || message == &otlp_any_value ||
           message == &otlp_array_value || message == &otlp_key_value_list;
}

static struct collect *collect_for(struct envelope *envelope, const struct otlp_message *what)
{
    const struct otlp_message *of = innermost(envelope);

    if (of == &otlp_resource) {
        return what == &otlp_key_value ? &envelope->of_resource : NULL;
    }
    for (const struct envelope_taking *taking = envelope->reader->taking; taking->of != NULL;
         taking++) {
        if (taking->of == of && taking->what == what) {
            return taking->into;
        }
    }
    return NULL;
}

static void begin_attribute(struct envelope *envelope, const struct otlp_message *message)
{
    if (!is_of_attribute(innermost(envelope))) {
        envelope->collect = collect_for(envelope, message);
        if (envelope->collect != NULL) {
            collect_begin(envelope->collect);
        }
    } else if (envelope->collect != NULL) {
        collect_begin_message(envelope->collect, message);
    }
}

static void end_attribute(struct envelope *envelope, const struct otlp_message *message)
{
    if (envelope->collect == NULL) {
        return;
    }
    if (!is_of_attribute(innermost(envelope))) {
        collect_end(envelope->collect);
    } else {
        collect_end_message(envelope->collect, message);
    }
}

/* ---- the visitor ---- */

static bool is_resource_list(const struct otlp_message *message)
{
    return message == &otlp_resource_spans || message == &otlp_resource_logs ||
           message == &otlp_resource_metrics;
}

static bool is_scope_list(const struct otlp_message *message)
{
    return message == &otlp_scope_spans || message == &otlp_scope_logs ||
           message == &otlp_scope_metrics;
}

static void on_begin(void *arg, const struct otlp_field *field)
{
    struct envelope *envelope = arg;
    const struct otlp_message *message = field->message;

    if (is_of_attribute(message)) {
        begin_attribute(envelope, message);
    } else if (is_resource_list(message)) {
        begin_resource(envelope);
    } else if (message == &otlp_resource) {
        collect_clear(&envelope->of_resource);
    } else if (is_scope_list(message)) {
        begin_scope(envelope);
    } else {
        envelope->reader->begin(envelope->reader->arg, field);
    }
    assert(envelope->depth < OPEN_MOST);
    envelope->open[envelope->depth++] = message;
}

static void on_end(void *arg, const struct otlp_field *field)
{
    struct envelope *envelope = arg;
    const struct otlp_message *message = field->message;

    envelope->depth--;
    if (is_of_attribute(message)) {
        end_attribute(envelope, message);
    } else if (is_resource_list(message)) {
        end_resource(envelope);
    } else if (message == &otlp_resource) {
        keep_resource(envelope);
    } else if (is_scope_list(message)) {
        latest_scope(envelope)->end = *envelope->reader->count;
    } else {
        envelope->reader->end(envelope->reader->arg, message);
    }
}

static void scope_value(struct envelope *envelope, unsigned number, const struct otlp_value *value)
{
    const char *text = arena_dup(envelope->vocabulary->arena, value->bytes, value->length);

    if (number == OTLP_SCOPE_NAME) {
        latest_scope(envelope)->name = text;
    } else if (number == OTLP_SCOPE_VERSION) {
        latest_scope(envelope)->version = text;
    }
}

static void on_value(void *arg, const struct otlp_field *field, const struct otlp_value *value)
{
    struct envelope *envelope = arg;
    const struct otlp_message *message = innermost(envelope);

    if (is_of_attribute(message)) {
        if (envelope->collect != NULL) {
            collect_value(envelope->collect, message, field, value);
        }
    } else if (message == &otlp_scope) {
        if (field->kind == OTLP_TEXT) {
            scope_value(envelope, field->number, value);
        }
    } else {
        envelope->reader->value(envelope->reader->arg, message, field->number, value);
    }
}

bool envelope_read(const struct envelope_reader *reader, struct vocabulary *vocabulary,
                   enum envelope_encoding encoding, const char *bytes, size_t length,
                   struct err *err)
{
    struct envelope *envelope = mem_alloc(sizeof(*envelope));
    const struct otlp_visitor visitor = {on_begin, on_value, on_end, envelope};
    bool ok;

    envelope->reader = reader;
    envelope->vocabulary = vocabulary;
    buf_init(&envelope->text, TEXT_MAX);
    collect_init(&envelope->of_resource);
    ok = encoding == ENVELOPE_PROTOBUF
             ? otlp_visit_protobuf(reader->root, bytes, length, &visitor, err)
             : otlp_visit_json(reader->root, bytes, length, &visitor, err);
    collect_fini(&envelope->of_resource);
    buf_fini(&envelope->text);
    free(envelope->scopes);
    free(envelope);
    return ok;
}
