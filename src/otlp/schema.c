#include "otlp/schema.h"

#include <string.h>

#define FIELD(message_, field_, number_, name_, kind_, label_, holds_)                             \
    {.name = (name_),                                                                              \
     .number = OTLP_##message_##_##field_,                                                         \
     .kind = OTLP_##kind_,                                                                         \
     .label = OTLP_##label_,                                                                       \
     .message = (holds_)},
#define TABLE(prefix_, table_, name_)                                                              \
    static const struct otlp_field prefix_##_FIELDS[] = {OTLP_##prefix_(FIELD)};                   \
    const struct otlp_message table_ = {                                                           \
        .name = (name_),                                                                           \
        .fields = prefix_##_FIELDS,                                                                \
        .count = sizeof(prefix_##_FIELDS) / sizeof(prefix_##_FIELDS[0]),                           \
    };
OTLP_MESSAGES(TABLE)

#define REFERENCE(prefix_, table_, name_) &(table_),
const struct otlp_message *const otlp_messages[] = {OTLP_MESSAGES(REFERENCE) NULL};

const struct otlp_field *otlp_field_of_number(const struct otlp_message *message, uint64_t number)
{
    for (size_t i = 0; i < message->count; i++) {
        if (message->fields[i].number == number) {
            return &message->fields[i];
        }
    }
    return NULL;
}

const struct otlp_field *otlp_field_of_name(const struct otlp_message *message, const char *name,
                                            size_t length)
{
    for (size_t i = 0; i < message->count; i++) {
        if (strncmp(message->fields[i].name, name, length) == 0 &&
            message->fields[i].name[length] == '\0') {
            return &message->fields[i];
        }
    }
    return NULL;
}
