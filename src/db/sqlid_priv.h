/*
 * db/sqlid_priv.h: the last step of a SQL_ID, shared with the search for an explanation.
 */
#ifndef DB_SQLID_PRIV_H
#define DB_SQLID_PRIV_H

#include "db/sqlid.h"

/* The 64-bit number in 13 base-32 digits; HASH_VALUE is its low half. */
void sqlid_from_number(uint64_t number, char out[SQLID_SIZE]);

#endif
