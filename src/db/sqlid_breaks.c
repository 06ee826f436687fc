/*
 * The search goes from what is likely to what is less so. A text is a row of words with gaps
 * between them, and a gap has a kind: what follows it, and whether it is longer than one blank.
 * First all gaps of a kind are broken or none, in every way to indent; then any of the gaps where
 * a clause begins; then all of some kinds with one or two exceptions.
 */
#include "db/sqlid_breaks.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/digest.h"
#include "db/sqlid_pieces.h"

#include "db/sqlid_priv.h"

enum {
    GAPS_MOST = 600,
    GROUPS_MOST = 12,
    GROUPS_TWO_WAYS = 8,
    SUBSET_MOST = 16, /* gaps that are broken independently of each other */
    SUBSET_RARE = 10, /* the same in the rarer ways to indent */
    WORD_SHOWN = 24,
    WORDS_SHOWN = 8,
    RIVER_COLUMN = 6, /* where the words that begin a clause end, when they end below each other */
};

/* --- the text as it was before it was shown --- */

enum reading { READ_GIVEN, READ_UNWRAPPED, READ_JOINED, READ_FOLDED, READING_COUNT };

static const char *const READING_PHRASES[READING_COUNT] = {
    [READ_GIVEN] = "",
    [READ_UNWRAPPED] = "the ends of its full lines taken away and ",
    [READ_JOINED] = "its line ends turned into blanks and ",
    [READ_FOLDED] = "its runs of blanks folded into one and ",
};

static size_t longest_line(const char *text, size_t length)
{
    size_t longest = 0;
    size_t begun = 0;

    for (size_t i = 0; i <= length; i++) {
        if (i == length || text[i] == '\n') {
            longest = i - begun > longest ? i - begun : longest;
            begun = i + 1;
        }
    }
    return longest;
}

/* A listing ends its lines at a column, in the middle of a word too. */
static void unwrap(const char *text, size_t length, struct buf *out)
{
    const size_t full = longest_line(text, length);
    size_t begun = 0;

    for (size_t i = 0; i < length; i++) {
        const bool is_end = text[i] == '\n';

        if (!is_end || i - begun != full) {
            buf_add_char(out, text[i]);
        }
        begun = is_end ? i + 1 : begun;
    }
}

static void join(const char *text, size_t length, struct buf *out)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] != '\r' || i + 1 == length || text[i + 1] != '\n') {
            if (text[i] == '\n') {
                buf_add_char(out, ' ');
            } else {
                buf_add_char(out, text[i]);
            }
        }
    }
}

static void fold(const char *text, size_t length, struct buf *out)
{
    const char *end = text + length;

    while (text < end) {
        enum piece piece;
        const char *next = piece_end(text, end, &piece);

        if (piece != PIECE_BLANK) {
            buf_add(out, text, (size_t)(next - text));
        } else if (out->length > 0 && out->data[out->length - 1] != ' ') {
            buf_add_char(out, ' ');
        }
        text = next;
    }
}

static void read_as(enum reading reading, const char *text, size_t length, struct buf *out)
{
    switch (reading) {
    case READ_GIVEN:
    case READING_COUNT:
        buf_add(out, text, length);
        break;
    case READ_UNWRAPPED:
        unwrap(text, length, out);
        break;
    case READ_JOINED:
        join(text, length, out);
        break;
    case READ_FOLDED:
        fold(text, length, out);
        break;
    }
}

/* --- words and gaps --- */

/* In the order in which a break is likely. */
enum gap_kind {
    KIND_FROM,
    KIND_WHERE,
    KIND_AND,
    KIND_CLAUSE, /* GROUP BY, ORDER BY and the like */
    KIND_JOIN,
    KIND_SELECT,
    KIND_SET,
    KIND_ON,
    KIND_COMMA, /* from here on no keyword */
    KIND_HINT,
    KIND_PAREN,
    KIND_OTHER,
    KIND_COUNT,
};

