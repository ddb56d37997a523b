/* Bytes as people read them off paper: Crockford's base32, without I, L, O and U. Read in either
 * case, with hyphens and spaces anywhere, O as 0, I and L as 1. Pure; any thread. */
#ifndef BASE_CODE32_H
#define BASE_CODE32_H

#include "base/str.h"

#define CODE32_TEXT(bytes) (((bytes)*8 + 4) / 5 + 1) /* with NUL */

/* In small letters; `out` has room for CODE32_TEXT(n). */
void code32_write(const uint8_t *bytes, size_t n, char *out);
/* The same code as code32_write writes it; how many characters, 0 where it is none or longer. */
size_t code32_normal(struct str text, char *out, size_t max);
/* How many bytes; 0 where it is no code or holds more than `max`. */
size_t code32_read(struct str text, uint8_t *out, size_t max);

#endif
