#include "json/problem.h"
#include "base/limits.h"

static const struct {
  const char *name, *zh, *en;
} words[PROBLEM_COUNT_] = {
#define X(name, zh, en) [PROBLEM_##name] = {#name, zh, en},
    PROBLEM_TABLE(X)
#undef X
};

void problems_init(struct problems *ps, struct arena *a) {
  *ps = (struct problems){.a = a};
  ps->last = &ps->first;
}

struct problem *problem_text(struct problems *ps, enum problem_code code, struct str field,
                             struct str limit, struct str value, struct str other) {
  /* beyond the maximum a caller still gets a problem to fill, it is only not listed */
  struct problem *p = arena_new(ps->a, struct problem);
  *p = (struct problem){.code = code,
                        .field = arena_dup(ps->a, field),
                        .limit = arena_dup(ps->a, limit),
                        .value = arena_dup(ps->a, value),
                        .other = arena_dup(ps->a, other)};
  ps->errors++;
  if (ps->errors + ps->warnings > LIMIT_PROBLEMS) {
    ps->cut = true;
    return p;
  }
  if (!ps->last) ps->last = &ps->first;
  *ps->last = p;
  ps->last = &p->next;
  return p;
}

struct problem *problem_add(struct problems *ps, enum problem_code code, struct str field) {
  return problem_text(ps, code, field, (struct str){0}, (struct str){0}, (struct str){0});
}

struct problem *problem_limit(struct problems *ps, enum problem_code code, struct str field,
                              int64_t limit) {
  struct str text = arena_printf(ps->a, "%lld", (long long)limit);
  return problem_text(ps, code, field, text, (struct str){0}, (struct str){0});
}

struct problem *problem_warn(struct problems *ps, enum problem_code code, struct str field) {
  struct problem *p = problem_add(ps, code, field);
  p->warning = true;
  ps->errors--;
  ps->warnings++;
  return p;
}

struct problem *problem_rule(struct problems *ps, struct str field, struct str zh, struct str en) {
  return problem_text(ps, PROBLEM_rule, field, (struct str){0}, zh, en);
}

struct problem *problem_rule_warn(struct problems *ps, struct str field, struct str zh,
                                  struct str en) {
  struct problem *p = problem_warn(ps, PROBLEM_rule, field);
  p->value = arena_dup(ps->a, zh);
  p->other = arena_dup(ps->a, en);
  return p;
}

const char *problem_name(enum problem_code code) {
  return words[code].name;
}

struct str problem_words(struct arena *a, const struct problem *p, bool zh) {
  struct str in = str_from(zh ? words[p->code].zh : words[p->code].en);
  const struct {
    struct str mark, text;
  } data[] = {{S("{limit}"), p->limit}, {S("{value}"), p->value}, {S("{other}"), p->other}};
  struct buf b = BUF_INIT(KIB(4));
  while (in.n) {
    size_t k = 0;
    for (; k < ARRAY_LEN(data); k++)
      if (str_starts(in, data[k].mark)) break;
    if (k < ARRAY_LEN(data)) {
      buf_str_add(&b, data[k].text);
      in = str_sub(in, data[k].mark.n, in.n);
    } else {
      buf_char(&b, in.p[0]);
      in = str_sub(in, 1, in.n);
    }
  }
  struct str out = arena_dup(a, buf_str(&b));
  buf_done(&b);
  return out;
}

static void optional(struct jw *w, struct str key, struct str text) {
  if (!text.p) return;
  jw_key(w, key);
  jw_str(w, text);
}

void problems_write(struct jw *w, const struct problems *ps) {
  jw_array(w);
  for (const struct problem *p = ps->first; p; p = p->next) {
    jw_object(w);
    jw_kstr(w, "field", p->field.p ? p->field : S(""));
    jw_kstrz(w, "code", words[p->code].name);
    optional(w, S("limit"), p->limit);
    optional(w, S("value"), p->value);
    optional(w, S("other"), p->other);
    optional(w, S("column"), p->column);
    if (p->row) {
      jw_ki64(w, "row", p->row);
    }
    if (p->warning) {
      jw_kbool(w, "warning", true);
    }
    jw_kstr(w, "zh", problem_words(ps->a, p, true));
    jw_kstr(w, "en", problem_words(ps->a, p, false));
    jw_end(w);
  }
  jw_end(w);
}

void problem_document(struct jw *w, const struct err *e, const struct problems *ps) {
  jw_object(w);
  jw_kstrz(w, "type", "about:blank");
  jw_kstrz(w, "title", err_text(e->code, false));
  jw_kstrz(w, "title_zh", err_text(e->code, true));
  jw_ki64(w, "status", err_http(e->code));
  jw_kstrz(w, "code", err_name(e->code));
  if (err_class(e->code) == ERR_CALLER && e->what) {
    jw_kstrz(w, "detail", e->what);
  }
  if (e->field[0]) {
    jw_kstrz(w, "field", e->field);
  }
  if (ps && (ps->errors || ps->warnings)) {
    jw_k(w, "problems");
    problems_write(w, ps);
    if (ps->cut) {
      jw_kbool(w, "more", true);
    }
  } else if (e->code == E_INVALID && e->field[0]) {
    /* one thing wrong with one argument, where nobody kept a list */
    jw_karray(w, "problems");
    jw_object(w);
    jw_kstrz(w, "field", e->field);
    jw_kstrz(w, "code", "rule");
    jw_kstrz(w, "zh", err_text(e->code, true));
    jw_kstrz(w, "en", e->what ? e->what : err_text(e->code, false));
    jw_end(w);
    jw_end(w);
  }
  jw_end(w);
}
