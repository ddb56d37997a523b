/* A chat relay (接龙) read into entries: "1. 某公司 张三 到岗12人 无异常", in the many shapes in
 * which people write it. Only reads: which enterprise an entry means, and whether its figures may
 * stand, is for whoever asked. Nothing is guessed away: what was inferred is marked, what is not
 * understood is handed back in its own words. All of it lives in the arena given; any thread. */
#ifndef INTAKE_RELAY_H
#define INTAKE_RELAY_H

#include "base/arena.h"

enum {
  RELAY_TEXT = 200000, /* bytes */
  RELAY_ENTRIES = 1000,
  RELAY_BOXES = 80,
  RELAY_WORDS = 12, /* of one box */
  RELAY_HEAD = 8,
  RELAY_PIECES = 12
};

/* A box of the form, by the words under which people write it. Words are as relay_normal makes
 * them; the longest that fits is taken. */
struct relay_box {
  struct str words[RELAY_WORDS];
  size_t n_words;
};

struct relay_value {
  size_t box;
  int64_t n;
  bool inferred; /* by its place in the line, or from the entry above */
};
struct relay_entry {
  int64_t number; /* as the sender numbered it; 0: none */
  size_t line;    /* from 1 */
  struct str text;
  /* What stands before the figures, in pieces: the enterprise, often a person. */
  struct str head[RELAY_HEAD];
  size_t n_head;
  struct relay_value values[RELAY_BOXES];
  size_t n_values;
  bool nil, no_change;              /* 零报告; 无变化 */
  bool normal;                      /* 无异常 */
  bool ditto;                       /* 同上: the values are those of the entry above */
  bool correction;                  /* 更正 */
  struct str unclear[RELAY_PIECES]; /* figures without a box, boxes without a figure */
  size_t n_unclear;
  struct str rest[RELAY_PIECES]; /* other words behind the figures */
  size_t n_rest;
};
struct relay {
  struct relay_entry *entries;
  size_t n, n_lines, n_heading; /* lines; those above the first entry and of messages' heads */
  bool cut;                     /* there were more than RELAY_ENTRIES */
};

/* Half-width, small letters, without emoji and marks that cannot be seen; ① and 5️⃣ become
 * "1." and "5.". What is no UTF-8 becomes spaces. Doing it twice changes nothing more. */
struct str relay_normal(struct arena *a, struct str text);

/* -E_TOO_LARGE, -E_NOMEM. Text without a single entry is none: ret->n == 0. */
struct err;
_must_check_ int relay_read(struct arena *a, struct str text, const struct relay_box *boxes,
                            size_t n_boxes, struct relay *ret, struct err *e);

/* ---- shared by relay*.c ---- */

struct relay_order { /* boxes in the order of a line such as "单位 到岗 居家 发热" */
  size_t box[RELAY_BOXES];
  size_t n;
};
/* Reads one entry's normalised text into ret_entry (its text and line stay). */
void relay_scan(struct arena *a, struct str text, const struct relay_box *boxes, size_t n_boxes,
                const struct relay_order *order, struct relay_entry *ret_entry);
/* The boxes that a line without figures names. */
void relay_scan_order(struct str text, const struct relay_box *boxes, size_t n_boxes,
                      struct relay_order *ret_order);
/* One code point; its length in bytes, 0 at the end or where it is no UTF-8. */
size_t relay_code_point(struct str s, uint32_t *ret_cp);

#endif
