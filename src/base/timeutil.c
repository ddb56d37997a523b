#include "base/timeutil.h"
#include "base/err.h"
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static int64_t now_of(clockid_t id, int64_t per_s) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * per_s + t.tv_nsec / (1000000000 / per_s);
}

int64_t machine_now_ms(void) {
  return now_of(CLOCK_REALTIME, 1000);
}
int64_t monotonic_ms(void) {
  return now_of(CLOCK_MONOTONIC, 1000);
}
int64_t monotonic_us(void) {
  return now_of(CLOCK_MONOTONIC, 1000000);
}

int64_t clock_now_ms(const struct clock *c) {
  int64_t frozen = atomic_load(&c->frozen_ms);
  return frozen ? frozen : machine_now_ms() + atomic_load(&c->offset_ms);
}

void clock_set_running(struct clock *c, int64_t at_ms) {
  atomic_store(&c->offset_ms, at_ms - machine_now_ms());
  atomic_store(&c->frozen_ms, 0);
}

void clock_set_frozen(struct clock *c, int64_t at_ms) {
  atomic_store(&c->frozen_ms, at_ms);
}

/* Gregorian days by the era method (400 years of 146,097 days, years from March). */
int32_t day_from_civil(int y, int m, int d) {
  y -= m <= 2;
  int era = (y >= 0 ? y : y - 399) / 400;
  int yoe = y - era * 400;
  int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

void day_to_civil(int32_t day, int *ret_y, int *ret_m, int *ret_d) {
  int z = day + 719468;
  int era = (z >= 0 ? z : z - 146096) / 146097;
  int doe = z - era * 146097;
  int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int mp = (5 * doy + 2) / 153;
  *ret_d = doy - (153 * mp + 2) / 5 + 1;
  *ret_m = mp + (mp < 10 ? 3 : -9);
  *ret_y = yoe + era * 400 + (*ret_m <= 2);
}

int day_weekday(int32_t day) {
  int w = (day + 3) % 7; /* 1970-01-01 was a Thursday */
  return (w < 0 ? w + 7 : w) + 1;
}

static bool digits(struct str s, size_t at, size_t n, int *ret_v) {
  int64_t v;
  struct str part = str_sub(s, at, n);
  if (part.n != n || part.p[0] < '0' || part.p[0] > '9') return false;
  if (parse_i64(part, 0, 9999, &v) < 0) return false;
  *ret_v = (int)v;
  return true;
}

int day_parse(struct str s, int32_t *ret_day) {
  int y, m, d, y2, m2, d2;
  if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-') return -E_INVALID;
  if (!digits(s, 0, 4, &y) || !digits(s, 5, 2, &m) || !digits(s, 8, 2, &d)) return -E_INVALID;
  if (y < 1900 || y > 2199 || m < 1 || m > 12 || d < 1 || d > 31) return -E_INVALID;
  int32_t day = day_from_civil(y, m, d);
  day_to_civil(day, &y2, &m2, &d2);
  if (y != y2 || m != m2 || d != d2) return -E_INVALID;
  *ret_day = day;
  return 0;
}

void day_format(int32_t day, char out[DAY_TEXT]) {
  int y, m, d;
  day_to_civil(day, &y, &m, &d);
  if (y < 0 || y > 9999) y = m = d = 0;
  snprintf(out, DAY_TEXT, "%04u-%02u-%02u", (unsigned)y % 10000u, (unsigned)m % 100u,
           (unsigned)d % 100u);
}

struct zone {
  GTimeZone *tz;
  char name[64];
  bool fixed; /* no transition in the years we handle since 2000: one offset, no look-up */
  int32_t fixed_offset;
};

enum { ZONES = 32, FIXED_FROM_S = 946684800 /* 2000-01-01 */ };
static struct zone zones[ZONES];
static size_t zone_count;
static pthread_mutex_t zone_lock = PTHREAD_MUTEX_INITIALIZER;

static void zone_fill(struct zone *z, GTimeZone *tz, const char *name) {
  snprintf(z->name, sizeof z->name, "%s", name);
  z->tz = tz;
  gint from = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, FIXED_FROM_S);
  gint to = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, INT64_C(4102444800));
  z->fixed = from == to;
  z->fixed_offset = g_time_zone_get_offset(tz, from);
}

const struct zone *zone_get(const char *name) {
  const struct zone *found = NULL;
  pthread_mutex_lock(&zone_lock);
  for (size_t i = 0; i < zone_count && !found; i++)
    if (strcmp(zones[i].name, name) == 0) found = &zones[i];
  if (!found && zone_count < ZONES && strlen(name) < sizeof zones[0].name) {
    GTimeZone *tz = g_time_zone_new_identifier(name);
    if (tz) {
      zone_fill(&zones[zone_count], tz, name);
      found = &zones[zone_count++];
    }
  }
  pthread_mutex_unlock(&zone_lock);
  return found;
}

