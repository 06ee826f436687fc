#include "crm/names.h"

#include <stdlib.h>
#include <string.h>

#include "http/json_out.h"

enum { JSON_ESCAPE_MAX = 6 }; /* "\u001f" */

void names_init(struct names *names, struct arena *arena, size_t most)
{
    *names = (struct names){.arena = arena};
    names->rows = arena_array(arena, most + 1, sizeof(*names->rows));
    names->asked = arena_array(arena, most + 1, sizeof(struct name *));
}

void names_add(struct names *names, const char *text)
{
    names->rows[names->count++] = (struct name){.text = text};
}

static int compare(const void *a, const void *b)
{
    const struct name *left = a;
    const struct name *right = b;

    return strcmp(left->text, right->text);
}

void names_seal(struct names *names)
{
    size_t kept = 0;

    qsort(names->rows, names->count, sizeof(*names->rows), compare);
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || strcmp(names->rows[kept - 1].text, names->rows[i].text) != 0) {
            names->rows[kept++] = names->rows[i];
        }
    }
    names->count = kept;
}

struct name *names_find(const struct names *names, const char *text)
{
    const struct name key = {.text = text};

    return bsearch(&key, names->rows, names->count, sizeof(key), compare);
}

const char *names_ask(struct names *names)
{
    size_t room = sizeof("[]");
    struct json_out out;
    struct buf list;
    const char *text;

    names->asked_count = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (names->rows[i].id == 0) {
            names->asked[names->asked_count++] = &names->rows[i];
            room += strlen(names->rows[i].text) * JSON_ESCAPE_MAX + sizeof("\"\",");
        }
    }
    if (names->asked_count == 0) {
        return NULL;
    }
    buf_init(&list, room);
    json_out_init(&out, &list);
    json_begin_list(&out, NULL);
    for (size_t i = 0; i < names->asked_count; i++) {
        json_put_text(&out, NULL, names->asked[i]->text);
    }
    json_end_list(&out);
    text = arena_dup(names->arena, list.data, list.length);
    buf_fini(&list);
    return text;
}

void names_answer(struct names *names, int64_t position, int64_t id)
{
    if (position >= 0 && (uint64_t)position < names->asked_count) {
        names->asked[position]->id = id;
    }
}
