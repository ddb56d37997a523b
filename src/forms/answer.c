#include "forms/answer.h"

enum { COUNT_MOST = 100000000, WORDS_MOST = 300 };

bool answer_empty(const json_t *answer) {
  return !answer || json_is_null(answer) ||
         (json_is_string(answer) && !str_trim(json_str(answer)).n);
}

static bool of_type(struct problems *ps, struct str path, bool is, struct str en, struct str zh) {
  if (!is) problem_text(ps, PROBLEM_wrong_type, path, en, (struct str){0}, zh);
  return is;
}

static bool count_ok(struct problems *ps, struct str path, const struct template_item *it,
                     const json_t *j) {
  if (!of_type(ps, path, json_is_integer(j), S("a whole number"), S("整数"))) return false;
  const int64_t n = json_integer_value(j), most = it->most < COUNT_MOST ? it->most : COUNT_MOST;
  if (n < 0) problem_limit(ps, PROBLEM_too_small, path, 0);
  if (n > most) problem_limit(ps, PROBLEM_too_large, path, most);
  return n >= 0 && n <= most;
}

static void beyond(struct problems *ps, enum problem_code code, struct str path, int64_t tenths) {
  problem_text(ps, code, path, arena_printf(ps->a, "%g", (double)tenths / 10), (struct str){0},
               (struct str){0});
}

/* 1.1 * 10 is a little more than 11. */
bool answer_within(struct problems *ps, struct str path, const struct template_item *it, double n) {
  const double tenths = n * 10, hair = 1e-6;
  const bool small =
      tenths<(double)it->low_tenths - hair, large = tenths>(double) it->high_tenths + hair;
  if (small) beyond(ps, PROBLEM_too_small, path, it->low_tenths);
  if (large) beyond(ps, PROBLEM_too_large, path, it->high_tenths);
  return !small && !large;
}

static bool among(struct str choices, struct str word) {
  while (choices.p)
    if (str_eq(str_trim(str_split(&choices, ',')), word)) return true;
  return false;
}

static bool text_ok(struct problems *ps, struct str path, const struct template_item *it,
                    const json_t *j) {
  const struct str text = json_str(j);
  const int64_t most = it->most < WORDS_MOST ? it->most : WORDS_MOST;
  int32_t day;
  if (!of_type(ps, path, json_is_string(j), S("text"), S("文字"))) return false;
  if (it->type == VALUE_DATE && day_parse(text, &day) < 0)
    problem_add(ps, PROBLEM_bad_date, path);
  else if (it->type == VALUE_CHOICE && !among(it->choices, text))
    problem_text(ps, PROBLEM_not_in_list, path, it->choices, text, it->choices);
  else if ((int64_t)str_utf8_len(text) > most)
    problem_limit(ps, PROBLEM_too_long, path, most);
  else
    return true;
  return false;
}

static bool must_be_so(struct problems *ps, struct str path, const struct template_item *it) {
  problem_text(ps, PROBLEM_refused, path, (struct str){0},
               arena_printf(ps->a, "须做到：" STR_FMT, STR_ARG(it->zh)),
               arena_printf(ps->a, "must be so: " STR_FMT, STR_ARG(it->en)));
  return false;
}

bool answer_ok(struct problems *ps, struct str path, const struct template_item *it,
               const json_t *j) {
  switch (it->type) {
  case VALUE_COUNT:
    return count_ok(ps, path, it, j);
  case VALUE_NUMBER:
    return of_type(ps, path, json_is_number(j), S("a number"), S("数字")) &&
           answer_within(ps, path, it, json_number_value(j));
  case VALUE_BOOL:
  case VALUE_YES:
    if (!of_type(ps, path, json_is_boolean(j), S("true or false"), S("是或否"))) return false;
    return it->type == VALUE_BOOL || !it->required || json_is_true(j) || must_be_so(ps, path, it);
  case VALUE_TEXT:
  case VALUE_DATE:
  case VALUE_CHOICE:
    break;
  }
  return text_ok(ps, path, it, j);
}

void answers_known(struct problems *ps, const char *under, const json_t *answers,
                   const struct template_item *items, size_t n, int32_t day) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)answers, key, value) {
    bool known = false;
    for (size_t i = 0; i < n && !known; i++)
      known = str_is(items[i].code, key) && form_asks(&items[i], day);
    if (!known) problem_add(ps, PROBLEM_unknown_field, arena_printf(ps->a, "%s.%.60s", under, key));
  }
}
