/* Moments, civil dates and the clock. Moments are UTC milliseconds (`_ms`), civil dates are days
 * since 1970-01-01 (`struct day` as i32 inside, text YYYY-MM-DD outside). The program takes every
 * moment from one `struct clock`, so that tests, drills and the demonstration stand where they
 * are put. Time zones come from the system's zone files through GLib. Safe from any thread. */
#ifndef BASE_TIMEUTIL_H
#define BASE_TIMEUTIL_H

#include "base/str.h"

#define MS_SECOND INT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR   (60 * MS_MINUTE)
#define MS_DAY    (24 * MS_HOUR)

/* A clock that can be set. offset is added to the machine's time; a frozen clock stands still
 * until it is moved. The fields are atomics: any thread may read while one sets. */
struct clock {
  _Atomic int64_t offset_ms;
  _Atomic int64_t frozen_ms; /* 0: runs */
};
int64_t clock_now_ms(const struct clock *c);
/* The clock reads `at_ms` now and runs on. */
void clock_set_running(struct clock *c, int64_t at_ms);
/* The clock reads `at_ms` until it is set again. */
void clock_set_frozen(struct clock *c, int64_t at_ms);
/* The machine's own time and its monotonic time (for deadlines), not the product's. */
int64_t machine_now_ms(void);
int64_t monotonic_ms(void);
int64_t monotonic_us(void);

/* Civil days. */
int32_t day_from_civil(int y, int m, int d);
void day_to_civil(int32_t day, int *ret_y, int *ret_m, int *ret_d);
/* Monday is 1, Sunday 7. */
int day_weekday(int32_t day);
/* Strict YYYY-MM-DD, a date that exists, years 1900-2199. 0 or -E_INVALID. */
_must_check_ int day_parse(struct str s, int32_t *ret_day);
#define DAY_TEXT 11
void day_format(int32_t day, char out[DAY_TEXT]);

/* A zone by its IANA name, e.g. "Asia/Shanghai"; NULL where unknown. Kept until the process
 * ends (zones are few and shared). */
struct zone;
const struct zone *zone_get(const char *name);
/* Seconds east of UTC at that moment. */
int32_t zone_offset_s(const struct zone *z, int64_t at_ms);
/* The civil day and the minute of that day (0..1439) at a moment. */
int32_t zone_day(const struct zone *z, int64_t at_ms, int *ret_minute);
/* The moment of a civil day and minute. A minute that the zone skips gives the next one. */
int64_t zone_moment(const struct zone *z, int32_t day, int minute);

/* RFC 3339. Parsing wants an offset or Z; formatting writes the zone's offset, with
 * milliseconds only where they are not zero: 2020-05-08T17:30:00+08:00 */
_must_check_ int moment_parse(struct str s, int64_t *ret_ms);
#define MOMENT_TEXT 40
void moment_format(int64_t at_ms, const struct zone *z, char out[MOMENT_TEXT]);
/* "HH:MM" (00:00..24:00) as minutes. */
_must_check_ int minute_parse(struct str s, int *ret_minute);
void minute_format(int minute, char out[6]);

#endif
