#include "api/api.h"
#include "base/limits.h"

static void wrong_type(struct rq *rq, const char *name, struct str en, struct str zh) {
  problem_text(&rq->problems, PROBLEM_wrong_type, str_from(name), en, (struct str){0}, zh);
}

static void no_uuid(struct rq *rq, const char *name, struct str said) {
  problem_text(&rq->problems, PROBLEM_bad_format, str_from(name), S("UUID"), said, (struct str){0});
}

int rq_body(struct rq *rq, const char *members, struct err *e) {
  const char *key;
  json_t *value;
  if (!json_is_object(rq->body)) return err_set(e, E_MALFORMED, "the body must be an object");
  json_object_foreach(rq->body, key, value) if (!word_in(members, str_from(key)))
      problem_add(&rq->problems, PROBLEM_unknown_field, arena_printf(rq->a, "%.60s", key));
  return 0;
}

struct str rq_text(struct rq *rq, const char *name, size_t most) {
  const json_t *j = json_object_get(rq->body, name);
  const struct str s = str_trim(json_str(j));
  if (!j || json_is_null(j)) return (struct str){NULL, 0};
  if (!json_is_string(j)) {
    wrong_type(rq, name, S("text"), S("文字"));
    return (struct str){NULL, 0};
  }
  if (str_utf8_len(s) > most)
    problem_limit(&rq->problems, PROBLEM_too_long, str_from(name), (int64_t)most);
  return s;
}

bool rq_flag(struct rq *rq, const char *name) {
  const json_t *j = json_object_get(rq->body, name);
  if (!j || json_is_null(j)) return false;
  if (!json_is_boolean(j)) wrong_type(rq, name, S("true or false"), S("是或否"));
  return json_is_true(j);
}

bool rq_uuid(struct rq *rq, const char *name, struct uuid *ret_id) {
  const struct str text = rq_text(rq, name, UUID_TEXT);
  if (!text.n || uuid_parse(text, ret_id) == 0) return text.n > 0;
  no_uuid(rq, name, (struct str){0});
  return false;
}

int rq_branch(struct rq *rq, const char *right, struct branch *ret_branch, struct err *e) {
  char low[UNIT_PATH_MAX], high[UNIT_PATH_MAX];
  struct branch b;
  int r = rq_unit(rq, "unit", right, &b.unit, e);
  if (r >= 0) r = rq_day(rq, "date", &b.day, e);
  if (r >= 0) r = rq_check(rq, e);
  if (r < 0) return r;
  const struct unit_row *u = unit_by_no(rq->viewer->tree, b.unit);
  if (!u) return err_set(e, E_NOT_FOUND, "no such unit");
  unit_path_range(u, low, high);
  b.op = V_I64(rq->viewer->op);
  b.on = day_val(rq->a, b.day);
  b.day_text = b.on.s;
  b.low = V_TEXT(arena_dup(rq->a, str_from(low)));
  b.high = V_TEXT(arena_dup(rq->a, str_from(high)));
  *ret_branch = b;
  return 0;
}

void rq_page(struct rq *rq, struct uuid *ret_after, int64_t *ret_limit) {
  const struct str after = rq_arg(rq, "after"), limit = rq_arg(rq, "limit");
  *ret_after = (struct uuid){{0}};
  *ret_limit = LIMIT_PAGE_DEFAULT;
  if (after.n && uuid_parse(after, ret_after) < 0) no_uuid(rq, "after", after);
  if (limit.n && parse_i64(limit, 1, LIMIT_PAGE, ret_limit) < 0)
    problem_limit(&rq->problems, PROBLEM_too_large, S("limit"), LIMIT_PAGE);
}
