#include "core/jobs.h"
#include "base/limits.h"
#include "cli/demo/enterprises.h"
#include "domain/daily_returns/chase_note.h"
#include "domain/daily_returns/returns.h"
#include "domain/daily_returns/staff_line.h"
#include <stdio.h>

/* The daily return of each enterprise: its staff come back, are observed, go to work, and the
 * station's people take down what it says, by telephone and otherwise. What a return says follows
 * from where the people are, so that its equations hold. */

enum { HUBEI_BACK_FROM = 59, DEADLINE = 16 * 60, TAKING_FROM = 8 * 60 + 40, TAKING_MINUTES = 425 };

/* ---- staff ---- */

static int64_t some_of(struct player *p, int64_t of, uint64_t percent) {
  int64_t n = 0;
  for (int64_t i = 0; i < of; i++) n += play_random(p, 100) < percent;
  return n;
}

static int64_t isolating(const struct demo_firm *f) {
  int64_t n = 0;
  for (size_t i = 0; i < FIRM_ISOLATION; i++) n += f->isolating[i];
  return n;
}

static void come_back(struct player *p, struct demo_firm *f, int32_t day) {
  const int32_t since = day - p->first;
  const size_t slot = (size_t)day % FIRM_ISOLATION;
  const uint64_t percent = since < 5 ? 1 : since < 14 ? 5 : 4;
  f->finished += f->isolating[slot];
  f->back_today = some_of(p, f->away - f->there - f->elsewhere, percent);
  if (since >= HUBEI_BACK_FROM) {
    const int64_t a = some_of(p, f->there, 6), b = some_of(p, f->elsewhere, 9);
    f->there -= a;
    f->elsewhere -= b;
    f->here += a + b;
    f->back_today += a + b;
  }
  f->away -= f->back_today;
  f->isolating[slot] = f->back_today;
}

/* Two people of these enterprises are written down by name: their totals are counted from the
 * lines. The second is of Hubei origin and comes back in spring. */
static int add_lines(struct player *p, struct demo_firm *f, int32_t day, struct err *e) {
  static const char *const places[FIRM_LINES] = {"河北石家庄", "湖北武汉"};
  int r = 0;
  for (size_t i = 0; i < FIRM_LINES && r >= 0; i++) {
    struct change *c = play_make_at(p, &staff_line_kind, CHANGE_CREATE, day, TAKING_FROM);
    f->lines[i] = c->id;
    change_set(c, LINE_ENTERPRISE, V_UUID(f->id));
    change_set(c, LINE_NAME, V_TEXT(play_name(p)));
    change_set(c, LINE_HUBEI, V_TEXTZ(i ? "yes" : "no"));
    change_set(c, LINE_LEFT_ON, play_day_val(p, day - 6));
    change_set(c, LINE_WHERE, V_TEXTZ(places[i]));
    change_set(c, LINE_PLAN_BACK_ON, play_day_val(p, day + (i ? 62 : 16)));
    r = play_add(p, c, e);
  }
  f->away = 2;
  f->there = 1;
  return r;
}

static int move_lines(struct player *p, struct demo_firm *f, int32_t day, struct err *e) {
  const int32_t since = day - p->first;
  int r = since == 0 ? add_lines(p, f, day, e) : 0;
  f->back_today = 0;
  for (size_t i = 0; i < FIRM_LINES && r >= 0; i++) {
    const int32_t back = i ? 62 : 16;
    if (since != back && since != back + FIRM_ISOLATION) continue;
    struct change *c = play_make_at(p, &staff_line_kind, CHANGE_UPDATE, day, TAKING_FROM);
    c->id = f->lines[i];
    if (since == back) {
      change_set(c, LINE_BACK_ON, play_day_val(p, day));
      change_set(c, LINE_ISOLATING_UNTIL, play_day_val(p, day + FIRM_ISOLATION - 1));
      f->away--;
      f->there -= i == 1;
      f->here += i == 1;
      f->isolating[i] = 1;
    } else {
      change_set(c, LINE_AT_WORK_ON, play_day_val(p, day));
      f->isolating[i] = 0;
    }
    r = play_add(p, c, e);
  }
  return r;
}

