/*
 * otlp/attributes.h: attributes as OTLP has them, in protobuf.
 */
#ifndef OTLP_ATTRIBUTES_H
#define OTLP_ATTRIBUTES_H

#include "core/buf.h"
#include "trace/attribute.h"

/* As the field of that number, a KeyValue. The elements of ATTRIBUTE_TEXTS stand one behind the
 * other, as in a record (trace/record.h). */
void otlp_put_attribute(struct buf *out, unsigned number, const struct attribute *attribute);

#endif
