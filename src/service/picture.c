#include "service/picture.h"

#include <ctype.h>

#include "http/asset.h"
#include "service/link.h"
#include "web_assets.h"

enum { NAME_MAX_BYTES = 80 };

#define DIRECTORY "illustrations/"

/* "illustrations/" `before` and the text in small letters, "-" for all between letters and digits,
 * ".svg"; a text that is too long for a drawing of ours to bear its name is cut. */
static const struct asset *drawing_called(const char *before, const char *text)
{
    char name[NAME_MAX_BYTES];
    struct buf out;
    const struct asset *asset;
    bool is_between = false;

    buf_init(&out, sizeof(name));
    buf_add_text(&out, DIRECTORY);
    buf_add_text(&out, before);
    for (; *text != '\0'; text++) {
        if (isalnum((unsigned char)*text)) {
            if (is_between) {
                buf_add_char(&out, '-');
            }
            buf_add_char(&out, (char)tolower((unsigned char)*text));
        }
        is_between = !isalnum((unsigned char)*text);
    }
    buf_add_text(&out, ".svg");
    asset = out.bad ? NULL : asset_find(out.data);
    buf_fini(&out);
    return asset;
}

const char *picture_of(struct arena *arena, const char *stored, const char *sku,
                       const char *category)
{
    const struct asset *asset;

    if (link_elsewhere(stored) != NULL) {
        return stored;
    }
    asset = drawing_called("", sku);
    if (asset == NULL && category != NULL) {
        asset = drawing_called("any-", category);
    }
    return asset != NULL ? arena_printf(arena, ASSET_PREFIX "%s", asset->lasting_name)
                         : ASSET_ILLUSTRATIONS_ANY_SVG;
}