/* ---- what it says ---- */

static int64_t at_work(const struct player *p, const struct demo_firm *f, int32_t day) {
  const int64_t able = f->staff - f->away - isolating(f);
  if (!f->resumed) return able < 1 ? able : f->small ? 0 : 1;
  /* half of the places until 18 April, then as many as there is room for */
  const int64_t weeks = (day - p->first) / 7, most = day - p->first < 83 ? 50 : 94;
  const int64_t percent = 34 + weeks * 4 < most ? 34 + weeks * 4 : most;
  return (able * percent + 50) / 100;
}

static struct str union_values(struct player *p, const struct demo_firm *f, int32_t day) {
  const int64_t present = at_work(p, f, day), rest = f->staff - f->away - present;
  const bool fever = play_random(p, 5000) == 0;
  struct str text = arena_printf(
      p->a,
      "\"hubei_here\":%lld,\"hubei_there\":%lld,\"hubei_elsewhere\":%lld,\"fever\":%d,\"present\":%"
      "lld,\"home\":%lld,\"meals\":\"%s\",\"lacking\":\"%s\"",
      (long long)f->here, (long long)f->there, (long long)f->elsewhere, fever, (long long)present,
      (long long)(f->resumed ? rest * 6 / 10 : rest / 4), f->resumed ? "分餐错峰" : "不供餐",
      day - p->first < 24 && f->staff % 3 == 0 ? "口罩" : "不缺");
  if (f->keeps_lines) return arena_printf(p->a, "{" STR_FMT "}", STR_ARG(text));
  return arena_printf(
      p->a, "{\"hubei\":%lld,\"away\":%lld,\"returned_today\":%lld,\"isolating\":%lld," STR_FMT "}",
      (long long)(f->here + f->there + f->elsewhere), (long long)f->away, (long long)f->back_today,
      (long long)isolating(f), STR_ARG(text));
}

static struct str column_values(struct player *p, const struct demo_firm *f) {
  const int64_t observed = isolating(f);
  return arena_printf(p->a,
                      "{\"arrived_today\":%lld,\"hubei_not_back\":%lld,\"hubei_isolating\":0,"
                      "\"hubei_finished\":%lld,"
                      "\"other_not_back\":%lld,\"other_isolating\":%lld,\"other_finished\":%lld}",
                      (long long)f->back_today, (long long)(f->there + f->elsewhere),
                      (long long)f->here, (long long)(f->away - f->there - f->elsewhere),
                      (long long)observed, (long long)f->finished);
}

/* ---- taking it ---- */

/* What is new of the day repeats as nought, so only a day without it is "the same as yesterday". */
static bool unchanged(struct demo_firm *f, struct str text) {
  const bool same = str_is(text, f->last) && f->back_today == 0;
  if (text.n < sizeof f->last)
    snprintf(f->last, sizeof f->last, STR_FMT, STR_ARG(text));
  else
    f->last[0] = 0;
  return same;
}

