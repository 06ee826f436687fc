/*
 * http/status.h: what status codes are called (RFC 9110 section 15).
 */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

const char *status_phrase(int status); /* "Error" for one that nobody here uses */

#endif
