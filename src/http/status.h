/*
 * http/status.h: what status codes are called (RFC 9110 section 15), and what people can do about
 * those of problems.
 */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

const char *status_phrase(int status); /* "Error" for one that nobody here uses */
const char *status_advice(int status); /* a sentence or two */

#endif