struct gap {
    const char *at;
    size_t length;
    const char *word; /* behind it */
    size_t word_length;
    enum gap_kind kind;
    int group; /* those that are broken together; -1: of a kind beyond what is tried */
};

struct layout {
    struct buf text;
    struct gap gaps[GAPS_MOST];
    size_t gap_count;
    bool has_long_gaps;
    int group_count;
    size_t body; /* length without blanks, semicolons and slashes at the end */
};

static bool is_one_of(const char *words, const char *word, size_t length)
{
    for (const char *at = words; *at != '\0';) {
        const size_t size = strcspn(at, " ");

        if (size == length && strncasecmp(at, word, size) == 0) {
            return true;
        }
        at += size + (at[size] == ' ');
    }
    return false;
}

static enum gap_kind kind_of(const struct gap *gap, const char *start)
{
    static const struct {
        enum gap_kind kind;
        const char *words;
    } KEYWORDS[] = {
        {KIND_FROM, "from into using"},
        {KIND_WHERE, "where having"},
        {KIND_AND, "and or"},
        {KIND_CLAUSE, "group order connect start union minus intersect except fetch offset for "
                      "returning partition window model with when"},
        {KIND_JOIN, "join inner left right full cross natural"},
        {KIND_SELECT, "select insert update delete merge begin end case else then"},
        {KIND_SET, "set values"},
        {KIND_ON, "on"},
    };
    const int before = gap->at > start ? (unsigned char)gap->at[-1] : ' ';
    const int after = gap->word_length > 0 ? (unsigned char)gap->word[0] : ' ';
    size_t letters = 0;

    while (letters < gap->word_length && isalpha((unsigned char)gap->word[letters])) {
        letters++;
    }
    for (size_t i = 0; i < sizeof(KEYWORDS) / sizeof(KEYWORDS[0]); i++) {
        if (is_one_of(KEYWORDS[i].words, gap->word, letters)) {
            return KEYWORDS[i].kind;
        }
    }
    if (before == ',' || after == ',') {
        return KIND_COMMA;
    }
    if (before == '/' || after == '/') {
        return KIND_HINT;
    }
    return before == '(' || after == '(' || before == ')' || after == ')' ? KIND_PAREN : KIND_OTHER;
}

/* As piece_end, but a comment is many pieces: it may have had line breaks too. */
static const char *word_end(const char *at, const char *end, enum piece *ret)
{
    const char *next = piece_end(at, end, ret);

    if (*ret == PIECE_APART && (*at == '/' || *at == '-')) {
        for (next = at; next < end && !isspace((unsigned char)*next); next++) {
        }
    }
    return next;
}

/* False: there are more gaps than are looked at, or none. */
static bool find_gaps(struct layout *layout)
{
    const char *start = layout->text.data;
    const char *end = start + layout->body;
    const char *at = start;

    layout->gap_count = 0;
    layout->has_long_gaps = false;
    while (at < end) {
        enum piece piece;
        const char *next = word_end(at, end, &piece);
        struct gap *gap = &layout->gaps[layout->gap_count];

        if (piece == PIECE_BLANK && at > start) {
            while (next < end && isspace((unsigned char)*next)) {
                next++;
            }
            if (layout->gap_count == GAPS_MOST) {
                return false;
            }
            *gap = (struct gap){.at = at, .length = (size_t)(next - at), .word = next};
            layout->gap_count++;
            layout->has_long_gaps |= gap->length > 1;
        } else if (layout->gap_count > 0 && gap[-1].word == at) {
            gap[-1].word_length = (size_t)(next - at);
        }
        at = next;
    }
    for (size_t i = 0; i < layout->gap_count; i++) {
        layout->gaps[i].kind = kind_of(&layout->gaps[i], start);
    }
    return layout->gap_count > 0;
}

