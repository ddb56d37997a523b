#include "kind/kind.h"
#include <stdio.h>

/* Screens' rows: every name in them is one of the kind's. */

static int bad(struct err *e, const struct kind *k, const char *what, struct str name) {
  char where[96];
  snprintf(where, sizeof where, "%s.screen: " STR_FMT, k->name, STR_ARG(name));
  return err_field(e, E_BUG, what, where);
}

static bool is_field(const struct kind *k, struct str w) {
  int f;
  return field_find(k, w, &f);
}
static bool is_column(const struct kind *k, struct str w) {
  return str_is(w, "state") ? k->states != NULL : is_field(k, w);
}
static bool is_quick(const struct kind *k, struct str w) {
  if (str_is(w, "state")) return k->states != NULL;
  int f;
  return field_find(k, w, &f) && k->fields[f].flags & FF_FILTER;
}
static bool is_order(const struct kind *k, struct str w) {
  int f;
  return field_find(k, str_starts(w, S("-")) ? str_sub(w, 1, w.n) : w, &f) &&
         k->fields[f].flags & FF_SORT;
}
static bool is_action(const struct kind *k, struct str w) {
  return kind_transition(k, w) != NULL;
}
static bool is_state(const struct kind *k, struct str w) {
  return kind_state(k, w) != NULL;
}
static bool is_on_phone(const struct kind *k, struct str w) {
  int f;
  return field_find(k, w, &f) && k->fields[f].flags & FF_DEVICE;
}

static bool has(const char *list, struct str word) {
  struct str rest = str_from(list ? list : "");
  while (rest.p)
    if (str_eq(str_split(&rest, ' '), word)) return true;
  return false;
}

enum tone state_tone(const struct kind *k, struct str state) {
  const struct screen *s = k->screen;
  if (!s || !state.n) return TONE_NONE;
  if (has(s->good, state)) return TONE_GOOD;
  if (has(s->wait, state)) return TONE_WAIT;
  return has(s->bad, state) ? TONE_BAD : TONE_NONE;
}

static int check_tones(const struct kind *k, struct err *e) {
  const struct screen *s = k->screen;
  for (const struct state *st = k->states; st && st->value; st++) {
    const struct str v = str_from(st->value);
    if (has(s->good, v) + has(s->wait, v) + has(s->bad, v) > 1)
      return bad(e, k, "a state has two tones", v);
  }
  return 0;
}

int screen_check(const struct kind *k, struct err *e) {
  const struct screen *s = k->screen;
  if (!s) return 0;
  const struct {
    const char *list, *what;
    bool (*known)(const struct kind *, struct str);
  } rows[] = {
      {s->columns, "a screen's column is no field", is_field},
      {s->section, "a screen's column is no field", is_field},
      {s->sort, "a screen's order is no field to sort by", is_order},
      {s->quick, "a screen's condition is no filter", is_quick},
      {s->link, "a screen's link is no column", is_column},
      {s->hide, "a screen hides what is no field", is_field},
      {s->offers, "a screen offers an unknown action", is_action},
      {s->primary, "a screen's first action is unknown", is_action},
      {s->good, "a tone of an unknown state", is_state},
      {s->wait, "a tone of an unknown state", is_state},
      {s->bad, "a tone of an unknown state", is_state},
      {s->phone, "a phone's column is not on the phone", is_on_phone},
      {s->phone_offers, "a phone offers an unknown action", is_action},
  };
  for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
    struct str rest = str_from(rows[i].list ? rows[i].list : "");
    while (rest.p && rest.n) {
      const struct str word = str_split(&rest, ' ');
      if (!rows[i].known(k, word)) return bad(e, k, rows[i].what, word);
    }
  }
  if (!s->zh != !s->en || !s->zh_lead != !s->en_lead)
    return bad(e, k, "a screen needs its words in both languages", S(""));
  if (s->phone_offers && !s->phone)
    return bad(e, k, "a phone offers actions without a list", S(""));
  if (s->phone && !(k->flags & KF_SYNC))
    return bad(e, k, "a list of the phone needs KF_SYNC", S(""));
  return check_tones(k, e);
}
