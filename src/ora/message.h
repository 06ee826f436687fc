/*
 * ora/message.h: the messages that a server answers with, one after another in the stream that
 * packets of DATA carry. The reader is a pure function over the bytes that are there: it says where
 * a message ends, or that more bytes are needed, and what is in it, borrowed. Client, decoder and
 * tests share it.
 *
 * What a message looks like depends on what was agreed at log-on (struct ora_dialect) and on what
 * was asked (struct ora_answer), since none says how long it is.
 */
#ifndef ORA_MESSAGE_H
#define ORA_MESSAGE_H

#include "ora/packet.h"

enum {
    ORA_COLUMNS_MAX = 4096,     /* of a table of 23ai; 1,000 before */
    ORA_PAIRS_MAX = 1024,       /* of a log-on's answer, of a change of session */
    ORA_EXECUTIONS_MAX = 65535, /* of an array in one call */
    ORA_ROWIDS_TEXT = 18,       /* characters of a physical rowid */
    ORA_FIELD_VERSION_MAX = 24, /* 23.4 */
};

/* Places in the table of capabilities that a server compiled in. */
enum { ORA_CAPS_FIELD_VERSION = 7 };

/* Versions of fields: what each adds stands where it is read. */
enum {
    ORA_FV_12_1 = 7, /* the oldest that is read */
    ORA_FV_12_2 = 8,
    ORA_FV_12_2_EXT = 9,
    ORA_FV_18_EXT = 11,
    ORA_FV_20 = 14,
    ORA_FV_23 = 17,
    ORA_FV_23_EXT1 = 18,
    ORA_FV_23_EXT3 = 20,
    ORA_FV_23_4 = 24,
};

enum ora_message_type {
    ORA_MSG_PROTOCOL = 1,
    ORA_MSG_DATA_TYPES = 2,
    ORA_MSG_ERROR = 4, /* also of a call that went well: number 0 */
    ORA_MSG_ROW_HEADER = 6,
    ORA_MSG_ROW_DATA = 7,
    ORA_MSG_PARAMETER = 8,
    ORA_MSG_STATUS = 9,
    ORA_MSG_IO_VECTOR = 11,
    ORA_MSG_LOB_DATA = 14,
    ORA_MSG_WARNING = 15,
    ORA_MSG_DESCRIBE = 16,
    ORA_MSG_FLUSH_OUT_BINDS = 19,
    ORA_MSG_BIT_VECTOR = 21,
    ORA_MSG_PIGGYBACK = 23,
    ORA_MSG_IMPLICIT_RESULTS = 27,
    ORA_MSG_RENEGOTIATE = 28,
    ORA_MSG_END_OF_RESPONSE = 29,
    ORA_MSG_TOKEN = 33,
};

/* What was asked: it decides what PARAMETER holds and what ends the answer. */
enum ora_call {
    ORA_CALL_PROTOCOL,
    ORA_CALL_DATA_TYPES,
    ORA_CALL_LOGON,
    ORA_CALL_EXECUTE, /* and fetch */
    ORA_CALL_SIMPLE,  /* commit, rollback, ping, log-off */
    ORA_CALL_VERSION, /* what other drivers ask after log-on */
    ORA_CALL_LOB,
    ORA_CALL_COUNT
};

/* Types of columns and binds that are told apart. */
enum ora_type {
    ORA_TYPE_VARCHAR = 1,
    ORA_TYPE_NUMBER = 2,
    ORA_TYPE_LONG = 8,
    ORA_TYPE_ROWID = 11,
    ORA_TYPE_DATE = 12,
    ORA_TYPE_RAW = 23,
    ORA_TYPE_LONG_RAW = 24,
    ORA_TYPE_CHAR = 96,
    ORA_TYPE_BINARY_FLOAT = 100,
    ORA_TYPE_BINARY_DOUBLE = 101,
    ORA_TYPE_CURSOR = 102,
    ORA_TYPE_OBJECT = 109,
    ORA_TYPE_CLOB = 112,
    ORA_TYPE_BLOB = 113,
    ORA_TYPE_BFILE = 114,
    ORA_TYPE_JSON = 119,
    ORA_TYPE_VECTOR = 127,
    ORA_TYPE_TIMESTAMP = 180,
    ORA_TYPE_TIMESTAMP_TZ = 181,
    ORA_TYPE_INTERVAL_YM = 182,
    ORA_TYPE_INTERVAL_DS = 183,
    ORA_TYPE_UROWID = 208,
    ORA_TYPE_TIMESTAMP_LTZ = 231,
    ORA_TYPE_BOOLEAN = 252,
};

