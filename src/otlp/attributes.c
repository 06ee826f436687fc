#include "otlp/attributes.h"

#include <string.h>

#include "otlp/protobuf.h"
#include "otlp/schema.h"

static void put_element(struct buf *out, const struct attribute *attribute, uint32_t at,
                        const char *text)
{
    const size_t value = pb_begin(out, OTLP_ARRAY_VALUE_VALUES);

    switch (attribute->type) {
    case ATTRIBUTE_INTS:
        pb_put_varint(out, OTLP_ANY_VALUE_INT, (uint64_t)attribute->integers[at]);
        break;
    case ATTRIBUTE_REALS:
        pb_put_double(out, OTLP_ANY_VALUE_DOUBLE, attribute->reals[at]);
        break;
    case ATTRIBUTE_BOOLS:
        pb_put_varint(out, OTLP_ANY_VALUE_BOOL, attribute->truths[at]);
        break;
    default:
        pb_put_text(out, OTLP_ANY_VALUE_TEXT, text);
        break;
    }
    pb_end(out, value);
}

static void put_elements(struct buf *out, const struct attribute *attribute)
{
    const size_t array = pb_begin(out, OTLP_ANY_VALUE_ARRAY);
    const char *text = attribute->text;

    for (uint32_t i = 0; i < attribute->count; i++) {
        put_element(out, attribute, i, text);
        if (attribute->type == ATTRIBUTE_TEXTS) {
            text += strlen(text) + 1;
        }
    }
    pb_end(out, array);
}

/* Of a value one field is there even when it is 0 or "": it says which type it has. */
static void put_value(struct buf *out, const struct attribute *attribute)
{
    const size_t value = pb_begin(out, OTLP_KEY_VALUE_VALUE);

    switch (attribute->type) {
    case ATTRIBUTE_TEXT:
        pb_put_text(out, OTLP_ANY_VALUE_TEXT, attribute->text);
        break;
    case ATTRIBUTE_INT:
        pb_put_varint(out, OTLP_ANY_VALUE_INT, (uint64_t)attribute->integer);
        break;
    case ATTRIBUTE_REAL:
        pb_put_double(out, OTLP_ANY_VALUE_DOUBLE, attribute->real);
        break;
    case ATTRIBUTE_BOOL:
        pb_put_varint(out, OTLP_ANY_VALUE_BOOL, attribute->truth);
        break;
    case ATTRIBUTE_TEXTS:
    case ATTRIBUTE_INTS:
    case ATTRIBUTE_REALS:
    case ATTRIBUTE_BOOLS:
        put_elements(out, attribute);
        break;
    }
    pb_end(out, value);
}

void otlp_put_attribute(struct buf *out, unsigned number, const struct attribute *attribute)
{
    const size_t pair = pb_begin(out, number);

    pb_put_text(out, OTLP_KEY_VALUE_KEY, attribute->key);
    put_value(out, attribute);
    pb_end(out, pair);
}
