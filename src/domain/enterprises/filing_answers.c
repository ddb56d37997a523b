#include "domain/enterprises/filing.h"
#include "forms/answer.h"

/* A checklist's conditions against what the enterprise says, and against what was found there. */

enum { WORDS_MAX = 200, REASON_MAX = 500 };

void filing_refused(struct problems *ps, struct str path, struct str zh, struct str en) {
  problem_text(ps, PROBLEM_refused, path, (struct str){0}, zh, en);
}

QUERY(q_items,
      "SELECT code, label_zh, label_en, type, least, most, required, filing_field, "
      "valid_to FROM checklist_item WHERE checklist = $1 AND retired = 0 ORDER BY place, code "
      "LIMIT 101"); /* limit: said */

/* Each condition is a question of a form; some are answered by a box of the filing itself. */
struct sheet {
  struct template_item items[CHECKLIST_ITEMS];
  int box[CHECKLIST_ITEMS]; /* of the filing; -1: an answer of its own */
  size_t n;
  int32_t day; /* on which it is, or was, filed */
};

static enum value_type type_of(struct str s) {
  return str_is(s, "yes") ? VALUE_YES : str_is(s, "text") ? VALUE_TEXT : VALUE_NUMBER;
}

static int read_items(struct tx *tx, struct change *c, const struct record *filing,
                      struct sheet **ret, struct err *e) {
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct sheet *s = *ret = arena_new(c->a, struct sheet);
  s->day = rec_null(filing, FILING_FILED_ON) || word_in("draft returned", filing->state)
               ? change_day(c)
               : rec_day(filing, FILING_FILED_ON);
  int r = cur_open(tx, &q_items, P(V_UUID(rec_uuid(filing, FILING_CHECKLIST))), &cur, e);
  while (r >= 0 && (r = cur_next(cur, e)) == 1) {
    if (s->n == CHECKLIST_ITEMS) return err_set(e, E_TOO_LARGE, "too many items");
    s->box[s->n] =
        cur_null(cur, 7) ? -1 : field_named(&filing_kind, arena_strz(c->a, cur_text(cur, 7)));
    s->items[s->n++] =
        (struct template_item){.code = arena_dup(c->a, cur_text(cur, 0)),
                               .zh = arena_dup(c->a, cur_text(cur, 1)),
                               .en = arena_dup(c->a, cur_text(cur, 2)),
                               .type = type_of(cur_text(cur, 3)),
                               .low_tenths = cur_null(cur, 4) ? INT64_MIN : cur_i64(cur, 4),
                               .high_tenths = cur_null(cur, 5) ? INT64_MAX : cur_i64(cur, 5),
                               .required = cur_i64(cur, 6) != 0,
                               .most = WORDS_MAX,
                               .to = INT32_MAX};
    int32_t last;
    if (!cur_null(cur, 8) && day_parse(cur_text(cur, 8), &last) == 0) s->items[s->n - 1].to = last;
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

/* ---- what the enterprise says ---- */

static void box_ok(struct change *c, const struct template_item *it, int box,
                   const struct record *filing, const json_t *answer, struct problems *ps) {
  const struct field *f = &filing_kind.fields[box];
  double n = (double)rec_i64(filing, box);
  for (int s = 0; s < f->scale; s++) n /= 10;
  if (answer && !json_is_null(answer))
    filing_refused(ps, arena_printf(c->a, "answers." STR_FMT, STR_ARG(it->code)),
                   arena_printf(c->a, "请填在“%s”一栏", f->zh),
                   arena_printf(c->a, "belongs in the box \"%s\"", f->en));
  if (!rec_null(filing, box))
    (void)answer_within(ps, str_from(f->name), it, n);
  else if (it->required)
    problem_add(ps, PROBLEM_required, str_from(f->name));
}

int filing_answers_ok(struct tx *tx, struct change *c, const struct record *filing,
                      struct problems *ps, struct err *e) {
  struct sheet *s;
  json_t *answers;
  int r = read_items(tx, c, filing, &s, e);
  if (r >= 0) r = read_object(c, filing, FILING_ANSWERS, &answers, e);
  if (r < 0) return r;
  for (size_t i = 0; i < s->n; i++) {
    const struct template_item *it = &s->items[i];
    const json_t *answer = member(answers, it->code);
    const struct str path = arena_printf(c->a, "answers." STR_FMT, STR_ARG(it->code));
    if (!form_asks(it, s->day)) continue;
    if (s->box[i] >= 0)
      box_ok(c, it, s->box[i], filing, answer, ps);
    else if (!answer_empty(answer))
      (void)answer_ok(ps, path, it, answer);
    else if (it->required)
      problem_add(ps, PROBLEM_required, path);
  }
  answers_known(ps, "answers", answers, s->items, s->n, s->day);
  return 0;
}

/* ---- what was found ---- */

static bool was_said(const struct sheet *s, size_t i, const struct record *filing,
                     const json_t *answers) {
  if (s->box[i] >= 0) return !rec_null(filing, s->box[i]);
  const json_t *answer = member(answers, s->items[i].code);
  return answer && !json_is_null(answer);
}

static void finding_ok(struct change *c, const struct template_item *i, const json_t *finding,
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
  struct sheet *s;
  json_t *found, *answers;
  int r = read_items(tx, c, filing, &s, e);
  if (r >= 0) r = read_object(c, filing, FILING_FOUND, &found, e);
  if (r >= 0) r = read_object(c, filing, FILING_ANSWERS, &answers, e);
  if (r < 0) return r;
  for (size_t i = 0; i < s->n; i++) {
    const json_t *finding = member(found, s->items[i].code);
    if (finding && !json_is_null(finding))
      finding_ok(c, &s->items[i], finding, ps);
    else if (form_asks(&s->items[i], s->day) &&
             (s->items[i].required || was_said(s, i, filing, answers)))
      problem_add(ps, PROBLEM_required,
                  arena_printf(c->a, "found." STR_FMT, STR_ARG(s->items[i].code)));
  }
  answers_known(ps, "found", found, s->items, s->n, s->day);
  return 0;
}

int filing_found_wrong(struct tx *tx, struct change *c, const struct record *filing, size_t *ret_n,
                       struct str *ret_text, struct err *e) {
  struct sheet *s;
  json_t *found;
  struct buf b = BUF_INIT(KIB(64));
  int r = read_items(tx, c, filing, &s, e);
  if (r >= 0) r = read_object(c, filing, FILING_FOUND, &found, e);
  if (r < 0) return r;
  *ret_n = 0;
  buf_str_add(&b, S("现场核查不符："));
  for (size_t i = 0; i < s->n; i++) {
    const json_t *finding = member(found, s->items[i].code);
    if (!json_is_false(json_object_get(finding, "agrees"))) continue;
    const struct str said = str_trim(json_str(json_object_get(finding, "remark")));
    struct str one = arena_printf(c->a, "%s" STR_FMT "：" STR_FMT, *ret_n ? "；" : "",
                                  STR_ARG(s->items[i].zh), STR_ARG(said));
    (*ret_n)++;
    /* all of it stands in `found`; here as much as has room */
    if (str_utf8_len(buf_str(&b)) + str_utf8_len(one) <= REASON_MAX) buf_str_add(&b, one);
  }
  *ret_text = arena_dup(c->a, buf_str(&b));
  buf_done(&b);
  return 0;
}
