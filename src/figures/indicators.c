#include "figures/figures_inner.h"
#include <stdio.h>

/* As constant as the tables it is made of: filled once at start, before threads. */
static struct {
  const struct indicator *list[LIMIT_INDICATORS];
  size_t n;
  const struct indicator *by_no[INDICATOR_NO_MAX];
  uint16_t place[INDICATOR_NO_MAX];
  char numbers[2][IND_DERIVED + 1][LIMIT_INDICATORS * 5 + 3]; /* all; those by the minute */
} reg;

/* "[1,2,5]" per type. */
static void number_lists(void) {
  for (int by_minute = 0; by_minute < 2; by_minute++)
    for (int t = IND_FLOW; t <= IND_DERIVED; t++) {
      char *at = reg.numbers[by_minute][t], *end = at + sizeof reg.numbers[0][t];
      *at++ = '[';
      for (size_t i = 0; i < reg.n; i++)
        if ((int)reg.list[i]->type == t && (!by_minute || count_by(reg.list[i]) == COUNT_BY_MINUTE))
          at += snprintf(at, (size_t)(end - at), "%s%u", at[-1] == '[' ? "" : ",",
                         (unsigned)reg.list[i]->no);
      *at++ = ']';
      *at = 0;
    }
}

int indicators_init(const struct module *const *list, struct err *e) {
  int prepared = counts_init(e);
  memset(&reg, 0, sizeof reg);
  if (prepared < 0) return prepared;
  for (; *list; list++) {
    for (const struct indicator *const *i = (*list)->indicators; i && *i; i++) {
      if (reg.n == LIMIT_INDICATORS || (*i)->no >= INDICATOR_NO_MAX)
        return err_field(e, E_BUG, "too many indicators, or too high a number", (*i)->code);
      const struct kind *k = (*i)->kind ? kind_by_name(str_from((*i)->kind)) : NULL;
      if (k && (*i)->type != IND_DERIVED && !kind_counts(k))
        return err_field(e, E_BUG, "an indicator's kind has no counting rows", (*i)->code);
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
struct str indicator_numbers(enum indicator_type t, bool by_minute) {
  return str_from(reg.numbers[by_minute][t]);
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
