/* A tree of path segments. Each node has a list of literal children and at most one that is a
 * parameter and one that is the rest of a path; a walk tries them in this order and comes back for
 * the next where a way ends without a route. */
#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "core/arena.h"

struct node {
    const char *segment; /* NULL for a parameter */
    size_t length;
    struct node *children; /* literals */
    struct node *param;
    struct node *tail; /* a leaf */
    struct node *next;
    const struct route_entry *by_method[HTTP_METHOD_COUNT];
    unsigned allowed;
};

struct router {
    struct arena arena; /* nodes, names, actions */
    struct node root;
    struct route_entry *entries;
    size_t count;
};

static const char *const METHOD_NAMES[HTTP_METHOD_COUNT] = {"GET", "POST", "PUT", "PATCH",
                                                            "DELETE"};

const char *http_method_name(enum http_method method)
{
    return METHOD_NAMES[method];
}

const char *workflow_id_of(const struct workflow *workflows, size_t count, const char *template)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(template, workflows[i].prefix, strlen(workflows[i].prefix)) == 0) {
            return workflows[i].id;
        }
    }
    return "other";
}

static struct node *child_of(const struct node *node, const char *segment, size_t length)
{
    for (struct node *child = node->children; child != NULL; child = child->next) {
        if (child->length == length && memcmp(child->segment, segment, length) == 0) {
            return child;
        }
    }
    return NULL;
}

static struct node *child_add(struct router *router, struct node *node, const char *segment,
                              size_t length)
{
    struct node *child = child_of(node, segment, length);

    if (child == NULL) {
        child = arena_alloc(&router->arena, sizeof(*child));
        child->segment = segment;
        child->length = length;
        child->next = node->children;
        node->children = child;
    }
    return child;
}

static struct node *param_add(struct router *router, struct node **place)
{
    if (*place == NULL) {
        *place = arena_alloc(&router->arena, sizeof(**place));
    }
    return *place;
}

/* Length of the name in "{name}" or, for the rest of a path, "{name...}"; 0 when it is neither. */
static size_t name_length(const char *segment, size_t length, bool *ret_is_tail)
{
    if (length < 3 || segment[length - 1] != '}') {
        return 0;
    }
    *ret_is_tail = length > 4 && memcmp(segment + length - 4, "...", 3) == 0;
    return length - (*ret_is_tail ? 5 : 2);
}

/* Goes down one segment of a template, making what is missing; NULL when it cannot be one. */
static struct node *descend(struct router *router, struct node *node, struct route_entry *entry,
                            const char *segment, size_t length, size_t depth)
{
    size_t in_braces;

    if (length == 0 || depth == URI_SEGMENTS_MAX || entry->has_tail) {
        return NULL;
    }
    if (segment[0] != '{') {
        return child_add(router, node, segment, length);
    }
    in_braces = name_length(segment, length, &entry->has_tail);
    if (in_braces == 0 || entry->param_count == ROUTE_PARAMS_MAX) {
        return NULL;
    }
    entry->param_names[entry->param_count] = arena_dup(&router->arena, segment + 1, in_braces);
    entry->param_segments[entry->param_count++] = depth;
    return param_add(router, entry->has_tail ? &node->tail : &node->param);
}

static bool entry_add(struct router *router, struct route_entry *entry, struct err *err)
{
    const struct route *route = entry->route;
    const char *at = route->template;
    struct node *node = &router->root;

    entry->action = arena_printf(&router->arena, "%s %s", http_method_name(route->method), at);
    if (*at != '/') {
        return err_set(err, ERR_CONFIG, "route \"%s\" does not start with a slash", entry->action);
    }
    at++;
    for (size_t depth = 0; *at != '\0'; depth++) {
        const size_t length = strcspn(at, "/");

        node = descend(router, node, entry, at, length, depth);
        if (node == NULL) {
            return err_set(err, ERR_CONFIG, "route \"%s\" has a bad template", entry->action);
        }
        at += length;
        at += *at == '/' && at[1] != '\0'; /* a last slash is left there, and refused */
    }
    if (node->by_method[route->method] != NULL) {
        return err_set(err, ERR_CONFIG, "routes \"%s\" and \"%s\" are the same", entry->action,
                       node->by_method[route->method]->action);
    }
    node->by_method[route->method] = entry;
    node->allowed |= 1U << route->method;
    return true;
}