int32_t zone_offset_s(const struct zone *z, int64_t at_ms) {
  int64_t s = at_ms >= 0 ? at_ms / 1000 : -((-at_ms + 999) / 1000);
  if (z->fixed && s >= FIXED_FROM_S) return z->fixed_offset;
  gint i = g_time_zone_find_interval(z->tz, G_TIME_TYPE_UNIVERSAL, s);
  return g_time_zone_get_offset(z->tz, i);
}

int32_t zone_day(const struct zone *z, int64_t at_ms, int *ret_minute) {
  int64_t local = at_ms + (int64_t)zone_offset_s(z, at_ms) * 1000;
  int64_t day = local / MS_DAY;
  if (local % MS_DAY < 0) day--;
  if (ret_minute) *ret_minute = (int)((local - day * MS_DAY) / MS_MINUTE);
  return (int32_t)day;
}

int64_t zone_moment(const struct zone *z, int32_t day, int minute) {
  int64_t local = (int64_t)day * MS_DAY + (int64_t)minute * MS_MINUTE;
  int64_t guess = local - (int64_t)zone_offset_s(z, local) * 1000;
  int64_t again = local - (int64_t)zone_offset_s(z, guess) * 1000;
  return again > guess ? again : guess;
}

int moment_parse(struct str s, int64_t *ret_ms) {
  int32_t day;
  int h, m, sec, oh, om;
  if (s.n < 20 || (s.p[10] != 'T' && s.p[10] != 't')) return -E_INVALID;
  if (day_parse(str_sub(s, 0, 10), &day) < 0) return -E_INVALID;
  if (s.p[13] != ':' || s.p[16] != ':') return -E_INVALID;
  if (!digits(s, 11, 2, &h) || !digits(s, 14, 2, &m) || !digits(s, 17, 2, &sec)) return -E_INVALID;
  if (h > 23 || m > 59 || sec > 60) return -E_INVALID;
  int64_t ms = 0;
  size_t at = 19;
  if (s.p[at] == '.') {
    int64_t unit = 100;
    size_t from = ++at;
    for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && at - from < 9; at++, unit /= 10)
      ms += (s.p[at] - '0') * unit;
    if (at == from) return -E_INVALID;
  }
  int64_t offset = 0;
  if (at + 1 == s.n && (s.p[at] == 'Z' || s.p[at] == 'z')) {
    offset = 0;
  } else if (at + 6 == s.n && (s.p[at] == '+' || s.p[at] == '-') && s.p[at + 3] == ':' &&
             digits(s, at + 1, 2, &oh) && digits(s, at + 4, 2, &om) && oh < 24 && om < 60) {
    offset = (oh * 60 + om) * MS_MINUTE * (s.p[at] == '-' ? -1 : 1);
  } else {
    return -E_INVALID;
  }
  *ret_ms = (int64_t)day * MS_DAY + h * MS_HOUR + m * MS_MINUTE + sec * MS_SECOND + ms - offset;
  return 0;
}

void moment_format(int64_t at_ms, const struct zone *z, char out[MOMENT_TEXT]) {
  int32_t offset = zone_offset_s(z, at_ms);
  int64_t local = at_ms + (int64_t)offset * 1000;
  int64_t day = local / MS_DAY - (local % MS_DAY < 0);
  int64_t rest = local - day * MS_DAY;
  char date[DAY_TEXT], fraction[8] = "";
  day_format((int32_t)day, date);
  if (rest % 1000) snprintf(fraction, sizeof fraction, ".%03u", (unsigned)(rest % 1000) % 1000u);
  int32_t off = offset < 0 ? -offset : offset;
  snprintf(out, MOMENT_TEXT, "%sT%02u:%02u:%02u%s%c%02u:%02u", date,
           (unsigned)(rest / MS_HOUR) % 24u, (unsigned)(rest / MS_MINUTE % 60),
           (unsigned)(rest / MS_SECOND % 60), fraction, offset < 0 ? '-' : '+',
           (unsigned)(off / 3600) % 24u, (unsigned)(off / 60 % 60));
}

int minute_parse(struct str s, int *ret_minute) {
  int h, m;
  if (s.n != 5 || s.p[2] != ':' || !digits(s, 0, 2, &h) || !digits(s, 3, 2, &m)) return -E_INVALID;
  if (h > 24 || m > 59 || (h == 24 && m)) return -E_INVALID;
  *ret_minute = h * 60 + m;
  return 0;
}

void minute_format(int minute, char out[6]) {
  snprintf(out, 6, "%02u:%02u", (unsigned)(minute / 60) % 100u, (unsigned)(minute % 60));
}
