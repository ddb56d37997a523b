/* How often a caller may come: a bounded table of callers by a salted hash, each with the moment at
 * which his allowance is whole again. Where it is full the one who has used least gives way, so
 * that a crowd of strangers cannot make a busy one forgotten. Owns its memory; any thread. Time
 * comes in with each call. */
#ifndef API_LIMITER_H
#define API_LIMITER_H

#include "base/err.h"

struct limiter;
_must_check_ int limiter_open(size_t callers, struct limiter **ret_limiter, struct err *e);
struct limiter *limiter_close(struct limiter *l);
/* 0: he may; else the seconds after which he may again. `per_minute` of 0 or less: always. All of a
 * minute's allowance may be used at once. */
int limiter_take(struct limiter *l, struct str caller, int64_t per_minute, int64_t now_ms);

#endif