/* A kind is two groups: where there is more than one blank, and where there is one. */
static void make_groups(struct layout *layout)
{
    layout->group_count = 0;
    for (enum gap_kind kind = 0; kind < KIND_COUNT; kind++) {
        for (int is_long = 1; is_long >= 0; is_long--) {
            bool is_used = false;

            for (size_t i = 0; i < layout->gap_count; i++) {
                struct gap *gap = &layout->gaps[i];

                if (gap->kind == kind && (gap->length > 1) == (is_long != 0)) {
                    gap->group = layout->group_count < GROUPS_MOST ? layout->group_count : -1;
                    is_used = true;
                }
            }
            layout->group_count += is_used && layout->group_count < GROUPS_MOST;
        }
    }
}

static bool layout_make(struct layout *layout, enum reading reading, const char *text,
                        size_t length)
{
    buf_clear(&layout->text);
    read_as(reading, text, length, &layout->text);
    layout->body = layout->text.bad ? 0 : layout->text.length;
    while (layout->body > 0 && strchr(" \t\r\n;/", layout->text.data[layout->body - 1]) != NULL) {
        layout->body--;
    }
    if (layout->body == 0 || !find_gaps(layout)) {
        return false;
    }
    make_groups(layout);
    return true;
}

/* --- ways to break --- */

enum how {
    BREAK_FIRST,  /* the first blank is a line break, the others are there */
    BREAK_SECOND, /* the second one is, which there is in long gaps */
    BREAK_LATE,   /* the last but one is */
    BREAK_LAST,   /* the last one is */
    BREAK_INDENT, /* a line break and `blanks` blanks in place of the gap */
    BREAK_RIVER,  /* so many blanks that the words end below each other */
    BREAK_PADDED, /* so many blanks behind the word that what follows stands below each other */
    BREAK_TEXT,   /* `text` in place of the gap */
};

struct style {
    enum how how;
    size_t blanks;
    const char *text;
    const char *phrase;
};

static const struct style STYLES[] = {
    {BREAK_FIRST, 0, NULL, "line breaks"},
    {BREAK_INDENT, 0, NULL, "line breaks"},
    {BREAK_RIVER, 0, NULL, "line breaks, the words ending below each other,"},
    {BREAK_PADDED, 0, NULL, "line breaks, what follows the words standing below each other,"},
    {BREAK_INDENT, 1, NULL, "line breaks and 1 blank"},
    {BREAK_INDENT, 2, NULL, "line breaks and 2 blanks"},
    {BREAK_INDENT, 3, NULL, "line breaks and 3 blanks"},
    {BREAK_INDENT, 4, NULL, "line breaks and 4 blanks"},
    {BREAK_SECOND, 0, NULL, "line breaks behind a blank"},
    {BREAK_LATE, 0, NULL, "line breaks and 1 blank behind blanks"},
    {BREAK_LAST, 0, NULL, "line breaks behind the blanks"},
    {BREAK_TEXT, 0, " \n", "a blank and line breaks"},
    {BREAK_TEXT, 0, "\r\n", "CRLF line breaks"},
    {BREAK_TEXT, 0, "\n\t", "line breaks and a tab"},
    {BREAK_TEXT, 0, "\t", "tabs"},
    {BREAK_TEXT, 0, "  ", "2 blanks"},
    {BREAK_TEXT, 0, "   ", "3 blanks"},
    {BREAK_INDENT, 6, NULL, "line breaks and 6 blanks"},
    {BREAK_INDENT, 7, NULL, "line breaks and 7 blanks"},
    {BREAK_INDENT, 8, NULL, "line breaks and 8 blanks"},
};
enum { STYLE_COUNT = sizeof(STYLES) / sizeof(STYLES[0]), COMMON_STYLES = 4 };

static void add_blanks(struct buf *out, size_t count)
{
    while (count-- > 0) {
        buf_add_char(out, ' ');
    }
}

/* A line break in place of one of the gap's blanks. */
static void add_break_at(const struct gap *gap, size_t at, struct buf *out)
{
    buf_add(out, gap->at, at);
    buf_add_char(out, '\n');
    buf_add(out, gap->at + at + 1, gap->length - at - 1);
}

