#include "app/figures_inner.h"
#include <stdio.h>

/* As constant as the tables it is made of: filled once at start, before threads. */
static struct {
  const struct indicator *list[LIMIT_INDICATORS];
  size_t n;
  const struct indicator *by_no[INDICATOR_NO_MAX];
  uint16_t place[INDICATOR_NO_MAX];
  char numbers[IND_DERIVED + 1][LIMIT_INDICATORS * 5 + 3];
} reg;

static int bad(struct err *e, const char *what, const struct indicator *ind) {
  return err_field(e, E_BUG, what, ind->code ? ind->code : "?");
}

static int check(const struct indicator *ind, struct err *e) {
  if (!ind->code || !ind->zh || !ind->en) return bad(e, "an indicator needs code and names", ind);
  if (!ind->zh_definition || !ind->en_definition || !ind->measure)
    return bad(e, "an indicator needs a definition and a measure", ind);
  if (ind->no == 0 || ind->no >= INDICATOR_NO_MAX)
    return bad(e, "an indicator's number is out of range", ind);
  if (reg.by_no[ind->no]) return bad(e, "an indicator's number is used twice", ind);
  if (indicator_by_code(str_from(ind->code))) return bad(e, "an indicator's code twice", ind);
  if ((ind->type == IND_DERIVED) != (ind->derive != NULL))
    return bad(e, "derived indicators, and only these, have a function", ind);
  const struct kind *k = ind->kind ? kind_by_name(str_from(ind->kind)) : NULL;
  if (ind->kind && !k) return bad(e, "an indicator's kind is unknown", ind);
  if (ind->date_field && (!k || field_index(k, str_from(ind->date_field)) < 0))
    return bad(e, "an indicator's date field is unknown", ind);
  return 0;
}

/* "[1,2,5]" per type. */
static void number_lists(void) {
  for (int t = IND_FLOW; t <= IND_DERIVED; t++) {
    char *at = reg.numbers[t], *end = at + sizeof reg.numbers[t];
    *at++ = '[';
    for (size_t i = 0; i < reg.n; i++)
      if ((int)reg.list[i]->type == t)
        at += snprintf(at, (size_t)(end - at), "%s%u", at[-1] == '[' ? "" : ",",
                       (unsigned)reg.list[i]->no);
    *at++ = ']';
    *at = 0;
  }
}

int indicators_init(const struct module *const *list, struct err *e) {
  memset(&reg, 0, sizeof reg);
  for (; *list; list++) {
    for (const struct indicator *const *i = (*list)->indicators; i && *i; i++) {
      int r = check(*i, e);
      if (r < 0) return r;
      if (reg.n == LIMIT_INDICATORS) return bad(e, "too many indicators", *i);
      reg.place[(*i)->no] = (uint16_t)reg.n;
      reg.by_no[(*i)->no] = *i;
      reg.list[reg.n++] = *i;
    }
  }
  number_lists();
  return 0;
}

const struct indicator *indicator_by_code(struct str code) {
  for (size_t i = 0; i < reg.n; i++)
    if (str_is(code, reg.list[i]->code)) return reg.list[i];
  return NULL;
}

const struct indicator *indicator_by_no(uint32_t no) {
  return no < INDICATOR_NO_MAX ? reg.by_no[no] : NULL;
}

const struct indicator *indicator_at(size_t i) {
  return i < reg.n ? reg.list[i] : NULL;
}
size_t indicators_count(void) {
  return reg.n;
}
size_t indicator_index(const struct indicator *ind) {
  return reg.place[ind->no];
}
struct str indicator_numbers(enum indicator_type t) {
  return str_from(reg.numbers[t]);
}

bool indicator_readable(const struct viewer *v, const struct indicator *ind, int32_t unit) {
  if (!viewer_may(v, right_by_name(S("figure.read")), unit)) return false;
  const struct kind *k = ind->kind ? kind_by_name(str_from(ind->kind)) : NULL;
  return !k || viewer_may(v, kind_right(k, VERB_READ), unit);
}

void figures_write(struct jw *w, const struct viewer *v, int32_t unit, const int64_t *values,
                   const bool *only) {
  jw_object(w);
  for (size_t i = 0; i < reg.n; i++) {
    if ((only && !only[i]) || !indicator_readable(v, reg.list[i], unit)) continue;
    jw_key(w, str_from(reg.list[i]->code));
    jw_i64(w, values[i]);
  }
  jw_end(w);
}
