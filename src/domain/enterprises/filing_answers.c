#include "domain/enterprises/enterprises.h"
#include "domain/enterprises/filings.h"

/* A checklist's conditions against what the enterprise says, and against what was found there. */

enum { WORDS_MAX = 200, REASON_MAX = 500 };

void filing_refused(struct problems *ps, struct str path, struct str zh, struct str en) {
  problem_text(ps, PROBLEM_refused, path, (struct str){0}, zh, en);
}

QUERY(q_items, "SELECT code, label_zh, label_en, type, least, most, required, filing_field "
               "FROM checklist_item WHERE checklist = $1 AND retired = 0 ORDER BY place, code "
               "LIMIT 100");

struct item {
  struct str code, zh, en, type;
  struct val least, most; /* in tenths, as the items' decimals are kept */
  bool required;
  int field; /* of the filing; -1: an answer of its own */
};

static int read_items(struct tx *tx, struct change *c, const struct record *filing,
                      struct item **ret, size_t *ret_n, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct item *items = arena_array(c->a, struct item, CHECKLIST_ITEMS);
  *ret_n = 0;
  if (!items) return err_set(e, E_NOMEM, "no memory for a checklist");
  *ret = items;
  int r = cur_open(tx, &q_items, P(V_UUID(rec_uuid(filing, FILING_CHECKLIST))), &cur, e);
  while (r >= 0 && *ret_n < CHECKLIST_ITEMS && (r = cur_next(cur, e)) == 1) {
    struct item *i = &items[(*ret_n)++];
    *i = (struct item){.code = arena_dup(c->a, cur_text(cur, 0)),
                       .zh = arena_dup(c->a, cur_text(cur, 1)),
                       .en = arena_dup(c->a, cur_text(cur, 2)),
                       .type = arena_dup(c->a, cur_text(cur, 3)),
                       .least = cur_null(cur, 4) ? V_NULL : V_I64(cur_i64(cur, 4)),
                       .most = cur_null(cur, 5) ? V_NULL : V_I64(cur_i64(cur, 5)),
                       .required = cur_i64(cur, 6) != 0,
                       .field = -1};
    for (int f = 0; f < FILING_FIELDS_ && !cur_null(cur, 7); f++)
      if (str_is(cur_text(cur, 7), filing_kind.fields[f].name)) i->field = f;
  }
  return r < 0 ? r : 0;
}

static int read_object(struct change *c, const struct record *filing, int field, json_t **ret,
                       struct err *e) {
  const struct str text = rec_text(filing, field);
  *ret = NULL;
  return text.p ? json_read(c->a, text, ret, e) : 0;
}

static const json_t *member(const json_t *object, struct str code) {
  return object ? json_object_getn(object, code.p, code.n) : NULL;
}

static void no_strangers(struct change *c, const json_t *object, const char *under,
                         const struct item *items, size_t n, struct problems *ps) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)object, key, value) {
    bool known = false;
    for (size_t i = 0; i < n && !known; i++) known = str_is(items[i].code, key);
    if (!known) problem_add(ps, PROBLEM_unknown_field, arena_printf(c->a, "%s.%.60s", under, key));
  }
}

/* ---- what the enterprise says ---- */

static void within_limits(struct change *c, const struct item *i, double tenths, struct str path,
                          struct problems *ps) {
  if (i->least.t == VAL_I64 && tenths < (double)i->least.i)
    problem_text(ps, PROBLEM_too_small, path, arena_printf(c->a, "%g", (double)i->least.i / 10),
                 (struct str){0}, (struct str){0});
  if (i->most.t == VAL_I64 && tenths > (double)i->most.i)
    problem_text(ps, PROBLEM_too_large, path, arena_printf(c->a, "%g", (double)i->most.i / 10),
                 (struct str){0}, (struct str){0});
}

static void box_ok(struct change *c, const struct item *i, const struct record *filing,
                   const json_t *answer, struct problems *ps) {
  const struct field *f = &filing_kind.fields[i->field];
  double tenths = (double)rec_i64(filing, i->field) * 10;
  for (int s = 0; s < f->scale; s++) tenths /= 10;
  if (answer && !json_is_null(answer))
    filing_refused(ps, arena_printf(c->a, "answers." STR_FMT, STR_ARG(i->code)),
                   arena_printf(c->a, "请填在“%s”一栏", f->zh),
                   arena_printf(c->a, "belongs in the box \"%s\"", f->en));
  if (!rec_null(filing, i->field))
    within_limits(c, i, tenths, str_from(f->name), ps);
  else if (i->required)
    problem_add(ps, PROBLEM_required, str_from(f->name));
}