static void add_broken(const struct style *style, const struct gap *gap, struct buf *out)
{
    switch (style->how) {
    case BREAK_FIRST:
        add_break_at(gap, 0, out);
        break;
    case BREAK_SECOND:
        add_break_at(gap, gap->length > 1 ? 1 : 0, out);
        break;
    case BREAK_LATE:
        add_break_at(gap, gap->length > 2 ? gap->length - 2 : 0, out);
        break;
    case BREAK_LAST:
        add_break_at(gap, gap->length - 1, out);
        break;
    case BREAK_INDENT:
        buf_add_char(out, '\n');
        add_blanks(out, style->blanks);
        break;
    case BREAK_PADDED:
        buf_add_char(out, '\n');
        break;
    case BREAK_RIVER:
        buf_add_char(out, '\n');
        add_blanks(out, gap->word_length < RIVER_COLUMN ? RIVER_COLUMN - gap->word_length : 0);
        break;
    case BREAK_TEXT:
        buf_add_text(out, style->text);
        break;
    }
}

/* The word behind a gap, filled up, where it is a keyword and the next gap follows it. Returns the
 * gaps that are done with; *at moves behind them. */
static size_t add_padded(const struct gap *gap, struct buf *out, const char **at)
{
    const struct gap *next = gap + 1;

    if (gap->kind >= KIND_COMMA || next->at != gap->word + gap->word_length) {
        return 0;
    }
    buf_add(out, gap->word, gap->word_length);
    add_blanks(out, gap->word_length < RIVER_COLUMN ? RIVER_COLUMN + 1 - gap->word_length : 1);
    *at = next->word;
    return 1;
}

/* --- trying --- */

struct search {
    const char *sql_id;
    uint64_t texts;
    uint64_t bytes;
    struct layout layouts[READING_COUNT];
    bool is_used[READING_COUNT]; /* the reading differs from those before it, and has gaps */

    /* What is being tried, and at the end what was found. */
    enum reading reading;
    const struct style *style;
    const struct style *second;   /* of gaps that are broken another way */
    uint8_t is_broken[GAPS_MOST]; /* 0: not, 1: in the style, 2: in the second one */
    const char *tail;             /* NULL: the text's own */
    struct buf text;
};

static bool is_spent(const struct search *search)
{
    return search->texts >= SQLID_BREAKS_TEXTS_MOST || search->bytes >= SQLID_BREAKS_BYTES_MOST;
}

static bool has_sql_id(struct search *search)
{
    char found[SQLID_SIZE];

    search->texts++;
    search->bytes += search->text.length;
    sqlid_of(search->text.data, search->text.length, found);
    return memcmp(found, search->sql_id, SQLID_SIZE) == 0;
}

/* The text with the gaps broken that are to be, with its own end or one of the usual ones. */
static bool attempt(struct search *search, bool with_tails)
{
    static const char *const TAILS[] = {"", "\n", " ", ";"};
    const struct layout *layout = &search->layouts[search->reading];
    const char *at = layout->text.data;
    size_t body;

    buf_clear(&search->text);
    for (size_t i = 0; i < layout->gap_count; i++) {
        const struct gap *gap = &layout->gaps[i];

        if (search->is_broken[i]) {
            buf_add(&search->text, at, (size_t)(gap->at - at));
            add_broken(search->is_broken[i] == 1 ? search->style : search->second, gap,
                       &search->text);
            at = gap->word;
            if (search->style->how == BREAK_PADDED && i + 1 < layout->gap_count) {
                i += add_padded(gap, &search->text, &at);
            }
        }
    }
    buf_add(&search->text, at, layout->body - (size_t)(at - layout->text.data));
    body = search->text.length;
    buf_add(&search->text, layout->text.data + layout->body, layout->text.length - layout->body);
    search->tail = NULL;
    if (has_sql_id(search)) {
        return true;
    }
    for (size_t i = 0; i < (with_tails ? sizeof(TAILS) / sizeof(TAILS[0]) : 1); i++) {
        search->text.length = body;
        buf_add_text(&search->text, TAILS[i]);
        search->tail = TAILS[i];
        if (has_sql_id(search)) {
            return true;
        }
    }
    return false;
}

