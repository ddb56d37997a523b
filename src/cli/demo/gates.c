#include "cli/demo/gates.h"
#include "base/limits.h"
#include "core/jobs.h"
#include "domain/gate/clash.h"
#include "domain/gate/gate.h"
#include "domain/gate/handover.h"
#include "domain/gate/passes.h"
#include "domain/gate/visitor.h"
#include <stdlib.h>

enum { PASSINGS_MAX = 4096, OPENS = 390, LAST_OUT = 1110 };

struct passing {
  int64_t at;
  const struct demo_resident *who;
  const struct demo_household *household;
  struct uuid visitor;
  size_t gate;
  bool out, by_hand; /* by_hand: without his pass */
};
struct day {
  struct demo_home *home;
  int32_t day;
  struct passing *list;
  size_t n;
  size_t n_gates;
  struct passing spare; /* where the list is full */
};

static int by_time(const void *a, const void *b) {
  const struct passing *x = a, *y = b;
  return x->at != y->at ? (x->at < y->at ? -1 : 1) : (x < y ? -1 : x > y);
}

static int64_t minute_of(const struct player *p, const struct day *d, int64_t minute) {
  return zone_moment(p->zone, d->day, 0) + minute * MS_MINUTE;
}

static struct passing *add(struct day *d, const struct demo_resident *who, int64_t at, bool out,
                           size_t gate) {
  if (d->n == PASSINGS_MAX) return &d->spare;
  struct passing *x = &d->list[d->n++];
  *x = (struct passing){.at = at,
                        .who = who,
                        .household = who ? &d->home->households[who->household] : NULL,
                        .gate = gate % d->n_gates,
                        .out = out};
  return x;
}

/* Mostly by the gate nearest to the door. */
static size_t gate_of(struct player *p, const struct day *d, const struct demo_resident *who) {
  return play_random(p, 8) ? who->household % d->n_gates : (size_t)play_random(p, d->n_gates);
}

/* Out and back: at most two and a half hours, home before eleven. */
static int64_t outing(struct player *p, struct day *d, const struct demo_resident *who,
                      int64_t from) {
  const int64_t room = LAST_OUT - from;
  const int64_t leaves = from + (int64_t)play_random(p, (uint64_t)(room > 1 ? room : 1));
  const int64_t back = leaves + 15 + (int64_t)play_random(p, 135);
  const int64_t seconds = (int64_t)play_random(p, 60) * MS_SECOND;
  add(d, who, minute_of(p, d, leaves) + seconds, true, gate_of(p, d, who));
  add(d, who, minute_of(p, d, back) + seconds, false, gate_of(p, d, who));
  return back;
}

/* ---- one community's day ---- */

static void persons(struct player *p, struct day *d, const struct demo_household *hh) {
  for (size_t i = 0; i < hh->n; i++) {
    const struct demo_resident *who = &d->home->residents[hh->first + i];
    const uint64_t luck = play_random(p, 100);
    if (who->away_until > d->day || luck >= 58) continue;
    if (who->away_until == d->day) {
      add(d, who, minute_of(p, d, 540 + (int64_t)play_random(p, 600)), false, 0);
      continue;
    }
    const int64_t back = outing(p, d, who, OPENS);
    if (luck < 7 && back + 30 < LAST_OUT) outing(p, d, who, back + 30);
  }
}

/* One of them, every second day. */
static void household(struct player *p, struct day *d, struct demo_household *hh) {
  if (d->day < hh->next_exit || play_random(p, 8) == 0) return;
  const struct demo_resident *who = &d->home->residents[hh->first + hh->turn++ % hh->n];
  hh->next_exit = d->day + 2;
  outing(p, d, who, OPENS);
}

/* ---- what goes wrong ---- */

static bool of_day(const struct player *p, const json_t *o, const struct demo_home *h,
                   int32_t day) {
  (void)p;
  const struct unit_row *u = unit_by_no(p->v->tree, h->unit);
  return play_date(o, "day", 0) == day && u &&
         str_eq(json_str(json_object_get(o, "unit")), u->code);
}

/* Whoever it befalls does nothing else that day. */
static const struct demo_resident *person_of(const struct day *d, size_t nth) {
  for (size_t i = 0; i < d->home->n_residents; i++) {
    const struct demo_resident *r = &d->home->residents[i];
    if (!uuid_is_nil(&r->pass) && !r->voided && r->away_until < d->day && nth-- == 0) return r;
  }
  return NULL;
}

static void forget(struct day *d, const struct demo_resident *who) {
  size_t n = 0;
  for (size_t i = 0; i < d->n; i++)
    if (d->list[i].who != who) d->list[n++] = d->list[i];
  d->n = n;
}

