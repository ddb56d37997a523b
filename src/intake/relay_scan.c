#include "intake/relay.h"

/* One entry of a relay. A box's word takes the number behind it ("到岗12人", "到岗人数：12"), or
 * the one that stands before it with its unit ("12人到岗"); "无发热" is a nought. What stands
 * before the first figure is the head: the enterprise and the person. */

struct scan {
  struct arena *a;
  struct str text;
  size_t at;
  const struct relay_box *boxes;
  size_t n_boxes;
  struct relay_entry *e;
  bool in_head;
  size_t piece;              /* start of the words being gathered; SIZE_MAX: none */
  int64_t bare[RELAY_BOXES]; /* numbers by themselves, in order */
  struct str bare_text[RELAY_BOXES];
  size_t n_bare;
};

enum said { SAID_NIL, SAID_NO_CHANGE, SAID_NORMAL, SAID_DITTO };
static const struct {
  const char *words;
  enum said what;
} phrases[] = {
    {"零报告", SAID_NIL},
    {"0报告", SAID_NIL},
    {"零上报", SAID_NIL},
    {"均为0", SAID_NIL},
    {"均为零", SAID_NIL},
    {"全部为0", SAID_NIL},
    {"全为0", SAID_NIL},
    {"都是0", SAID_NIL},
    {"都为0", SAID_NIL},
    {"其他均无", SAID_NORMAL},
    {"其余均无", SAID_NORMAL},
    {"其余为0", SAID_NORMAL},
    {"其他为0", SAID_NORMAL},
    {"无变化", SAID_NO_CHANGE},
    {"没有变化", SAID_NO_CHANGE},
    {"没变化", SAID_NO_CHANGE},
    {"无变动", SAID_NO_CHANGE},
    {"不变", SAID_NO_CHANGE},
    {"同昨日", SAID_NO_CHANGE},
    {"同昨天", SAID_NO_CHANGE},
    {"与昨日相同", SAID_NO_CHANGE},
    {"与昨天相同", SAID_NO_CHANGE},
    {"与昨日一致", SAID_NO_CHANGE},
    {"与昨天一样", SAID_NO_CHANGE},
    {"和昨天一样", SAID_NO_CHANGE},
    {"跟昨天一样", SAID_NO_CHANGE},
    {"同前一日", SAID_NO_CHANGE},
    {"照旧", SAID_NO_CHANGE},
    {"无异常情况", SAID_NORMAL},
    {"无异常", SAID_NORMAL},
    {"没有异常", SAID_NORMAL},
    {"一切正常", SAID_NORMAL},
    {"均正常", SAID_NORMAL},
    {"都正常", SAID_NORMAL},
    {"全部正常", SAID_NORMAL},
    {"体温正常", SAID_NORMAL},
    {"正常", SAID_NORMAL},
    {"平安", SAID_NORMAL},
    {"同上", SAID_DITTO},
    {"同楼上", SAID_DITTO},
    {"+1", SAID_DITTO},
};

static struct str left(const struct scan *s) {
  return str_sub(s->text, s->at, s->text.n);
}

static size_t starts(struct str s, const char *z) {
  const struct str word = str_from(z);
  return str_starts(s, word) ? word.n : 0;
}

static bool digit(char c) {
  return c >= '0' && c <= '9';
}

/* ',' and its like, in one or in three bytes; the length of one, 0 where none stands there. */
static size_t separator(struct str s) {
  if (!s.n) return 0;
  if (s.p[0] && strchr(" \t\n,;:.=/|-_()[]{}<>~*&\"'!?#%^\\+", s.p[0])) return 1;
  return starts(s, "、");
}

/* ---- numbers ---- */

/* "12", "十二", "两"; a Chinese numeral only before a unit ("一切正常" holds no one). */
static size_t person_unit(struct str s) {
  static const char *const units[] = {"个人", "人次", "人", "名", "位", "个", "员"};
  for (size_t i = 0; i < ARRAY_LEN(units); i++)
    if (starts(s, units[i])) return starts(s, units[i]);
  return 0;
}