/* Of a column's or a bind's character set; 0: it has none. */
enum { ORA_FORM_DATABASE = 1, ORA_FORM_NATIONAL = 2 };

/* What both sides agreed on at log-on. Ours is a field version and nothing else; the rest is what
 * older drivers made servers do. */
struct ora_dialect {
    uint8_t field_version;
    bool has_sql_type;        /* type 652 was declared: two more fields in ERROR from 20.1 on */
    bool has_long_bytes;      /* type 27 in its first form: some single bytes have a length */
    bool has_bare_texts;      /* some texts have their length elsewhere */
    uint8_t zone_bytes;       /* of the database's time zone, before DATA_TYPES: 0, 11 or 15 */
    bool has_end_of_response; /* answers end with a message of their own */
};

enum ora_direction { ORA_DIRECTION_OUT = 16, ORA_DIRECTION_IN = 32 };

/* Also a bind of which something comes back. */
struct ora_column {
    uint8_t direction; /* of binds: bits of ora_direction */
    uint8_t type;
    int8_t precision;
    int8_t scale;
    uint8_t charset_form;
    bool is_nullable;
    uint8_t lob;   /* ORA_TYPE_CLOB or ORA_TYPE_BLOB, whatever it is fetched as; 0: it is none */
    bool has_size; /* of a LOB: it comes with its locator */
    uint32_t size; /* bytes; 0: always NULL, and never sent */
    uint32_t characters;
    struct ora_bytes name; /* borrowed from what described it */
};

struct ora_rowid {
    uint32_t object;
    uint16_t file;
    uint32_t block;
    uint16_t slot;
};

/* What a LOB operation has asked for, and so what its answer's PARAMETER holds. */
struct ora_lob_call {
    uint32_t locator_length; /* of the locator that was sent, and comes back */
    bool has_charset;
    bool has_amount;
    bool has_flag;
};

/* What the rows of an answer are. */
enum ora_rows {
    ORA_ROWS_FETCHED,
    ORA_ROWS_OUT,      /* of a block: one for each execution, of what comes out of its binds */
    ORA_ROWS_RETURNED, /* of RETURNING INTO: for each execution all values of a bind, then of the
                          next */
};

/* How far a row was read that is not whole yet: reading goes on there. */
struct ora_row_place {
    size_t row; /* where its values begin, in the stream; 0: there is none */
    size_t at;  /* where the value begins that is read next */
    uint32_t column;
    uint32_t value; /* of the column, behind RETURNING INTO */
    uint32_t values;
    struct ora_chunks chunks; /* of that value */
};

/* What an answer is read with. The caller fills in dialect, call and kind of rows, and the columns
 * when a DESCRIBE has come or was known, of binds which way they go when an IO_VECTOR has; bits and
 * the place in a row are the reader's. */
struct ora_answer {
    const struct ora_dialect *dialect;
    enum ora_call call;
    struct ora_lob_call lob; /* of ORA_CALL_LOB */
    bool has_row_counts;     /* ORA_CALL_EXECUTE of an array, which has asked for them */
    enum ora_rows rows;
    const struct ora_column *columns; /* or binds */
    uint32_t column_count;
    enum ora_message_type last; /* that was read whole */
    bool has_bits;              /* of the next row, and still of the one that was read last */
    uint8_t bits[ORA_COLUMNS_MAX / 8];
    struct ora_row_place place;
};

/* --- what messages hold --- */

struct ora_protocol {
    struct ora_bytes banner;
    uint16_t charset;
    uint16_t national_charset; /* 0: not told */
    struct ora_bytes compile_caps;
    struct ora_bytes runtime_caps;
};

enum {
    ORA_STATUS_IN_TRANSACTION = 0x2, /* of a call's status */
    ORA_STATUS_HAS_TIME = 0x8,
    ORA_STATUS_SESSION_CHANGED = 0x8000,
};

/* Numbers or texts of an array's errors, read one by one. */
struct ora_batch_list {
    struct ora_rd rd;
    uint32_t count;
    bool is_chunked; /* each number has its length before it */
};

struct ora_failure {
    uint32_t call_status;
    uint16_t cursor; /* 0: none */
    int32_t position;
    uint8_t sql_type;
    uint8_t warnings;
    struct ora_rowid rowid;
    struct ora_batch_list batch_numbers;
    struct ora_batch_list batch_executions; /* counted from 0 */
    struct ora_batch_list batch_texts;
    uint32_t number; /* 0: the call went well; ORA_BATCH_ERRORS: some of its executions */
    uint64_t rows;
    struct ora_bytes text;
};

