#include "intake/relay.h"
#include "base/err.h"

/* A relay's lines into entries: numbered ones where there are numbers ("1.", "2、", "(3)", "④"),
 * else one per message or line; a line that only goes on with figures belongs to the entry above.
 */

struct lines {
  struct arena *a;
  const struct relay_box *boxes;
  size_t n_boxes;
  struct str raw, text; /* of the whole, before and after relay_normal */
  struct relay_order order;
  struct relay *out;
  int64_t last_number;
  bool numbered;
  size_t entry_from; /* of the open entry, in `text`; SIZE_MAX: none is open */
};

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

static bool begins_with(struct str s, const char *const *words, size_t n, size_t *ret_n) {
  for (size_t i = 0; i < n; i++)
    if (str_starts(s, str_from(words[i]))) {
      *ret_n = strlen(words[i]);
      return true;
    }
  return false;
}

/* ---- a line's number ---- */

/* The bytes that the number takes; 0 where the line has none. */
static size_t line_number(struct str line, int64_t next, int64_t *ret_v) {
  static const char *const marks[] = {".", ")", "、", ":", "]", "-"};
  static const char *const counts[] = {"人", "名", "位", "个", "月", "日", "号", "点",
                                       "户", "家", "层", "楼", "%",  "天", "度"};
  const size_t open = line.n && (line.p[0] == '(' || line.p[0] == '[');
  size_t n = open, m = 0;
  int64_t v = 0;
  while (n < line.n && digit(line.p[n]) && n - open < 4) v = v * 10 + (line.p[n++] - '0');
  if (n == open || v < 1 || v > RELAY_ENTRIES) return 0;
  const struct str rest = str_sub(line, n, line.n);
  *ret_v = v;
  if (begins_with(rest, marks, ARRAY_LEN(marks), &m)) {
    const struct str behind = str_sub(rest, m, rest.n);
    /* "36.5", "9:30", "2020-5-8" are no numbered lines, "1.360科技" is one */
    if (m == 1 && rest.p[0] != ')' && rest.p[0] != ']' && behind.n && digit(behind.p[0]) &&
        v != next)
      return 0;
    return n + m;
  }
  if (open || !rest.n || digit(rest.p[0])) return 0;
  if (rest.p[0] == ' ' || rest.p[0] == '\t') {
    const struct str word = str_trim(rest);
    return word.n && !digit(word.p[0]) && !begins_with(word, counts, ARRAY_LEN(counts), &m) ? n : 0;
  }
  /* "3某公司" is the third where two stand above it */
  return v == next && !begins_with(rest, counts, ARRAY_LEN(counts), &m) ? n : 0;
}

/* ---- heads of messages ---- */

static size_t clock_at(struct str s) {
  size_t n = 0, groups = 0;
  while (n < s.n && digit(s.p[n])) {
    const size_t from = n;
    while (n < s.n && digit(s.p[n])) n++;
    if (n - from > 2) return 0;
    groups++;
    if (n < s.n && s.p[n] == ':')
      n++;
    else
      break;
  }
  return groups >= 2 ? n : 0;
}

/* "张三 9:03:11", "2020-05-08 09:03:11 张三(12345)": who wrote, and when. */
static bool message_head(struct str line) {
  for (size_t at = 0; at < line.n; at++) {
    const bool edge = at == 0 || line.p[at - 1] == ' ' || line.p[at - 1] == ')';
    const size_t n = edge ? clock_at(str_sub(line, at, line.n)) : 0;
    if (!n) continue;
    struct str tail = str_trim(str_sub(line, at + n, line.n));
    if (tail.n && tail.p[0] == ':') tail = str_trim(str_sub(tail, 1, tail.n));
    if (!tail.n) return true;
    /* a date before the hour, a number in brackets behind the name */
    const struct str before = str_sub(line, 0, at);
    const bool date = before.n >= 8 && digit(before.p[0]) && digit(before.p[3]) &&
                      (before.p[4] == '-' || before.p[4] == '/');
    return date && (tail.p[tail.n - 1] == ')' || str_find_char(tail, ' ') == (size_t)-1);
  }
  return false;
}

/* ---- entries ---- */

static struct relay_entry *open_entry(const struct lines *l) {
  return l->entry_from == SIZE_MAX ? NULL : &l->out->entries[l->out->n - 1];
}

static void same_as_above(struct lines *l, struct relay_entry *e) {
  if (!e->ditto || e->n_values || l->out->n < 2) return;
  const struct relay_entry *above = &l->out->entries[l->out->n - 2];
  e->n_values = above->n_values;
  memcpy(e->values, above->values, sizeof e->values);
  for (size_t i = 0; i < e->n_values; i++) e->values[i].inferred = true;
  e->nil = above->nil;
  e->no_change = above->no_change;
  e->normal = above->normal;
}

static void close_entry(struct lines *l, size_t to) {
  struct relay_entry *e = open_entry(l);
  if (!e) return;
  relay_scan(l->a, str_trim(str_sub(l->text, l->entry_from, to - l->entry_from)), l->boxes,
             l->n_boxes, &l->order, e);
  same_as_above(l, e);
  l->entry_from = SIZE_MAX;
}

static void begin_entry(struct lines *l, size_t from, size_t line, int64_t number,
                        bool correction) {
  if (l->out->n == RELAY_ENTRIES) {
    l->out->cut = true;
    return;
  }
  l->out->entries[l->out->n++] =
      (struct relay_entry){.number = number, .line = line, .correction = correction};
  l->entry_from = from;
}