static int numeral(struct str s, size_t *ret_n) {
  static const char *const digits[] = {"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  *ret_n = 3;
  if (starts(s, "〇")) return 0;
  if (starts(s, "两")) return 2;
  for (int i = 0; i < 10; i++)
    if (starts(s, digits[i])) return i;
  *ret_n = 0;
  return -1;
}

static size_t chinese_number(struct str s, int64_t *ret_v) {
  int64_t sum = 0, last = 0;
  size_t at = 0, n;
  bool any = false;
  for (;;) {
    const struct str rest = str_sub(s, at, s.n);
    const int d = numeral(rest, &n);
    const int64_t times = starts(rest, "百") ? 100 : starts(rest, "十") ? 10 : 0;
    if (d >= 0) {
      last = d;
    } else if (times && sum < 1000) {
      sum += (last || any ? last : 1) * times;
      last = 0;
      n = 3;
    } else {
      break;
    }
    any = true;
    at += n;
    if (at > 24) return 0;
  }
  const size_t unit = any ? person_unit(str_sub(s, at, s.n)) : 0;
  if (!unit) return 0;
  *ret_v = sum + last;
  return at;
}

/* Digits; *ret_whole is false for a phone, a decimal, a date, a share: no count. */
static size_t digits_at(struct str s, int64_t *ret_v, bool *ret_whole) {
  size_t n = 0;
  int64_t v = 0;
  while (n < s.n && digit(s.p[n])) {
    if (n < 9) v = v * 10 + (s.p[n] - '0');
    n++;
  }
  if (!n) return 0;
  *ret_v = v;
  *ret_whole = n <= 6;
  const struct str rest = str_sub(s, n, s.n);
  const bool joins =
      rest.n > 1 && (rest.p[0] == '.' || rest.p[0] == '/' || rest.p[0] == '-') && digit(rest.p[1]);
  const bool clock = rest.n > 2 && rest.p[0] == ':' && digit(rest.p[1]) && digit(rest.p[2]);
  if (joins || clock) {
    size_t m = n + 1;
    while (m < s.n &&
           (digit(s.p[m]) || (m + 1 < s.n && memchr("./-:", s.p[m], 4) && digit(s.p[m + 1]))))
      m++;
    *ret_whole = false;
    n = m;
  } else {
    static const char *const no_count[] = {"月", "日", "号", "点", "楼",
                                           "层", "室", "%",  "度", "℃"};
    for (size_t i = 0; i < ARRAY_LEN(no_count); i++)
      if (starts(rest, no_count[i])) {
        n += starts(rest, no_count[i]);
        *ret_whole = false;
        break;
      }
  }
  return n;
}

/* ---- boxes ---- */

static size_t box_at(const struct scan *s, struct str text, size_t *ret_box) {
  size_t longest = 0;
  for (size_t b = 0; b < s->n_boxes; b++)
    for (size_t w = 0; w < s->boxes[b].n_words; w++) {
      const struct str word = s->boxes[b].words[w];
      if (word.n > longest && str_starts(text, word)) {
        longest = word.n;
        *ret_box = b;
      }
    }
  return longest;
}

static void piece_add(struct scan *s, struct str *list, size_t *n, size_t max, struct str piece) {
  (void)s;
  piece = str_trim(piece);
  if (piece.n && *n < max) list[(*n)++] = piece;
}

static void unclear(struct scan *s, size_t from, size_t to) {
  piece_add(s, s->e->unclear, &s->e->n_unclear, RELAY_PIECES, str_sub(s->text, from, to - from));
}

static void flush(struct scan *s) {
  if (s->piece == SIZE_MAX) return;
  const struct str piece = str_sub(s->text, s->piece, s->at - s->piece);
  if (s->in_head)
    piece_add(s, s->e->head, &s->e->n_head, RELAY_HEAD, piece);
  else
    piece_add(s, s->e->rest, &s->e->n_rest, RELAY_PIECES, piece);
  s->piece = SIZE_MAX;
}

static void set_value(struct scan *s, size_t box, int64_t n, size_t from) {
  struct relay_entry *e = s->e;
  for (size_t i = 0; i < e->n_values; i++)
    if (e->values[i].box == box) {
      if (e->values[i].n != n) unclear(s, from, s->at);
      e->values[i].n = n;
      return;
    }
  if (e->n_values < RELAY_BOXES) e->values[e->n_values++] = (struct relay_value){box, n, false};
}

/* Between a box's word and its number. */
static size_t filler(struct str s) {
  static const char *const words[] = {"人数", "职工", "员工", "情况", "共计", "合计",
                                      "人员", "总数", "为",   "是",   "有",   "共",
                                      "约",   "计",   "数",   "已",   "者"};
  size_t at = 0;
  for (size_t n = 1; n;) {
    const struct str rest = str_sub(s, at, s.n);
    n = 0;
    if (rest.n && rest.p[0] && strchr(" :=-_(,/", rest.p[0])) n = 1;
    for (size_t i = 0; !n && i < ARRAY_LEN(words); i++) n = starts(rest, words[i]);
    at += n;
  }
  return at;
}

static size_t nought(struct str s) {
  static const char *const words[] = {"没有", "暂无", "均无", "无"};
  for (size_t i = 0; i < ARRAY_LEN(words); i++) {
    const size_t n = starts(s, words[i]);
    /* not the beginning of another word */
    if (n && (n == s.n || separator(str_sub(s, n, s.n)))) return n;
  }
  return 0;
}

static size_t number_at(struct str s, int64_t *ret_v, bool *ret_whole) {
  size_t n = digits_at(s, ret_v, ret_whole);
  if (n) return n;
  *ret_whole = true;
  return chinese_number(s, ret_v);
}

/* "到岗12人", "到岗人数：12", "发热：无". */
static bool take_box(struct scan *s) {
  size_t box = 0;
  int64_t v = 0;
  bool whole = true;
  const size_t from = s->at, word = box_at(s, left(s), &box);
  if (!word) return false;
  const struct str behind = str_sub(s->text, s->at + word, s->text.n);
  const size_t gap = filler(behind);
  const struct str value = str_sub(behind, gap, behind.n);
  size_t n = number_at(value, &v, &whole);
  if (!n) {
    n = nought(value);
    v = 0;
    if (!n && s->in_head) return false; /* part of a name, or of the words before it */
  }
  flush(s);
  if (!n) {
    s->at += word;
    unclear(s, from, s->at);
    return true;
  }
  s->in_head = false;
  s->at += word + gap + n;
  if (whole) {
    set_value(s, box, v, from);
    s->at += person_unit(left(s));
  } else {
    unclear(s, from, s->at);
  }
  return true;
}

/* "无发热", "没有离京未返人员". */
static bool take_none_of(struct scan *s) {
  static const char *const words[] = {"没有", "暂无", "均无", "无"};
  size_t box = 0, n = 0;
  for (size_t i = 0; !n && i < ARRAY_LEN(words); i++) n = starts(left(s), words[i]);
  const struct str behind = str_sub(left(s), n, s->text.n);
  const size_t word = n ? box_at(s, behind, &box) : 0;
  if (!word) return false;
  flush(s);
  const size_t from = s->at;
  s->in_head = false;
  s->at += n + word;
  if (starts(left(s), "人员")) s->at += starts(left(s), "人员");
  set_value(s, box, 0, from);
  return true;
}

static bool take_phrase(struct scan *s) {
  size_t longest = 0;
  enum said what = SAID_NIL;
  for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
    const size_t n = starts(left(s), phrases[i].words);
    if (n <= longest) continue;
    longest = n;
    what = phrases[i].what;
  }
  if (!longest) return false;
  /* a name may hold such a word: "平安保险", "中国平安" */
  const struct str behind = str_sub(left(s), longest, s->text.n);
  const bool weak = longest == strlen("平安");
  if (s->in_head && weak && (s->piece != SIZE_MAX || s->e->n_head == 0)) return false;
  if (s->in_head && s->piece == SIZE_MAX && s->e->n_head == 0 && behind.n && !separator(behind))
    return false;
  flush(s);
  s->in_head = false;
  s->at += longest;
  s->e->nil |= what == SAID_NIL;
  s->e->no_change |= what == SAID_NO_CHANGE;
  s->e->normal |= what == SAID_NORMAL;
  s->e->ditto |= what == SAID_DITTO;
  return true;
}