bool router_new(const struct route_table *tables, size_t table_count, struct router **ret_router,
                struct err *err)
{
    struct router *router = mem_alloc(sizeof(*router));
    size_t total = 0;

    arena_init(&router->arena);
    for (size_t i = 0; i < table_count; i++) {
        total += tables[i].count;
    }
    router->entries = arena_array(&router->arena, total + 1, sizeof(*router->entries));
    for (size_t i = 0; i < table_count; i++) {
        for (size_t k = 0; k < tables[i].count; k++) {
            struct route_entry *entry = &router->entries[router->count++];

            entry->route = &tables[i].routes[k];
            if (!entry_add(router, entry, err)) {
                router_free(router);
                return false;
            }
        }
    }
    *ret_router = router;
    return true;
}

void router_free(struct router *router)
{
    if (router != NULL) {
        arena_fini(&router->arena);
        free(router);
    }
}

size_t router_count(const struct router *router)
{
    return router->count;
}

struct route_entry *router_entry(struct router *router, size_t index)
{
    return &router->entries[index];
}

const struct route_entry *router_find(const struct router *router, const struct uri_path *path,
                                      enum http_method method, unsigned *ret_allowed)
{
    struct {
        const struct node *node;
        size_t depth;
    } stack[2 * URI_SEGMENTS_MAX + 1] = {{&router->root, 0}};
    size_t height = 1;

    /* Each step takes one place and gives back at most three, of which a tail is a leaf: the stack
     * cannot hold more than a parameter and a tail per level and the node to look at next. */
    while (height > 0) {
        const struct node *node = stack[--height].node;
        const size_t depth = stack[height].depth;
        const struct node *literal;

        if (depth == path->count && node->allowed != 0) {
            *ret_allowed = node->allowed;
            return method < HTTP_METHOD_COUNT ? node->by_method[method] : NULL;
        }
        if (depth == path->count) {
            continue;
        }
        if (node->tail != NULL) {
            stack[height].node = node->tail;
            stack[height++].depth = path->count;
        }
        if (node->param != NULL) {
            stack[height].node = node->param;
            stack[height++].depth = depth + 1;
        }
        literal = child_of(node, path->segments[depth], strlen(path->segments[depth]));
        if (literal != NULL) {
            stack[height].node = literal;
            stack[height++].depth = depth + 1;
        }
    }
    *ret_allowed = 0;
    return NULL;
}

/* The rest of a decoded path from a segment on. No segment holds a slash, so they can be counted.
 */
static const char *tail_of(const struct uri_path *path, size_t segment)
{
    const char *at = path->text;

    for (size_t i = 0; i <= segment; i++) {
        at = strchr(at, '/') + 1;
    }
    return at;
}

struct uri_query router_params(const struct route_entry *entry, const struct uri_path *path,
                               struct uri_param into[ROUTE_PARAMS_MAX])
{
    for (size_t i = 0; i < entry->param_count; i++) {
        const size_t segment = entry->param_segments[i];
        const bool is_tail = entry->has_tail && i == entry->param_count - 1;

        into[i] = (struct uri_param){
            .name = entry->param_names[i],
            .value = is_tail ? tail_of(path, segment) : path->segments[segment],
        };
    }
    return (struct uri_query){.params = into, .count = entry->param_count};
}

void router_allow_text(unsigned allowed, char out[ALLOW_TEXT_MAX])
{
    char *at = out;

    for (unsigned method = 0; method < HTTP_METHOD_COUNT; method++) {
        if ((allowed & 1U << method) != 0) {
            at = stpcpy(at, METHOD_NAMES[method]);
            at = stpcpy(at, method == GET ? ", HEAD, " : ", ");
        }
    }
    memcpy(at, "OPTIONS", sizeof("OPTIONS"));
}
