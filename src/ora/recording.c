#include "ora/recording.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "ora/heap.h"

static const char OPENING[] = "# packet ";

/* What the file is read into, as it grows. */
struct reading {
    struct ora_recording *recording;
    size_t bytes_count;
    size_t bytes_room;
    size_t records_room; /* in bytes */
};

static bool fail(struct reading *r, const char *fault)
{
    r->recording->fault = fault;
    return false;
}

static bool begin_packet(struct reading *r, const char *line)
{
    struct ora_recording *recording = r->recording;
    struct ora_record *records;
    char *end = NULL;
    const unsigned long number = strtoul(line + strlen(OPENING), &end, 10);

    end += *end == ' ' ? 1 : 0;
    if (number == 0 || (*end != '<' && *end != '>')) {
        return fail(r, "expected \"# packet NUMBER <\" or \">\"");
    }
    records = ora_heap_grow(recording->records, &r->records_room,
                            (recording->count + 1) * sizeof(*records),
                            (size_t)ORA_RECORDS_MAX * sizeof(*records));
    if (records == NULL) {
        return fail(r, "more packets than are read");
    }
    recording->records = records;
    recording->records[recording->count++] = (struct ora_record){
        .is_servers = *end == '<',
        .is_left_out = strstr(line, "LEFT OUT") != NULL,
        .number = number,
        .at = r->bytes_count,
    };
    return true;
}

static bool take_remark(struct reading *r, const char *line)
{
    if (strncmp(line, OPENING, strlen(OPENING)) == 0) {
        return begin_packet(r, line);
    }
    if (strstr(line, "(no TNS header)") != NULL) {
        r->recording->has_heads = false;
    }
    if (strstr(line, "cut out of a reply") != NULL) {
        r->recording->is_pieces = true;
    }
    if (strncmp(line, "# driver:", 9) == 0 && strstr(line, "OCI") != NULL) {
        r->recording->is_oci = true;
    }
    return true;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_bytes(struct reading *r, const char *line)
{
    struct ora_recording *recording = r->recording;
    struct ora_record *record =
        recording->count > 0 ? &recording->records[recording->count - 1] : NULL;

    if (record == NULL || record->is_left_out || record->is_servers != (*line == '<')) {
        return fail(r, "bytes that no \"# packet\" line of their direction opens");
    }
    for (line++; *line != '\0'; line++) {
        uint8_t *bytes;
        int high;
        int low;

        if (isspace((unsigned char)*line)) {
            continue;
        }
        high = digit(line[0]);
        low = high < 0 ? -1 : digit(line[1]);
        if (low < 0) {
            return fail(r, "expected bytes of two hexadecimal digits");
        }
        bytes =
            ora_heap_grow(recording->bytes, &r->bytes_room, r->bytes_count + 1, ORA_RECORDING_MAX);
        if (bytes == NULL) {
            return fail(r, "more bytes than are read");
        }
        recording->bytes = bytes;
        recording->bytes[r->bytes_count++] = (uint8_t)(high * 16 + low);
        record->count++;
        line++;
    }
    return true;
}

static bool take_line(struct reading *r, const char *line)
{
    switch (*line) {
    case '\0':
    case '\n':
        return true;
    case '#':
        return take_remark(r, line);
    case '<':
    case '>':
        return take_bytes(r, line);
    default:
        return fail(r, "a line begins with '#', '<' or '>'");
    }
}

bool ora_recording_read(FILE *file, struct ora_recording *ret)
{
    struct reading r = {.recording = ret};
    char *line = NULL;
    size_t room = 0;
    bool ok = true;

    *ret = (struct ora_recording){.has_heads = true};
    while (ok && getline(&line, &room, file) >= 0) {
        ret->fault_line++;
        ok = take_line(&r, line);
    }
    free(line);
    return ok && !ferror(file);
}

void ora_recording_fini(struct ora_recording *recording)
{
    free(recording->records);
    free(recording->bytes);
    *recording = (struct ora_recording){.records = NULL};
}
