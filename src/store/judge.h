/*
 * store/judge.h: the spans of one file, judged by a condition (store/where.h). What the file's
 * dictionaries hold is judged once, word by word and pack by pack, so that of most spans only
 * numbers are looked at, and a file that cannot have such a span is left unread.
 * Memory: its own. Threads: one.
 */
#ifndef STORE_JUDGE_H
#define STORE_JUDGE_H

#include "sql_store.h"
#include "store/dictionary.h"
#include "store/where.h"

struct judge;

/* Of one file, within one unit of work; both are borrowed until judge_close. Reads all spans of the
 * file where the condition asks for any(...) of a trace. */
MUST_CHECK bool judge_open(struct db_session *session, const struct dictionary *dictionary,
                           const struct where *where, struct judge **ret, struct err *err);
void judge_close(struct judge *judge); /* NULL is accepted */

/* May there be a span in the file for which the condition holds? */
bool judge_may_hold(const struct judge *judge);
bool judge_holds(struct judge *judge, const struct sql_judged_row *row);

#endif