/* --- the stages --- */

/* The groups of the first mask, those of the second the other way. */
static void break_groups(struct search *search, unsigned mask, unsigned second)
{
    const struct layout *layout = &search->layouts[search->reading];

    for (size_t i = 0; i < layout->gap_count; i++) {
        const int group = layout->gaps[i].group;

        search->is_broken[i] = group < 0 || (mask >> group & 1) == 0 ? 0
                               : (second >> group & 1) == 0          ? 1
                                                                     : 2;
    }
}

static bool try_groups(struct search *search)
{
    const unsigned masks = 1U << search->layouts[search->reading].group_count;

    for (unsigned mask = 1; mask < masks && !is_spent(search); mask++) {
        break_groups(search, mask, 0);
        if (attempt(search, true)) {
            return true;
        }
    }
    return false;
}

/* Some begin at the start of a line, others are indented, all of them alike. */
static bool try_two_ways(struct search *search)
{
    const int groups = search->layouts[search->reading].group_count;
    const unsigned masks = 1U << (groups < GROUPS_TWO_WAYS ? groups : GROUPS_TWO_WAYS);

    search->second = search->style;
    search->style = &STYLES[0];
    for (unsigned mask = 1; mask < masks; mask++) {
        for (unsigned second = (mask - 1) & mask; second > 0; second = (second - 1) & mask) {
            break_groups(search, mask, second);
            if (is_spent(search) || attempt(search, false)) {
                return !is_spent(search);
            }
        }
    }
    return false;
}

/* Gaps where a clause begins, then others, as many as may be. */
static size_t likely_gaps(const struct layout *layout, size_t most, size_t out[SUBSET_MOST])
{
    size_t count = 0;

    for (enum gap_kind kind = 0; kind < KIND_COUNT; kind++) {
        for (size_t i = 0; i < layout->gap_count && count < most; i++) {
            if (layout->gaps[i].kind == kind) {
                out[count++] = i;
            }
        }
    }
    return count;
}

static bool try_subsets(struct search *search)
{
    const bool is_common = search->style < &STYLES[COMMON_STYLES];
    size_t gaps[SUBSET_MOST];
    const size_t count =
        likely_gaps(&search->layouts[search->reading], is_common ? SUBSET_MOST : SUBSET_RARE, gaps);

    memset(search->is_broken, 0, sizeof(search->is_broken));
    for (unsigned mask = 1; mask < 1U << count && !is_spent(search); mask++) {
        for (size_t i = 0; i < count; i++) {
            search->is_broken[gaps[i]] = mask >> i & 1;
        }
        if (attempt(search, false)) {
            return true;
        }
    }
    return false;
}

/* With `more` further exceptions, at gaps from `from` on. */
static bool try_flips(struct search *search, size_t from, int more)
{
    const struct layout *layout = &search->layouts[search->reading];

    for (size_t i = from; i < layout->gap_count && !is_spent(search); i++) {
        search->is_broken[i] ^= 1;
        if (more > 1 ? try_flips(search, i + 1, more - 1) : attempt(search, false)) {
            return true;
        }
        search->is_broken[i] ^= 1;
    }
    return false;
}

static bool try_exceptions(struct search *search)
{
    const unsigned masks = 1U << search->layouts[search->reading].group_count;

    for (int exceptions = 1; exceptions <= 2; exceptions++) {
        for (unsigned mask = 0; mask < masks && !is_spent(search); mask++) {
            break_groups(search, mask, 0);
            if (try_flips(search, 0, exceptions)) {
                return true;
            }
        }
    }
    return false;
}