/* Columns are read one by one from `columns` with ora_column_read. */
struct ora_describe {
    uint32_t count;
    struct ora_rd columns;
};

/* Cursors that a block has left open, read one by one with ora_result_read. */
struct ora_results {
    uint32_t count;
    struct ora_rd rd;
};

/* Values are read one by one, for the columns that are sent, with ora_value_read. */
struct ora_row {
    struct ora_rd values;
};

enum { ORA_BATCH_ERRORS = 24381 };

struct ora_parameters {
    uint32_t count; /* of pairs, ORA_CALL_LOGON; read one by one with ora_pair_read */
    struct ora_rd pairs;
    struct ora_bytes banner;  /* ORA_CALL_VERSION */
    uint32_t cursor;          /* ORA_CALL_EXECUTE; 0: none */
    struct ora_bytes locator; /* ORA_CALL_LOB */
    uint64_t amount;
    uint32_t row_counts; /* of executions; read one by one with ora_rd_ub8 */
    struct ora_rd counts;
};

struct ora_warning {
    uint16_t number;
    struct ora_bytes text;
};

struct ora_message {
    enum ora_message_type type;
    size_t offset; /* where in the stream it begins */
    size_t length;
    union {
        struct ora_protocol protocol;
        struct ora_failure failure; /* ERROR */
        uint32_t call_status;       /* STATUS */
        struct ora_describe describe;
        struct ora_row row;
        struct ora_results results; /* IMPLICIT_RESULTS */
        struct ora_parameters parameters;
        struct ora_bytes directions; /* IO_VECTOR: bits of ora_direction for each bind */
        struct ora_bytes data;       /* LOB_DATA */
        struct ora_warning warning;
        uint8_t opcode; /* PIGGYBACK */
    } of;
};

/* The next message of the stream, from rd->at on. Done: rd->at is behind it. More: rd->at is where
 * it was, and the same message is read again when there are more bytes, a row from the value on
 * that was cut. Bad: rd->fault says why, and rd->at is where. What is the reader's in `answer` is
 * kept up to date. */
enum ora_step ora_message_read(struct ora_answer *answer, struct ora_rd *rd,
                               struct ora_message *ret);
/* Is the answer complete with this message? */
bool ora_message_ends(const struct ora_answer *answer, const struct ora_message *message);
const char *ora_message_name(uint8_t type); /* "DESCRIBE"; of an unknown one "?" */

void ora_column_read(const struct ora_dialect *dialect, struct ora_rd *rd, struct ora_column *ret);

void ora_result_read(const struct ora_dialect *dialect, struct ora_rd *rd,
                     struct ora_describe *ret_describe, uint32_t *ret_cursor);

struct ora_pair {
    struct ora_bytes key; /* without the NUL that some have at their end */
    struct ora_bytes value;
    uint32_t flags;
};
void ora_pair_read(struct ora_rd *rd, struct ora_pair *ret);
/* 0 and NULL behind the last one. */
uint32_t ora_batch_number_read(struct ora_batch_list *list);
struct ora_bytes ora_batch_text_read(struct ora_batch_list *list);

/* A column's value. `rowid` is that of a ROWID, `describe` and `cursor` are a cursor's, which are
 * filled in for these alone; all others are in `bytes`; of a LOB that is its locator. */
struct ora_value {
    struct ora_bytes bytes;
    struct ora_describe describe;
    uint32_t cursor;
    uint64_t lob_size; /* where the column has it: characters of a CLOB, bytes of a BLOB */
    struct ora_rowid rowid;
    bool is_cut; /* of a bind: it had too little room */
};
/* Is the column in the row that comes next, or is its value the one before? */
bool ora_column_is_sent(const struct ora_answer *answer, uint32_t column);
/* Turns bad for a type that this reader does not know. */
void ora_value_read(const struct ora_dialect *dialect, const struct ora_column *column,
                    struct ora_rd *rd, struct ora_value *ret);
bool ora_comes_back(const struct ora_column *bind);
/* What comes back of a bind: its value, and whether all of it did. */
void ora_out_read(const struct ora_dialect *dialect, const struct ora_column *bind,
                  struct ora_rd *rd, struct ora_value *ret);
/* 18 characters and a NUL. */
void ora_rowid_text(const struct ora_rowid *rowid, char ret[ORA_ROWIDS_TEXT + 1]);
/* Adds a universal rowid's text: that of a physical one, or * and the bytes to the base of 64.
 * False: it is malformed. */
bool ora_universal_rowid_text(struct ora_wr *wr, const uint8_t *bytes, size_t length);

#endif