/* A number by itself: "12人到岗", or one of a row of figures. In the head "360科技" is a name. */
static bool take_number(struct scan *s) {
  int64_t v = 0;
  bool whole = true;
  size_t box = 0;
  const size_t from = s->at, n = number_at(left(s), &v, &whole);
  if (!n) return false;
  const struct str behind = str_sub(left(s), n, s->text.n);
  const size_t unit = person_unit(behind);
  struct str after = str_sub(behind, unit, behind.n);
  after = str_sub(after, starts(after, "已") + starts(after, "正在"), after.n);
  const size_t word = whole && unit ? box_at(s, after, &box) : 0;
  if (!word && s->piece != SIZE_MAX && s->in_head) return false;
  if (!word && s->in_head && behind.n && !unit && whole && !separator(behind)) return false;
  flush(s);
  s->at += n;
  if (word) {
    s->in_head = false;
    s->at = (size_t)(after.p + word - s->text.p);
    set_value(s, box, v, from);
    return true;
  }
  if (!whole) return true; /* a phone, a date, a temperature: not taken, and not kept */
  s->at += unit;
  s->in_head = s->in_head && s->e->n_head == 0;
  if (s->n_bare < RELAY_BOXES) {
    s->bare[s->n_bare] = v;
    s->bare_text[s->n_bare++] = str_sub(s->text, from, s->at - from);
  }
  return true;
}

