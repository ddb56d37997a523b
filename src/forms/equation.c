#include "forms/equation.h"
#include "base/err.h"

static bool code_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static int term(struct str word, struct equation_term *t) {
  if (str_starts(word, S("yesterday."))) {
    t->yesterday = true;
    word = str_sub(word, 10, word.n);
  }
  if (word.n == 0) return -E_INVALID;
  if (word.p[0] >= '0' && word.p[0] <= '9') {
    if (t->yesterday) return -E_INVALID;
    return parse_i64(word, 0, INT64_C(1000000000), &t->constant);
  }
  for (size_t i = 0; i < word.n; i++)
    if (!code_char(word.p[i])) return -E_INVALID;
  t->code = word;
  return 0;
}

int equation_parse(struct str text, struct equation_side *ret_side) {
  struct equation_side side = {0};
  int sign = 1;
  size_t at = 0;
  text = str_trim(text);
  while (at < text.n) {
    size_t end = at;
    while (end < text.n && text.p[end] != '+' && text.p[end] != '-') end++;
    if (side.n == EQUATION_TERMS) return -E_INVALID;
    struct equation_term *t = &side.terms[side.n++];
    t->sign = sign;
    if (term(str_trim(str_sub(text, at, end - at)), t) < 0) return -E_INVALID;
    if (end == text.n) {
      *ret_side = side;
      return 0;
    }
    sign = text.p[end] == '+' ? 1 : -1;
    at = end + 1;
  }
  return -E_INVALID; /* nothing, or a sign with nothing behind it */
}

bool equation_sum(const struct equation_side *side, equation_lookup look, void *arg,
                  int64_t *ret_v) {
  int64_t sum = 0;
  for (size_t i = 0; i < side->n; i++) {
    const struct equation_term *t = &side->terms[i];
    int64_t v = t->constant;
    if (t->code.n && !look(arg, t->code, t->yesterday, &v)) return false;
    sum += t->sign * v;
  }
  *ret_v = sum;
  return true;
}
