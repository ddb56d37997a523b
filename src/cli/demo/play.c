#include "cli/demo/play.h"
#include "base/limits.h"
#include "base/log.h"
#include <stdio.h>

/* splitmix64: small, seeded, good enough for invented people. */
uint64_t play_random(struct player *p, uint64_t below) {
  uint64_t z = (p->seed += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  z ^= z >> 31;
  return below ? z % below : z;
}

struct uuid play_id(struct player *p) {
  return idgen_next(&p->app->ids, clock_now_ms(&p->app->clock));
}

static void done(struct cmd *cmd) {
  struct player *p = cmd->owner;
  pthread_mutex_lock(&p->lock);
  if (--p->open == 0) pthread_cond_signal(&p->wake);
  pthread_mutex_unlock(&p->lock);
}

static int say_failure(struct player *p, size_t i, struct err *e) {
  const struct cmd *cmd = &p->cmds[i];
  *e = cmd->err;
  for (const struct problem *pr = p->said[i].problems->first; pr; pr = pr->next)
    log_error("demo_refused", "kind=%s field=\"" STR_FMT "\" problem=\"" STR_FMT "\"",
              p->said[i].name, STR_ARG(pr->field), STR_ARG(problem_words(p->a, pr, false)));
  if (!e->field[0]) snprintf(e->field, sizeof e->field, "%s", p->said[i].name);
  return cmd->result;
}

int play_flush(struct player *p, struct err *e) {
  int r = 0;
  p->open = p->n;
  size_t sent = 0;
  for (; sent < p->n; sent++) {
    r = writer_submit(p->app->writer, &p->cmds[sent], e);
    if (r < 0) break;
  }
  pthread_mutex_lock(&p->lock);
  p->open -= p->n - sent;
  while (p->open) pthread_cond_wait(&p->wake, &p->lock);
  pthread_mutex_unlock(&p->lock);
  for (size_t i = 0; i < sent && r >= 0; i++)
    if (p->cmds[i].result < 0) r = say_failure(p, i, e);
  p->made += (int64_t)sent;
  p->n = 0;
  return r;
}

static int fresh(struct player *p, struct err *e) {
  arena_reset(p->a);
  return app_system_viewer(p->app, p->a, 0, &p->v, e);
}

int play_at(struct player *p, int64_t at_ms, struct err *e) {
  int r = play_flush(p, e);
  if (r < 0) return r;
  clock_set_frozen(&p->app->clock, at_ms);
  return fresh(p, e);
}

int play_day(struct player *p, int32_t day, int minute, struct err *e) {
  return play_at(p, zone_moment(p->zone, day, minute), e);
}

struct change *play_make(struct player *p, const struct kind *k, enum change_verb verb) {
  struct change *c = change_make(p->a, &p->app->registry, p->v, k, verb);
  c->at_ms = p->v->now_ms;
  c->source = "demo";
  if (verb == CHANGE_CREATE) {
    c->id = play_id(p);
    c->fresh_id = true;
  }
  return c;
}

struct change *play_action(struct player *p, const struct kind *k, const struct uuid *id,
                           const char *action) {
  struct change *c = play_make(p, k, CHANGE_ACTION);
  c->id = *id;
  c->transition = kind_transition(k, str_from(action));
  return c;
}

static int in_flight(struct player *p, const struct cmd_class *cls, void *arg, const char *name,
                     const struct problems *problems, struct err *e) {
  p->said[p->n].name = name;
  p->said[p->n].problems = problems;
  p->cmds[p->n++] =
      (struct cmd){.cls = cls, .arg = arg, .priority = CMD_NORMAL, .done = done, .owner = p};
  if (p->n < PLAY_FLIGHT) return 0;
  int r = play_flush(p, e);
  return r < 0 ? r : fresh(p, e);
}

int play_add(struct player *p, struct change *c, struct err *e) {
  /* written by the program's own rules, checked like anybody's */
  c->internal = true;
  int r = change_ready(c, e);
  return r < 0 ? r : in_flight(p, change_cmd_class(c), c, c->kind->name, &c->problems, e);
}

int play_cmd(struct player *p, const struct cmd_class *cls, void *arg,
             const struct problems *problems, struct err *e) {
  return in_flight(p, cls, arg, cls->name, problems, e);
}

int32_t play_unit(struct player *p, struct str code) {
  const struct unit_row *u = unit_by_code(p->v->tree, code);
  if (!u) log_error("demo_unknown_unit", "code=" STR_FMT, STR_ARG(code));
  return u ? u->no : 0;
}

int32_t play_date(const json_t *o, const char *key, int32_t otherwise) {
  int32_t day;
  return day_parse(json_str(json_object_get(o, key)), &day) == 0 ? day : otherwise;
}

struct val play_day_val(struct player *p, int32_t day) {
  char text[DAY_TEXT];
  day_format(day, text);
  return V_TEXT(arena_dup(p->a, (struct str){text, 10}));
}

void play_say(struct player *p, const char *what) {
  const int64_t now = monotonic_ms();
  if (now - p->said_ms < 1000) return;
  p->said_ms = now;
  printf("  %-12s %lld\n", what, (long long)p->made);
  fflush(stdout);
}
