#include "http/fields.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "core/text.h"

static const struct field_row {
    const char *name;
    uint8_t name_length;
    uint8_t rules;
} ROWS[FIELD_COUNT] = {
#define X(symbol, name, rules) [symbol] = {name, sizeof(name) - 1, rules},
    FIELDS(X)
#undef X
};

static_assert(FIELD_COUNT <= 64, "a bit for each field");

static uint64_t bit_of(enum field field)
{
    return UINT64_C(1) << field;
}

const char *field_name(enum field field)
{
    return ROWS[field].name;
}

/* FIELD_COUNT for one that nobody reads. */
static enum field find(const char *name, size_t length)
{
    enum field field = 0;

    while (field < FIELD_COUNT && (ROWS[field].name_length != length ||
                                   strncasecmp(ROWS[field].name, name, length) != 0)) {
        field++;
    }
    return field;
}

/* The lines of a list so far; grows twofold, since a head may have thousands of short ones. */
struct field_joint {
    struct field_joint *next;
    enum field field;
    size_t length;
    size_t room;
    char *text;
};

static struct field_joint *joint_of(struct fields *fields, struct arena *arena, enum field field)
{
    struct field_joint *joint = fields->joints;

    while (joint != NULL && joint->field != field) {
        joint = joint->next;
    }
    if (joint == NULL) {
        const size_t length = strlen(fields->values[field]);

        joint = arena_alloc(arena, sizeof(*joint));
        *joint = (struct field_joint){
            .next = fields->joints,
            .field = field,
            .length = length,
            .room = length + 1,
            .text = arena_dup(arena, fields->values[field], length),
        };
        fields->joints = joint;
    }
    return joint;
}

static const char *join(struct fields *fields, struct arena *arena, enum field field,
                        const struct head_field *line)
{
    struct field_joint *joint = joint_of(fields, arena, field);
    const size_t length = joint->length + 1 + line->length;

    if (length >= joint->room) {
        char *larger;

        joint->room = 2 * length + 1;
        larger = arena_alloc(arena, joint->room);
        memcpy(larger, joint->text, joint->length);
        joint->text = larger;
    }
    joint->text[joint->length] = (ROWS[field].rules & FIELD_PAIRS) != 0 ? ';' : ',';
    memcpy(joint->text + joint->length + 1, line->value, line->length);
    joint->text[length] = '\0';
    joint->length = length;
    return joint->text;
}

void fields_add(struct fields *fields, struct arena *arena, const struct head_field *line)
{
    const enum field field = find(line->name, line->name_length);
    const char **value;
    uint64_t bit;
    unsigned rules;

    if (field == FIELD_COUNT) {
        return;
    }
    rules = ROWS[field].rules;
    value = &fields->values[field];
    bit = bit_of(field);
    if ((rules & FIELD_TEXT) != 0 && !utf8_is_valid(line->value, line->length)) {
        fields->unreadable |= bit;
    } else if ((fields->seen & bit) == 0) {
        *value = line->value;
    } else if ((rules & (FIELD_LIST | FIELD_PAIRS)) != 0) {
        *value = join(fields, arena, field, line);
    } else if ((rules & FIELD_DROP) != 0) {
        *value = NULL;
    } else {
        fields->repeated |= bit;
    }
    fields->seen |= bit;
}

bool fields_is_faulty(const struct fields *fields, enum field field)
{
    return ((fields->repeated | fields->unreadable) & bit_of(field)) != 0;
}

bool fields_check(const struct fields *fields, struct err *err)
{
    enum field field = 0;

    if ((fields->repeated | fields->unreadable) == 0) {
        return true;
    }
    while (!fields_is_faulty(fields, field)) {
        field++;
    }
    return err_field(err, ERR_MALFORMED, field_name(field),
                     (fields->repeated & bit_of(field)) != 0 ? "the request has %s twice"
                                                             : "the value of %s is not utf-8",
                     field_name(field));
}