static void forget_household(struct day *d, const struct demo_household *hh) {
  size_t n = 0;
  for (size_t i = 0; i < d->n; i++)
    if (d->list[i].household != hh) d->list[n++] = d->list[i];
  d->n = n;
}

static struct demo_household *due_household(const struct day *d) {
  for (size_t i = 0; i < d->home->n_households; i++) {
    struct demo_household *hh = &d->home->households[i];
    if (hh->by_household && hh->next_exit == d->day + 2) return hh; /* its turn was today */
  }
  return NULL;
}

static void incident(struct player *p, struct day *d, const char *type) {
  if (strcmp(type, "double_use") == 0) {
    const struct demo_resident *who = person_of(d, 11);
    if (!who) return;
    forget(d, who);
    add(d, who, minute_of(p, d, 565), true, 0);
    add(d, who, minute_of(p, d, 612), false, 0);
    add(d, who, minute_of(p, d, 631), false, 1);
  } else if (strcmp(type, "revoked_used") == 0) {
    for (size_t i = 0; i < d->home->n_residents; i++) {
      const struct demo_resident *who = &d->home->residents[i];
      if (!who->voided || who->lost_on != d->day) continue;
      forget(d, who);
      add(d, who, minute_of(p, d, 640), true, 0);
      add(d, who, minute_of(p, d, 702), false, 0)->by_hand = true;
    }
  } else {
    const bool late = strcmp(type, "overdue") == 0;
    struct demo_household *hh = due_household(d);
    if (!hh) return;
    const struct demo_resident *who = &d->home->residents[hh->first];
    forget_household(d, hh);
    /* its turn is spent: the next one is another's */
    hh->next_exit = d->day + 3;
    add(d, who, minute_of(p, d, late ? 790 : 512), true, 0);
    if (late) return;
    add(d, who, minute_of(p, d, 566), false, 0);
    add(d, who, minute_of(p, d, 905), true, 1);
    add(d, who, minute_of(p, d, 961), false, 1);
  }
}

static void incidents(struct player *p, struct day *d) {
  const json_t *list = json_object_get(p->doc, "incidents");
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *o = json_array_get(list, i);
    if (of_day(p, o, d->home, d->day))
      incident(p, d, json_string_value(json_object_get(o, "type")));
  }
}

/* ---- visitors ---- */

static int visitor(struct player *p, struct day *d, struct err *e) {
  static const char *const reasons[] = {"送药", "探望老人", "维修水电", "搬运物品", "看房"};
  const size_t host = play_random(p, d->home->n_households);
  const size_t gate = play_random(p, d->n_gates);
  const int64_t at = minute_of(p, d, 540 + (int64_t)play_random(p, 480));
  const int64_t leaves = at + (20 + (int64_t)play_random(p, 140)) * MS_MINUTE;
  const bool ill = play_random(p, 40) == 0;
  if (at > p->v->now_ms) return 0;
  struct change *c = play_make(p, &visitor_kind, CHANGE_CREATE);
  const struct uuid id = c->id;
  change_set(c, VISITOR_POST, V_UUID(d->home->gates[gate]->id));
  change_set(c, VISITOR_HOUSEHOLD, V_UUID(d->home->households[host].id));
  change_set(c, VISITOR_NAME, V_TEXT(play_name(p)));
  change_set(c, VISITOR_PHONE, V_TEXT(arena_printf(p->a, "1602%07u", (unsigned)p->n_visitors++)));
  change_set(c, VISITOR_PARTY, V_I64(1 + (int64_t)(play_random(p, 6) == 0)));
  change_set(c, VISITOR_REASON, V_TEXTZ(reasons[play_random(p, ARRAY_LEN(reasons))]));
  change_set(c, VISITOR_BEEN_EPIDEMIC, V_I64(0));
  change_set(c, VISITOR_CLOSE_CONTACT, V_I64(0));
  change_set(c, VISITOR_SYMPTOMS, V_I64(ill));
  change_set(c, VISITOR_TEMPERATURE, V_I64(361 + (int64_t)play_random(p, 8)));
  change_set(c, VISITOR_OUTCOME, V_TEXTZ(ill ? "refused" : "admitted"));
  change_set(c, VISITOR_DEVICE_AT, V_I64(at));
  int r = play_add(p, c, e);
  if (r < 0 || ill) return r;
  add(d, NULL, at, false, gate)->visitor = id;
  if (leaves > p->v->now_ms) return 0;
  add(d, NULL, leaves, true, gate)->visitor = id;
  c = play_action(p, &visitor_kind, &id, "leave");
  change_set(c, VISITOR_DEVICE_AT, V_I64(leaves));
  return play_add(p, c, e);
}

/* ---- written down ---- */