/* Only goes on with figures: a box's word stands first, or a phrase. */
static bool goes_on(const struct lines *l, struct str line) {
  struct relay_entry e = {.n_head = 0};
  relay_scan(l->a, line, l->boxes, l->n_boxes, NULL, &e);
  return e.n_head == 0 && (e.n_values || e.normal || e.nil || e.no_change || e.n_unclear);
}

static size_t correction_word(struct str line) {
  static const char *const words[] = {"更正", "更改", "修正", "订正", "改为", "补报", "重报"};
  size_t n = 0;
  return begins_with(line, words, ARRAY_LEN(words), &n) ? n : 0;
}

static bool is_example(struct str line) {
  static const char *const words[] = {"例", "示例", "样例", "格式", "模板", "举例", "参考"};
  size_t n;
  return begins_with(line, words, ARRAY_LEN(words), &n);
}

static void heading(struct lines *l, struct str line) {
  relay_scan_order(line, l->boxes, l->n_boxes, &l->order);
  l->out->n_heading++;
}

static void take_line(struct lines *l, struct str line, size_t line_no) {
  const size_t from = (size_t)(line.p - l->text.p);
  int64_t number = 0;
  const size_t numbered = line_number(line, l->last_number + 1, &number);
  const struct str body = str_trim(str_sub(line, numbered, line.n));
  const size_t correction = correction_word(body);
  const bool about_it = !numbered && str_find(line, S("接龙")) != (size_t)-1;
  if (line.p[0] == '#' || about_it || message_head(line)) {
    close_entry(l, from);
    heading(l, line);
    return;
  }
  if (numbered) {
    close_entry(l, from);
    l->numbered = true;
    l->last_number = number;
    if (body.n)
      begin_entry(l, (size_t)(body.p - l->text.p) + correction, line_no, number, correction > 0);
    return;
  }
  if (correction) {
    close_entry(l, from);
    begin_entry(l, from + correction, line_no, 0, true);
    return;
  }
  if (is_example(line)) {
    close_entry(l, from);
    heading(l, line);
    return;
  }
  if (open_entry(l) && (l->numbered || goes_on(l, line))) return; /* it grows by this line */
  close_entry(l, from);
  begin_entry(l, from, line_no, 0, false);
}

/* In a numbered relay what stands above the first number is a heading; where nothing is numbered
 * the lines that name boxes without figures are. */
static bool anything_numbered(const struct lines *l) {
  struct str rest = l->text;
  int64_t v, next = 1;
  while (rest.p) {
    const struct str line = str_trim(str_split(&rest, '\n'));
    if (line.n && !message_head(line) && line_number(line, next, &v)) return true;
  }
  return false;
}

static bool only_names_boxes(const struct lines *l, struct str line) {
  struct relay_order order = {.n = 0};
  relay_scan_order(line, l->boxes, l->n_boxes, &order);
  return order.n >= 2;
}

static struct str nth_line(struct str text, size_t n) {
  struct str line = str_split(&text, '\n');
  while (n-- > 1 && text.p) line = str_split(&text, '\n');
  return str_trim(line);
}

/* As it was written, for whoever reads the preview. */
static void own_words(struct lines *l) {
  const struct relay *r = l->out;
  struct str rest = l->raw;
  size_t no = 1;
  for (size_t i = 0; i < r->n; i++) {
    struct relay_entry *e = &r->entries[i];
    while (no < e->line && rest.p) {
      str_split(&rest, '\n');
      no++;
    }
    const size_t next = i + 1 < r->n ? r->entries[i + 1].line : SIZE_MAX;
    struct str upto = rest;
    size_t taken = 0;
    for (size_t k = no; upto.p && k < next && taken < 2000; k++) {
      const struct str line = str_split(&upto, '\n');
      taken = (size_t)(line.p - rest.p) + line.n;
    }
    e->text = str_trim(str_sub(rest, 0, taken < 2000 ? taken : nth_line(rest, 1).n));
  }
}

static void take_all(struct lines *l) {
  const bool numbered = anything_numbered(l);
  struct str rest = l->text;
  while (rest.p) {
    const struct str line = str_trim(str_split(&rest, '\n'));
    int64_t v;
    l->out->n_lines++;
    if (!line.n) {
      if (!numbered)
        close_entry(l, (size_t)((rest.p ? rest.p : l->text.p + l->text.n) - l->text.p));
      continue;
    }
    const bool before_first = numbered && !l->numbered && !line_number(line, 1, &v);
    if (before_first || (!numbered && only_names_boxes(l, line))) {
      close_entry(l, (size_t)(line.p - l->text.p));
      heading(l, line);
      continue;
    }
    take_line(l, line, l->out->n_lines);
  }
  close_entry(l, l->text.n);
}

int relay_read(struct arena *a, struct str text, const struct relay_box *boxes, size_t n_boxes,
               struct relay *ret, struct err *e) {
  *ret = (struct relay){.n = 0};
  if (text.n > RELAY_TEXT) return err_set(e, E_TOO_LARGE, "the text is too long");
  ret->entries = arena_array(a, struct relay_entry, RELAY_ENTRIES);
  if (!ret->entries) return err_set(e, E_NOMEM, "no memory for a relay");
  struct lines l = {.a = a,
                    .boxes = boxes,
                    .n_boxes = n_boxes < RELAY_BOXES ? n_boxes : RELAY_BOXES,
                    .raw = text,
                    .text = relay_normal(a, text),
                    .out = ret,
                    .entry_from = SIZE_MAX};
  if (l.text.n) take_all(&l);
  own_words(&l);
  return arena_failed(a) ? err_set(e, E_NOMEM, "no memory for a relay") : 0;
}
