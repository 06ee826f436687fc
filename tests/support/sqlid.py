"""Oracle's SQL_ID of a statement text, written independently of the C code."""

import functools
import hashlib
import struct

DIGITS = "0123456789abcdfghjkmnpqrstuvwxyz"


@functools.lru_cache(None)
def sql_id(text):
    digest = hashlib.md5(text.encode() + b"\0").digest()
    high, low = struct.unpack("<II", digest[8:16])
    number = high << 32 | low
    return "".join(DIGITS[number >> shift & 31] for shift in range(60, -1, -5))