static int write_passing(struct player *p, const struct day *d, const struct passing *x,
                         struct err *e) {
  const struct demo_resident *who = x->who;
  const bool passes = who && d->home->passes_from <= d->day && !x->by_hand &&
                      (!who->voided || who->lost_on == d->day);
  const struct uuid none = {{0}};
  const struct uuid pass = !passes                      ? none
                           : x->household->by_household ? x->household->pass
                                                        : who->pass;
  const uint64_t luck = play_random(p, 100);
  struct change *c = play_make(p, &gate_event_kind, CHANGE_CREATE);
  change_set(c, GATE_POST, V_UUID(d->home->gates[x->gate]->id));
  change_set(c, GATE_DIRECTION, V_TEXTZ(x->out ? "out" : "in"));
  change_set(c, GATE_DEVICE_AT, V_I64(x->at));
  change_set(c, GATE_OUTCOME, V_TEXTZ("admitted"));
  change_set(c, GATE_WHO_KIND, V_TEXTZ(who ? "resident" : "visitor"));
  change_set(c, GATE_TEMPERATURE, V_I64(361 + (int64_t)play_random(p, 8)));
  change_set(c, GATE_MASK_WORN, V_I64(1));
  change_set(c, GATE_HOW,
             V_TEXTZ(uuid_is_nil(&pass) ? "free"
                     : luck < 86        ? "scan"
                     : luck < 96        ? "number"
                                        : "photo"));
  if (!who) {
    change_set(c, GATE_VISITOR, V_UUID(x->visitor));
  } else if (!uuid_is_nil(&pass)) {
    change_set(c, GATE_PASS, V_UUID(pass));
    change_set(c, GATE_VERDICT, V_TEXTZ("ok"));
  } else {
    change_set(c, GATE_WHO, V_TEXT(who->name));
    change_set(c, GATE_DOOR, V_TEXT(x->household->code));
  }
  return play_add(p, c, e);
}

static int home_day(struct player *p, struct demo_home *h, int32_t day, struct passing *list,
                    struct err *e) {
  struct day d = {.home = h, .day = day, .list = list};
  int r = 0;
  for (size_t i = 0; i < h->n_gates; i++) d.n_gates += h->gates[i]->since <= day;
  if (!d.n_gates) return 0;
  for (size_t i = 0; i < h->n_households; i++) {
    struct demo_household *hh = &h->households[i];
    if (hh->by_household && h->passes_from <= day)
      household(p, &d, hh);
    else
      persons(p, &d, hh);
  }
  incidents(p, &d);
  for (int i = 0; i < 2 && r >= 0; i++) r = visitor(p, &d, e);
  qsort(d.list, d.n, sizeof *d.list, by_time);
  for (size_t i = 0; i < d.n && r >= 0; i++)
    if (d.list[i].at <= p->v->now_ms) r = write_passing(p, &d, &d.list[i], e);
  return r;
}

/* ---- handovers ---- */

static const struct on_duty *on_duty(const struct player *p, const struct uuid *post, int32_t day,
                                     int start) {
  for (size_t i = 0; i < p->n_duties; i++)
    if (p->duties[i].day == day && p->duties[i].start == start && uuid_eq(&p->duties[i].post, post))
      return &p->duties[i];
  return NULL;
}

static int handover(struct player *p, const struct demo_post *post, const struct on_duty *from,
                    const struct on_duty *to, int64_t at, struct err *e) {
  static const char *const in_hand[] = {"无", "快递两件未取，放东侧货架", "3号楼来访一人未出",
                                        "消毒液剩半桶，已报物资点", "一户外出买药，预计半小时内回"};
  struct change *c = play_make(p, &handover_kind, CHANGE_CREATE);
  change_set(c, HANDOVER_POST, V_UUID(post->id));
  change_set(c, HANDOVER_OUTGOING, V_UUID(from->responder));
  change_set(c, HANDOVER_INCOMING, V_UUID(to->responder));
  change_set(c, HANDOVER_SHIFT, V_UUID(from->shift));
  change_set(c, HANDOVER_INSIDE, V_I64((int64_t)play_random(p, 3)));
  change_set(c, HANDOVER_IN_HAND, V_TEXTZ(in_hand[play_random(p, ARRAY_LEN(in_hand))]));
  change_set(c, HANDOVER_KEYS, V_TEXTZ("大门、值班室各一把"));
  change_set(c, HANDOVER_STOCK, V_TEXTZ("体温枪两支，口罩一盒，消毒喷壶一个"));
  change_set(c, HANDOVER_OUTGOING_AT, V_I64(at));
  change_set(c, HANDOVER_INCOMING_AT, V_I64(at + 90 * MS_SECOND));
  change_set(c, HANDOVER_DEVICE_AT, V_I64(at + 90 * MS_SECOND));
  change_set(c, HANDOVER_CONFIRMED, V_I64(1));
  return play_add(p, c, e);
}