/* Where every gap is one blank, several styles are one. */
static bool differs_here(const struct layout *layout, const struct style *style)
{
    return layout->has_long_gaps || style->how == BREAK_FIRST || style->how == BREAK_RIVER ||
           style->how == BREAK_PADDED || style->how == BREAK_TEXT || style->blanks > 0;
}

static bool try_everywhere(struct search *search, bool (*stage)(struct search *search),
                           size_t style_count)
{
    for (size_t i = 0; i < style_count; i++) {
        for (enum reading reading = 0; reading < READING_COUNT; reading++) {
            search->reading = reading;
            search->style = &STYLES[i];
            if (search->is_used[reading] &&
                differs_here(&search->layouts[reading], search->style) && stage(search)) {
                return true;
            }
        }
    }
    return false;
}

/* --- what was found --- */

/* The first letters of a word, as they stand there. */
static void add_word(const struct gap *gap, struct buf *out)
{
    buf_add(out, gap->word, gap->word_length < WORD_SHOWN ? gap->word_length : WORD_SHOWN);
}

static bool was_said(const struct search *search, size_t at)
{
    const struct gap *gaps = search->layouts[search->reading].gaps;

    for (size_t i = 0; i < at; i++) {
        if (search->is_broken[i] && gaps[i].word_length == gaps[at].word_length &&
            memcmp(gaps[i].word, gaps[at].word, gaps[at].word_length) == 0) {
            return true;
        }
    }
    return false;
}

static void describe(const struct search *search, struct buf *out)
{
    const struct layout *layout = &search->layouts[search->reading];
    size_t said = 0;

    buf_printf(out, "%s%s", READING_PHRASES[search->reading], search->style->phrase);
    if (memchr(search->is_broken, 2, layout->gap_count) != NULL) {
        buf_printf(out, ", some with %s,", search->second->phrase);
    }
    buf_add_text(out, " before ");
    for (size_t i = 0; i < layout->gap_count; i++) {
        if (search->is_broken[i] && !was_said(search, i)) {
            if (said++ < WORDS_SHOWN) {
                buf_add_text(out, said > 1 ? ", " : "");
                add_word(&layout->gaps[i], out);
            }
        }
    }
    if (said > WORDS_SHOWN) {
        buf_printf(out, " and %zu more", said - WORDS_SHOWN);
    }
    if (search->tail != NULL) {
        buf_add_text(out, ", and another end");
    }
}

static bool is_new(const struct search *search, enum reading reading)
{
    const struct buf *text = &search->layouts[reading].text;

    for (enum reading before = 0; before < reading; before++) {
        const struct buf *other = &search->layouts[before].text;

        if (other->length == text->length && memcmp(other->data, text->data, text->length) == 0) {
            return false;
        }
    }
    return true;
}

bool sqlid_breaks_find(const char *text, size_t length, const char *sql_id, struct buf *ret_phrase,
                       struct buf *ret_text)
{
    struct search *search = mem_alloc(sizeof(*search));
    bool is_found;

    search->sql_id = sql_id;
    buf_init(&search->text, length * 10 + 64); /* a blank becomes a line break and 8 blanks */
    for (enum reading reading = 0; reading < READING_COUNT; reading++) {
        buf_init(&search->layouts[reading].text, length + 1);
        search->is_used[reading] = length > 0 &&
                                   layout_make(&search->layouts[reading], reading, text, length) &&
                                   is_new(search, reading);
    }
    is_found = try_everywhere(search, try_groups, STYLE_COUNT) ||
               try_everywhere(search, try_two_ways, STYLE_COUNT) ||
               try_everywhere(search, try_subsets, STYLE_COUNT) ||
               try_everywhere(search, try_exceptions, COMMON_STYLES);
    if (is_found) {
        describe(search, ret_phrase);
        buf_add(ret_text, search->text.data, search->text.length);
    }
    for (enum reading reading = 0; reading < READING_COUNT; reading++) {
        buf_fini(&search->layouts[reading].text);
    }
    buf_fini(&search->text);
    free(search);
    return is_found;
}
