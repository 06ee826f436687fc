/* What the files of rewrite.h share: a statement that is being rewritten. */
#ifndef TESTS_SUPPORT_TNSD_REWRITE_PRIV_H
#define TESTS_SUPPORT_TNSD_REWRITE_PRIV_H

#include "ora/wire.h"
#include "tests/support/tnsd/rewrite.h"
#include "tests/support/tnsd/token.h"

enum { DEPTH_MAX = 64, REWRITE_TEXT_MAX = 1 << 20 };

/* What is inside one pair of parentheses, or outside of all. */
struct level {
    bool is_query;
    bool is_table;        /* a query that rows are taken from, where a table could stand */
    bool is_cast;         /* AS is before a type */
    bool has_or;          /* in its condition */
    bool is_arranged;     /* grouped, ordered or united: its rows are not those that are counted */
    bool has_limit;       /* of ROWNUM */
    size_t limit;         /* the token of its number */
    bool limit_is_beyond; /* of ROWNUM < number */
};

struct rewriting {
    const struct tokens *tokens;
    size_t at;
    struct ora_wr out;
    bool is_glued; /* no blank before what comes next */
    struct level levels[DEPTH_MAX];
    unsigned depth;
    size_t list_start; /* of the item of the outermost list of columns; 0: not in it */
    bool had_list;
    bool has_series; /* rows are counted by LEVEL */
    bool is_block;
    bool is_trigger;  /* whose :NEW and :OLD are rows */
    size_t skip_from; /* tokens that have been rewritten before their turn */
    size_t skip_to;   /* behind them; 0: there are none */
    struct rewrite *result;
    struct rewrite_refusal *refusal;
    bool is_refused;
};

/* --- rewrite.c --- */

const struct token *rewrite_peek(const struct rewriting *r, size_t further);
const struct token *rewrite_before(const struct rewriting *r); /* the token before; never NULL */
/* Always false, and the first refusal is the one that stays. */
bool rewrite_refuse(struct rewriting *r, const struct token *token);
bool rewrite_refuse_as(struct rewriting *r, const struct token *token, unsigned number,
                       const char *text);
void rewrite_emit(struct rewriting *r, const char *text);
void rewrite_emit_bytes(struct rewriting *r, const char *text, size_t length);
/* Is the next token this word or mark? Then it is behind us. */
bool rewrite_take(struct rewriting *r, const char *word);
bool rewrite_expect(struct rewriting *r, const char *word);
bool rewrite_name(struct rewriting *r);
bool rewrite_one(struct rewriting *r); /* the next token, with what belongs to it */
/* A bind that is given a value. */
bool rewrite_written_bind(struct rewriting *r);
/* A procedure that is known, with its package, where one stands next. */
bool rewrite_procedure(struct rewriting *r);
/* A number or a bind, as a bigint. */
bool rewrite_whole_number(struct rewriting *r, size_t token, bool is_beyond);

/* --- rewrite_words.c --- */

enum word_use {
    WORD_NAME, /* of the user's */
    WORD_SAME, /* a keyword that PostgreSQL has too */
    WORD_TEXT, /* stands for another text */
    WORD_CALL, /* a function, which parentheses follow */
    WORD_RULE, /* has a rule */
};

struct word {
    const char *name;
    enum word_use use;
    const char *text; /* WORD_TEXT; of a function NULL where it has the same name */
    bool (*rule)(struct rewriting *r); /* WORD_RULE: the word is behind us */
};

/* Never NULL. */
const struct word *rewrite_word(const struct token *token);

/* --- rewrite_types.c: rules of the words that types begin with --- */

bool rewrite_number_type(struct rewriting *r);
bool rewrite_whole_type(struct rewriting *r);
bool rewrite_varchar_type(struct rewriting *r);
bool rewrite_nvarchar_type(struct rewriting *r);
bool rewrite_char_type(struct rewriting *r);
bool rewrite_raw_type(struct rewriting *r);
bool rewrite_timestamp_type(struct rewriting *r);
bool rewrite_interval_type(struct rewriting *r);

/* --- rewrite_rules.c: rules of other words --- */

bool rewrite_dual(struct rewriting *r);
bool rewrite_decode(struct rewriting *r);
bool rewrite_rownum(struct rewriting *r);
bool rewrite_level(struct rewriting *r);
bool rewrite_row_limit(struct rewriting *r);
bool rewrite_into(struct rewriting *r);
bool rewrite_returning(struct rewriting *r);
bool rewrite_for(struct rewriting *r);
bool rewrite_select(struct rewriting *r);
bool rewrite_from(struct rewriting *r);
bool rewrite_arranged(struct rewriting *r); /* GROUP, ORDER, UNION and their kind */
bool rewrite_or(struct rewriting *r);
bool rewrite_refused(struct rewriting *r); /* what has no counterpart */
bool rewrite_sql(struct rewriting *r);     /* SQL%ROWCOUNT and its kind */
bool rewrite_with(struct rewriting *r);
bool rewrite_is(struct rewriting *r);    /* IS JSON */
bool rewrite_table(struct rewriting *r); /* TABLE(function of a package) */
/* At the end of a level: the limit that ROWNUM has set. */
bool rewrite_end_of_level(struct rewriting *r);
/* The name of a column of the outermost list that has none, as Oracle gives it. */
void rewrite_end_of_item(struct rewriting *r);

/* Those of tokens [from, to), with r->at behind them. */
bool rewrite_range(struct rewriting *r, size_t from, size_t to);
bool rewrite_has_bind(const struct rewriting *r, size_t from, size_t to);
/* Behind an argument: its comma, or what closes all. */
size_t rewrite_end_of_argument(const struct rewriting *r, size_t from);

/* --- rewrite_tables.c: MERGE, and tables that are made of a text --- */

bool rewrite_matched(struct rewriting *r);
bool rewrite_json_table(struct rewriting *r);

/* --- rewrite_define.c, rewrite_block.c: statements of their kind --- */

bool rewrite_define(struct rewriting *r);
bool rewrite_block(struct rewriting *r);
/* A trigger's block, which gives back the row that it was called for. */
bool rewrite_trigger_body(struct rewriting *r);

#endif