static int handovers(struct player *p, int32_t day, struct err *e) {
  static const int starts[] = {0, 360, 720, 1080};
  const json_t *names = json_object_get(p->doc, "handovers");
  int r = 0;
  for (size_t i = 0; i < json_array_size(names) && r >= 0; i++) {
    const struct demo_post *post = NULL;
    for (size_t k = 0; k < p->n_posts && !post; k++)
      if (str_eq(p->posts[k].name, json_str(json_array_get(names, i)))) post = &p->posts[k];
    if (!post || post->since > day) continue;
    for (size_t s = 1; s < ARRAY_LEN(starts) && r >= 0; s++) {
      const struct on_duty *from = on_duty(p, &post->id, day, starts[s - 1]);
      const struct on_duty *to = on_duty(p, &post->id, day, starts[s]);
      const int64_t at =
          zone_moment(p->zone, day, starts[s]) - (int64_t)play_random(p, 300) * MS_SECOND;
      if (from && to && at + 2 * MS_MINUTE <= p->v->now_ms) r = handover(p, post, from, to, at, e);
    }
  }
  return r;
}

int play_gates_day(struct player *p, int32_t day, struct err *e) {
  struct passing *list = malloc(PASSINGS_MAX * sizeof *list);
  int r = list ? 0 : err_set(e, E_NOMEM, "no memory for passages");
  for (size_t i = 0; i < p->n_homes && r >= 0; i++) r = home_day(p, &p->homes[i], day, list, e);
  free(list);
  if (r >= 0) r = handovers(p, day, e);
  if (r >= 0) r = play_flush(p, e);
  return r < 0 ? r : play_clashes(p, e);
}

int play_clashes(struct player *p, struct err *e) {
  struct arena *a = arena_create(LIMIT_ARENA_JOB);
  if (!a) return err_set(e, E_NOMEM, "no memory for clashes");
  int r = job_by_hand(p->app, a, 0, clash_follow, e);
  if (r >= 0) r = job_by_hand(p->app, a, 0, clash_overdue, e);
  arena_free(a);
  return r;
}

/* ---- in the morning ---- */

static int lose(struct player *p, struct demo_home *h, int32_t day, struct err *e) {
  struct day d = {.home = h, .day = day};
  struct demo_resident *who = (struct demo_resident *)(uintptr_t)(const void *)person_of(&d, 20);
  if (!who) return 0;
  who->voided = true;
  who->lost_on = day;
  struct change *c = play_action(p, &pass_kind, &who->pass, "report_lost");
  c->reason = S("本人报失");
  return play_add(p, c, e);
}

QUERY(q_demo_clashes, "SELECT id, type FROM clash WHERE state = 'open' AND day <= $1 "
                      "AND retired = 0 ORDER BY cause LIMIT 50"); /* limit: the rest another day */

/* The lead has asked both gates by the day after next. */
static int resolve(struct player *p, int32_t day, struct err *e) {
  struct {
    struct uuid id;
    bool misuse;
  } list[50];
  size_t n = 0;
  {
    _cleanup_(tx_endp) struct tx *tx = NULL;
    _cleanup_(cur_donep) struct cur *cur = NULL;
    int r = store_read(p->app->store, &tx, e);
    if (r >= 0) r = cur_open(tx, &q_demo_clashes, P(play_day_val(p, day - 2)), &cur, e);
    while (r >= 0 && n < ARRAY_LEN(list) && (r = cur_next(cur, e)) == 1) {
      list[n].id = cur_uuid(cur, 0);
      list[n++].misuse = str_is(cur_text(cur, 1), "revoked_used");
    }
    if (r < 0) return r;
  }
  int r = 0;
  for (size_t i = 0; i < n && r >= 0; i++) {
    struct change *c = play_action(p, &clash_kind, &list[i].id, "resolve");
    change_set(c, CLASH_OUTCOME, V_TEXTZ(list[i].misuse ? "misuse" : "explained"));
    change_set(c, CLASH_NOTE,
               V_TEXTZ(list[i].misuse ? "他人拾得后使用，已收回并提醒两处卡口"
                                      : "两处卡口已核对，家属代为出入，已提醒"));
    r = play_add(p, c, e);
  }
  return r;
}

int play_gates_morning(struct player *p, int32_t day, struct err *e) {
  const json_t *list = json_object_get(p->doc, "incidents");
  int r = resolve(p, day, e);
  for (size_t i = 0; i < json_array_size(list) && r >= 0; i++) {
    const json_t *o = json_array_get(list, i);
    if (strcmp(json_string_value(json_object_get(o, "type")), "revoked_used") != 0) continue;
    for (size_t k = 0; k < p->n_homes && r >= 0; k++)
      if (of_day(p, o, &p->homes[k], day)) r = lose(p, &p->homes[k], day, e);
  }
  return r < 0 ? r : play_flush(p, e);
}
