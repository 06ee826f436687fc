#include "trace/record.h"

#include "trace/record_priv.h"

static struct record_cursor items_of(const struct span_record *record)
{
    const char *start = (const char *)record;

    return (struct record_cursor){.at = start + sizeof(*record), .end = start + record->size};
}

struct record_cursor record_begin(const struct span_record *record)
{
    struct record_cursor cursor = items_of(record);

    cursor.constants = record->constants;
    return cursor;
}

/* The next item of that kind; NULL at the end. */
static const struct span_item *next_item(struct record_cursor *cursor, enum span_item_what what)
{
    while (cursor->at < cursor->end) {
        const struct span_item *item = (const struct span_item *)(const void *)cursor->at;

        cursor->at += item->size;
        if (item->what == what) {
            return item;
        }
    }
    return NULL;
}

static const char *text_of(const struct span_item *item)
{
    return item->borrowed != NULL ? item->borrowed : (const char *)(item + 1);
}

const char *record_name(const struct span_record *record)
{
    struct record_cursor cursor = items_of(record);
    const struct span_item *item;

    if (record->borrowed_name != NULL) {
        return record->borrowed_name;
    }
    item = next_item(&cursor, ITEM_NAME);
    return item == NULL ? "" : text_of(item);
}

const char *record_status_text(const struct span_record *record)
{
    struct record_cursor cursor = items_of(record);
    const struct span_item *item =
        record->status == SPAN_UNSET ? NULL : next_item(&cursor, ITEM_STATUS_TEXT);

    return item == NULL ? "" : text_of(item);
}

bool record_next_attribute(struct record_cursor *cursor, struct attribute *ret)
{
    const struct span_item *item;

    if (cursor->constants != NULL && cursor->constant < cursor->constants->count) {
        *ret = cursor->constants->attributes[cursor->constant++];
        return true;
    }
    item = next_item(cursor, ITEM_ATTRIBUTE);
    if (item == NULL) {
        return false;
    }
    *ret = (struct attribute){.key = item->key, .type = item->type, .count = item->count};
    switch (ret->type) {
    case ATTRIBUTE_TEXT:
        ret->text = text_of(item);
        break;
    case ATTRIBUTE_INT:
        ret->integer = item->integer;
        break;
    case ATTRIBUTE_REAL:
        ret->real = item->real;
        break;
    case ATTRIBUTE_BOOL:
        ret->truth = item->truth;
        break;
    case ATTRIBUTE_TEXTS:
    case ATTRIBUTE_INTS:
    case ATTRIBUTE_REALS:
    case ATTRIBUTE_BOOLS:
        ret->elements = item + 1;
        break;
    }
    return true;
}

static struct record_cursor attributes_of(const struct span_item *item)
{
    const char *start = (const char *)item;

    return (struct record_cursor){.at = start + item->own, .end = start + item->size};
}

bool record_next_event(struct record_cursor *cursor, struct span_event *ret)
{
    const struct span_item *item = next_item(cursor, ITEM_EVENT);

    if (item == NULL) {
        return false;
    }
    *ret = (struct span_event){.name = item->key,
                               .time_ns = item->time_ns,
                               .attributes = attributes_of(item),
                               .dropped_attributes = item->dropped};
    return true;
}

bool record_next_link(struct record_cursor *cursor, struct span_link *ret)
{
    const struct span_item *item = next_item(cursor, ITEM_LINK);
    const struct span_item_link *to;

    if (item == NULL) {
        return false;
    }
    to = (const struct span_item_link *)(const void *)(item + 1);
    *ret = (struct span_link){.trace_high = to->trace_high,
                              .trace_low = to->trace_low,
                              .id = to->id,
                              .flags = (uint8_t)to->flags,
                              .attributes = attributes_of(item),
                              .dropped_attributes = item->dropped};
    return true;
}
