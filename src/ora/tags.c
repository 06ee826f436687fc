#include "ora/tags.h"

#include <string.h>

/* In the order in which texts are sent, with the bits that say what changes. */
static const uint32_t bits[OCTO_ORA_TAG_COUNT] = {
    [OCTO_ORA_CLIENT_IDENTIFIER] = 0x001, [OCTO_ORA_MODULE] = 0x008,    [OCTO_ORA_ACTION] = 0x010,
    [OCTO_ORA_CLIENT_INFO] = 0x100,       [OCTO_ORA_OPERATION] = 0x200,
};

bool ora_tags_set(struct ora_tags *tags, enum octo_ora_tag tag, const char *text)
{
    const size_t length = text == NULL ? 0 : strlen(text);
    char *kept = tags->texts[tag];

    if (length > ORA_TAG_MAX) {
        return false;
    }
    if (strlen(kept) == length && (length == 0 || memcmp(kept, text, length) == 0)) {
        return true;
    }
    if (length > 0) {
        memcpy(kept, text, length);
    }
    kept[length] = '\0';
    tags->is_changed[tag] = true;
    if (tag == OCTO_ORA_MODULE) {
        tags->is_changed[OCTO_ORA_ACTION] = true; /* which a new module would clear on the server */
    }
    return true;
}

bool ora_tags_have_changed(const struct ora_tags *tags)
{
    bool has_changed = false;

    for (int i = 0; i < OCTO_ORA_TAG_COUNT; i++) {
        has_changed = has_changed || tags->is_changed[i];
    }
    return has_changed;
}

/* NULL is one that is there and has no bytes. */
static void write_length(const struct ora_tags *tags, enum octo_ora_tag tag, struct ora_wr *wr)
{
    ora_wr_u8(wr, tags->is_changed[tag]);
    ora_wr_ub(wr, tags->is_changed[tag] ? strlen(tags->texts[tag]) : 0);
}

void ora_tags_write(const struct ora_tags *tags, struct ora_wr *wr)
{
    uint32_t changes = 0;

    for (int i = 0; i < OCTO_ORA_TAG_COUNT; i++) {
        changes |= tags->is_changed[i] ? bits[i] : 0;
    }
    ora_wr_zeros(wr, 2); /* cidnam, cidser */
    ora_wr_ub(wr, changes);
    write_length(tags, OCTO_ORA_CLIENT_IDENTIFIER, wr);
    write_length(tags, OCTO_ORA_MODULE, wr);
    write_length(tags, OCTO_ORA_ACTION, wr);
    ora_wr_zeros(wr, 2); /* execution context */
    ora_wr_zeros(wr, 2); /* cidcct, cidecs */
    write_length(tags, OCTO_ORA_CLIENT_INFO, wr);
    ora_wr_zeros(wr, 4); /* cidkstk, cidktgt */
    write_length(tags, OCTO_ORA_OPERATION, wr);
    for (int i = 0; i < OCTO_ORA_TAG_COUNT; i++) {
        if (tags->is_changed[i] && tags->texts[i][0] != '\0') {
            ora_wr_clr(wr, tags->texts[i], strlen(tags->texts[i]));
        }
    }
}

void ora_tags_sent(struct ora_tags *tags)
{
    memset(tags->is_changed, 0, sizeof(tags->is_changed));
}

void ora_tags_forgotten(struct ora_tags *tags)
{
    for (int i = 0; i < OCTO_ORA_TAG_COUNT; i++) {
        tags->is_changed[i] = tags->is_changed[i] || tags->texts[i][0] != '\0';
    }
}