static void answer_ok(struct change *c, const struct item *i, const json_t *answer,
                      struct problems *ps) {
  const struct str path = arena_printf(c->a, "answers." STR_FMT, STR_ARG(i->code));
  const bool words = str_is(i->type, "text");
  const struct str said = str_trim(json_str(answer));
  if (!answer || json_is_null(answer) || (words && json_is_string(answer) && !said.n)) {
    if (i->required) problem_add(ps, PROBLEM_required, path);
    return;
  }
  if (str_is(i->type, "yes")) {
    if (!json_is_boolean(answer))
      problem_text(ps, PROBLEM_wrong_type, path, S("true or false"), (struct str){0}, S("是或否"));
    else if (i->required && json_is_false(answer))
      filing_refused(ps, path, arena_printf(c->a, "须做到：" STR_FMT, STR_ARG(i->zh)),
                     arena_printf(c->a, "must be so: " STR_FMT, STR_ARG(i->en)));
  } else if (words) {
    if (!json_is_string(answer))
      problem_text(ps, PROBLEM_wrong_type, path, S("text"), (struct str){0}, S("文字"));
    else if (str_utf8_len(said) > WORDS_MAX)
      problem_limit(ps, PROBLEM_too_long, path, WORDS_MAX);
  } else if (!json_is_number(answer)) {
    problem_text(ps, PROBLEM_wrong_type, path, S("a number"), (struct str){0}, S("数字"));
  } else {
    within_limits(c, i, json_number_value(answer) * 10, path, ps);
  }
}

int filing_answers_ok(struct tx *tx, struct change *c, const struct record *filing,
                      struct problems *ps, struct err *e) {
  struct item *items;
  json_t *answers;
  size_t n;
  int r = read_items(tx, c, filing, &items, &n, e);
  if (r >= 0) r = read_object(c, filing, FILING_ANSWERS, &answers, e);
  if (r < 0) return r;
  for (size_t i = 0; i < n; i++) {
    const json_t *answer = member(answers, items[i].code);
    if (items[i].field >= 0)
      box_ok(c, &items[i], filing, answer, ps);
    else
      answer_ok(c, &items[i], answer, ps);
  }
  no_strangers(c, answers, "answers", items, n, ps);
  return 0;
}

/* ---- what was found ---- */

static bool was_said(const struct item *i, const struct record *filing, const json_t *answers) {
  const json_t *answer = member(answers, i->code);
  if (i->field >= 0) return !rec_null(filing, i->field);
  return answer && !json_is_null(answer);
}

static void finding_ok(struct change *c, const struct item *i, const json_t *finding,
                       struct problems *ps) {
  const struct str path = arena_printf(c->a, "found." STR_FMT, STR_ARG(i->code));
  const struct str remark = arena_printf(c->a, STR_FMT ".remark", STR_ARG(path));
  const json_t *agrees = json_object_get(finding, "agrees");
  const json_t *words = json_object_get(finding, "remark");
  const struct str said = str_trim(json_str(words));
  if (!json_is_object(finding)) {
    problem_text(ps, PROBLEM_wrong_type, path, S("{agrees, remark}"), (struct str){0}, S("对象"));
    return;
  }
  if (!agrees || json_is_null(agrees))
    problem_add(ps, PROBLEM_required, path);
  else if (!json_is_boolean(agrees))
    problem_text(ps, PROBLEM_wrong_type, path, S("true or false"), (struct str){0}, S("是或否"));
  if (words && !json_is_null(words) && !json_is_string(words))
    problem_text(ps, PROBLEM_wrong_type, remark, S("text"), (struct str){0}, S("文字"));
  else if (str_utf8_len(said) > WORDS_MAX)
    problem_limit(ps, PROBLEM_too_long, remark, WORDS_MAX);
  else if (json_is_false(agrees) && !said.n)
    problem_add(ps, PROBLEM_required, remark);
}

int filing_found_ok(struct tx *tx, struct change *c, const struct record *filing,
                    struct problems *ps, struct err *e) {
  struct item *items;
  json_t *found, *answers;
  size_t n;
  int r = read_items(tx, c, filing, &items, &n, e);
  if (r >= 0) r = read_object(c, filing, FILING_FOUND, &found, e);
  if (r >= 0) r = read_object(c, filing, FILING_ANSWERS, &answers, e);
  if (r < 0) return r;
  for (size_t i = 0; i < n; i++) {
    const json_t *finding = member(found, items[i].code);
    if (finding && !json_is_null(finding))
      finding_ok(c, &items[i], finding, ps);
    else if (items[i].required || was_said(&items[i], filing, answers))
      problem_add(ps, PROBLEM_required,
                  arena_printf(c->a, "found." STR_FMT, STR_ARG(items[i].code)));
  }
  no_strangers(c, found, "found", items, n, ps);
  return 0;
}

int filing_found_wrong(struct tx *tx, struct change *c, const struct record *filing, size_t *ret_n,
                       struct str *ret_text, struct err *e) {
  struct item *items;
  json_t *found;
  size_t n;
  struct buf b = BUF_INIT(KIB(64));
  int r = read_items(tx, c, filing, &items, &n, e);
  if (r >= 0) r = read_object(c, filing, FILING_FOUND, &found, e);
  if (r < 0) return r;
  *ret_n = 0;
  buf_str_add(&b, S("现场核查不符："));
  for (size_t i = 0; i < n; i++) {
    const json_t *finding = member(found, items[i].code);
    if (!json_is_false(json_object_get(finding, "agrees"))) continue;
    const struct str said = str_trim(json_str(json_object_get(finding, "remark")));
    struct str one = arena_printf(c->a, "%s" STR_FMT "：" STR_FMT, *ret_n ? "；" : "",
                                  STR_ARG(items[i].zh), STR_ARG(said));
    (*ret_n)++;
    /* all of it stands in `found`; here as much as has room */
    if (str_utf8_len(buf_str(&b)) + str_utf8_len(one) <= REASON_MAX) buf_str_add(&b, one);
  }
  *ret_text = arena_dup(c->a, buf_str(&b));
  buf_done(&b);
  return 0;
}