static int take_one(struct player *p, struct demo_set *s, struct demo_firm *f, int32_t day,
                    int64_t at_ms, struct err *e) {
  const bool by_union = str_is(s->code, "union-daily");
  const struct str text = by_union ? union_values(p, f, day) : column_values(p, f);
  const json_t *channels = json_object_get(s->o, "channels");
  const size_t other = (size_t)play_random(p, 10 * json_array_size(channels));
  const size_t channel = other < json_array_size(channels) ? other : f->channel;
  const uint64_t luck = play_random(p, 60);
  struct submission *sub = arena_new(p->a, struct submission);
  *sub =
      (struct submission){.app = p->app,
                          .a = p->a,
                          .viewer = p->v,
                          .source = "demo",
                          .id = play_id(p),
                          .enterprise = f->id,
                          .template_code = s->code,
                          .day = day,
                          .at_ms = at_ms,
                          .channel = json_str(json_array_get(json_array_get(channels, channel), 0)),
                          .taker = s->callers[f->caller],
                          .nil = by_union && f->small && !f->resumed,
                          .reminder = luck < 45,
                          .prevention = luck < 3    ? S("partly")
                                        : luck == 3 ? S("gap")
                                                    : S("good")};
  const bool same = unchanged(f, text);
  sub->no_change = !sub->nil && same;
  if (luck == 3) sub->note = S("测温记录不全，已提醒当日补齐");
  int r = sub->nil || sub->no_change ? 0 : json_read(p->a, text, &sub->values, e);
  return r < 0 ? r : play_cmd(p, &submission_cmd, sub, &sub->problems, e);
}

static int add_note(struct player *p, const struct demo_set *s, const struct demo_firm *f,
                    int32_t day, int64_t at_ms, struct err *e) {
  static const char *const outcomes[] = {"no_answer", "promised", "busy", "reached", "promised"};
  const char *outcome = outcomes[play_random(p, ARRAY_LEN(outcomes))];
  struct change *c = play_make(p, &chase_note_kind, CHANGE_CREATE);
  c->at_ms = at_ms;
  change_set(c, CHASE_ENTERPRISE, V_UUID(f->id));
  change_set(c, CHASE_DAY, play_day_val(p, day));
  change_set(c, CHASE_OUTCOME, V_TEXTZ(outcome));
  change_set(c, CHASE_BY, V_UUID(s->callers[f->caller]));
  if (strcmp(outcome, "promised") == 0) change_set(c, CHASE_PROMISE_AT, V_I64(at_ms + MS_HOUR));
  return play_add(p, c, e);
}

static size_t left_out(const struct player *p, const struct demo_set *s, int32_t day) {
  const json_t *n = json_object_get(s->o, "template_missing");
  return day == p->last ? (size_t)json_integer_value(n) : 0;
}

/* The day's calls, one after the other through the list; a few report after the deadline. */
int play_returns_day(struct player *p, struct demo_set *s, int32_t day, struct err *e) {
  const bool due = p->v->tree && s->code.n && day >= s->from;
  int r = 0;
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    struct demo_firm *f = &s->firms[i];
    if (!f->registered || f->closed) continue;
    if (f->keeps_lines && str_is(s->code, "union-daily"))
      r = move_lines(p, f, day, e);
    else
      come_back(p, f, day);
  }
  if (r >= 0) r = play_flush(p, e);
  if (r < 0 || !due) return r;
  struct job_run by_hand = {.app = p->app, .a = p->a, .viewer = p->v};
  r = duty_open_day(&by_hand, &returns_duty, day, e);
  const size_t missing = left_out(p, s, day);
  for (size_t i = 0; i < s->n && r >= 0; i++) {
    const size_t k = i * 149 % s->n;
    struct demo_firm *f = &s->firms[k];
    int64_t minute = TAKING_FROM + (int64_t)(i * TAKING_MINUTES / s->n);
    if (!f->registered || f->closed) continue;
    if (play_random(p, 100) == 0) minute = DEADLINE + 4 + (int64_t)play_random(p, 40);
    const int64_t at_ms = zone_moment(p->zone, day, (int)minute) + (int64_t)(i % 60) * MS_SECOND;
    const bool waits = i >= s->n - missing;
    if (waits ? i % 3 != 0 : play_random(p, 100) == 0)
      r = add_note(p, s, f, day, waits ? at_ms : at_ms - 2 * MS_HOUR / 3, e);
    if (r >= 0 && !waits) r = take_one(p, s, f, day, at_ms, e);
  }
  return r < 0 ? r : play_flush(p, e);
}
