#include "store/shares.h"

#include <string.h>

/* Whoever has no more than an equal part of what is left has that; the rest is for the others. */
int64_t shares_level(const int64_t *uses, size_t count, int64_t room)
{
    int64_t level = 0;
    bool has_changed = true;

    while (has_changed) {
        int64_t left = room;
        int64_t above = 0;
        int64_t next;

        for (size_t i = 0; i < count; i++) {
            if (uses[i] <= level) {
                left -= uses[i];
            } else {
                above++;
            }
        }
        if (above == 0) {
            return INT64_MAX;
        }
        next = left / above;
        has_changed = next > level;
        level = has_changed ? next : level;
    }
    return level;
}

int64_t shares_choose(struct share_part *parts, size_t count, int64_t *uses, size_t sender_count,
                      int64_t room)
{
    int64_t total = 0;
    int64_t level;
    bool has_room = false;

    memset(uses, 0, sender_count * sizeof(*uses));
    for (size_t i = 0; i < count; i++) {
        uses[parts[i].sender] += parts[i].bytes;
        total += parts[i].bytes;
    }
    level = shares_level(uses, sender_count, room);
    for (size_t i = 0; i < count; i++) {
        struct share_part *part = &parts[i];

        if (i == 0 || part->file != parts[i - 1].file) {
            has_room = total <= room;
        }
        if (!has_room && !part->stays && uses[part->sender] > level) {
            part->goes = true;
            uses[part->sender] -= part->bytes;
            total -= part->bytes;
        }
    }
    return level;
}