static void step(struct scan *s) {
  const size_t gap = separator(left(s));
  if (starts(left(s), "+1") && take_phrase(s)) return;
  if (gap) {
    flush(s);
    s->at += gap;
    return;
  }
  if (take_none_of(s) || take_phrase(s) || take_box(s) || take_number(s)) return;
  if (!s->in_head && nought(left(s)) && s->piece == SIZE_MAX) {
    s->at += nought(left(s));
    return;
  }
  uint32_t cp;
  const size_t n = relay_code_point(left(s), &cp);
  if (s->piece == SIZE_MAX) s->piece = s->at;
  s->at += n ? n : 1;
}

/* Numbers without a word: in the order that the heading names, where there are as many. */
static void place_bare(struct scan *s, const struct relay_order *order) {
  struct relay_entry *e = s->e;
  const bool fits = order && order->n && order->n == s->n_bare && e->n_values == 0;
  for (size_t i = 0; i < s->n_bare; i++) {
    if (fits)
      e->values[e->n_values++] = (struct relay_value){order->box[i], s->bare[i], true};
    else
      piece_add(s, e->unclear, &e->n_unclear, RELAY_PIECES, s->bare_text[i]);
  }
}

void relay_scan(struct arena *a, struct str text, const struct relay_box *boxes, size_t n_boxes,
                const struct relay_order *order, struct relay_entry *ret_entry) {
  struct scan s = {.a = a,
                   .text = text,
                   .boxes = boxes,
                   .n_boxes = n_boxes,
                   .e = ret_entry,
                   .in_head = true,
                   .piece = SIZE_MAX};
  while (s.at < text.n) step(&s);
  flush(&s);
  place_bare(&s, order);
  /* "某公司 无": nothing to report */
  const bool said = ret_entry->n_values || ret_entry->nil || ret_entry->no_change ||
                    ret_entry->normal || ret_entry->ditto;
  if (!said && ret_entry->n_head > 1) {
    const struct str last = ret_entry->head[ret_entry->n_head - 1];
    if (str_is(last, "无") || str_is(last, "没有") || str_is(last, "暂无")) {
      ret_entry->nil = true;
      ret_entry->n_head--;
    }
  }
}

void relay_scan_order(struct str text, const struct relay_box *boxes, size_t n_boxes,
                      struct relay_order *ret_order) {
  const struct scan s = {.text = text, .boxes = boxes, .n_boxes = n_boxes};
  struct relay_order order = {.n = 0};
  for (size_t at = 0; at < text.n;) {
    size_t box = 0;
    const size_t n = box_at(&s, str_sub(text, at, text.n), &box);
    if (digit(text.p[at])) return;
    /* named twice, places say nothing */
    for (size_t i = 0; n && i < order.n; i++)
      if (order.box[i] == box) return;
    if (n && order.n < RELAY_BOXES) order.box[order.n++] = box;
    at += n ? n : 1;
  }
  if (order.n >= 2) *ret_order = order;
}
