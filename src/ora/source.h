/*
 * ora/source.h: texts that people write, and faults in them by line and column.
 */
#ifndef ORA_SOURCE_H
#define ORA_SOURCE_H

#include <octo/ora.h>

/* Borrowed characters. */
struct ora_slice {
    const char *at;
    size_t length;
};

struct ora_source {
    const char *name; /* "the connect string", or a file's path */
    const char *text;
    size_t length;
};

/* Upper and lower case of ASCII letters are the same. */
bool ora_slice_is(struct ora_slice slice, const char *text);
/* Copies it with a NUL behind; false when it does not fit into `room`. */
bool ora_slice_copy(struct ora_slice slice, char *ret, size_t room);
/* Without blanks at either end. */
struct ora_slice ora_slice_trim(struct ora_slice slice);

/* An error of the kind OCTO_ORA_USAGE that says where in the source, both counted from 1; a
 * column is a character, whatever its bytes. `at` points into the text or to its end. */
bool ora_source_fault(const struct ora_source *source, const char *at, struct octo_ora_error *error,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
