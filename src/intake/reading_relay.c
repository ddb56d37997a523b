#include "intake/reading.h"

/* A chat relay as rows: its words to boxes, its heads to names. */

static bool has_word(const struct relay_box *boxes, size_t n, struct str word) {
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < boxes[i].n_words; k++)
      if (str_eq(boxes[i].words[k], word)) return true;
  return false;
}

/* The first box that claims a word has it. */
static void add_word(struct relay_box *boxes, size_t n, size_t at, struct str word) {
  struct relay_box *b = &boxes[at];
  word = str_trim(word);
  if (word.n && b->n_words < RELAY_WORDS && !has_word(boxes, n, word))
    b->words[b->n_words++] = word;
}

static void add_words(struct relay_box *boxes, size_t n, size_t at, const char *words) {
  struct str rest = str_from(words);
  while (rest.p) add_word(boxes, n, at, str_split(&rest, '|'));
}

static struct str without_tail(struct str label) {
  static const char *const tails[] = {"人数合计", "总人数", "人数", "数"};
  for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
    const struct str tail = str_from(tails[i]);
    if (label.n > tail.n + 3 && str_ends(label, tail)) return str_sub(label, 0, label.n - tail.n);
  }
  return label;
}

size_t reading_boxes(struct reading *r, struct relay_box *boxes, size_t *items, size_t max) {
  const struct return_form *f = r->form;
  size_t n = 0;
  for (size_t i = 0; i < f->n_items && n < max; i++) {
    if (f->items[i].type != VALUE_COUNT || !form_asks(&f->items[i], r->day)) continue;
    boxes[n] = (struct relay_box){.n_words = 0};
    items[n++] = i;
  }
  /* labels before other words, so that no box loses its own name to another's synonym */
  for (size_t b = 0; b < n; b++) {
    const struct template_item *it = &f->items[items[b]];
    const struct str label = relay_normal(r->a, it->zh);
    if (it->group_zh.n)
      add_word(boxes, n, b,
               relay_normal(r->a, arena_printf(r->a, STR_FMT STR_FMT, STR_ARG(it->group_zh),
                                               STR_ARG(it->zh))));
    add_word(boxes, n, b, label);
    add_word(boxes, n, b, relay_normal(r->a, it->en));
  }
  for (size_t b = 0; b < n; b++)
    add_word(boxes, n, b, without_tail(relay_normal(r->a, f->items[items[b]].zh)));
  for (size_t b = 0; b < n; b++) {
    const struct template_item *it = &f->items[items[b]];
    for (const struct intake_words *k = r->area->words; k && k->words; k++)
      if (k->key ? str_is(it->key, k->key)
                 : !it->key.n && str_find(it->zh, str_from(k->piece)) != (size_t)-1)
        add_words(boxes, n, b, k->words);
  }
  return n;
}

/* ---- rows ---- */

struct str reading_shown(struct reading *r, struct str text, size_t most) {
  size_t n = text.n < most ? text.n : most;
  while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80) n--;
  return arena_dup(r->a, str_sub(text, 0, n));
}

static void inferred(struct reading_row *row, struct str code) {
  if (row->n_inferred < TEMPLATE_FIELDS_MAX) row->inferred[row->n_inferred++] = code;
}

static void take_values(struct reading *r, struct reading_row *row, const struct relay_entry *en,
                        const size_t *items) {
  for (size_t i = 0; i < en->n_values; i++) {
    const struct template_item *it = &r->form->items[items[en->values[i].box]];
    json_object_setn_new(row->values, it->code.p, it->code.n, json_integer(en->values[i].n));
    if (!en->values[i].inferred) continue;
    inferred(row, it->code);
    row->ditto = true; /* by its place or from above: to be looked at */
  }
  /* "无异常": what is new of the day is nought */
  for (size_t i = 0; en->normal && i < r->form->n_items; i++) {
    const struct template_item *it = &r->form->items[i];
    if (it->type != VALUE_COUNT || it->carries || it->source == SOURCE_FORMULA ||
        it->source == SOURCE_STAFF || !form_asks(it, r->day) ||
        json_object_getn(row->values, it->code.p, it->code.n))
      continue;
    json_object_setn_new(row->values, it->code.p, it->code.n, json_integer(0));
    inferred(row, it->code);
  }
}

static void release(void *j) {
  json_decref(j);
}

static int take_entry(struct reading *r, const struct relay_entry *en, const size_t *items,
                      struct err *e) {
  struct reading_row *row = &r->rows[r->n++];
  *row = (struct reading_row){.n = (int64_t)r->n,
                              .number = en->number,
                              .text = reading_shown(r, en->text, 400),
                              .values = json_object(),
                              .nil = en->nil,
                              .no_change = en->no_change && !en->nil,
                              .ditto = en->ditto,
                              .correction = en->correction};
  if (!row->values) return err_set(e, E_NOMEM, "no memory for rows");
  arena_defer(r->a, release, row->values);
  names_find(&r->names, en->head, en->n_head, &row->matches);
  if (row->matches.n == 1 && !row->matches.more) row->subject = row->matches.found[0];
  const size_t to = row->matches.n ? row->matches.to : en->n_head ? 1 : 0;
  for (size_t i = row->matches.from; i < to; i++)
    row->name = row->name.n ? arena_printf(r->a, STR_FMT " " STR_FMT, STR_ARG(row->name),
                                           STR_ARG(en->head[i]))
                            : en->head[i];
  for (size_t i = 0; i < en->n_unclear; i++) row->unclear[row->n_unclear++] = en->unclear[i];
  for (size_t i = 0; i < en->n_rest; i++) row->rest[row->n_rest++] = en->rest[i];
  take_values(r, row, en, items);
  return 0;
}

int reading_relay(struct reading *r, struct str text, struct err *e) {
  struct relay_box *boxes = arena_array(r->a, struct relay_box, RELAY_BOXES);
  size_t items[RELAY_BOXES];
  struct relay relay;
  if (!boxes) return err_set(e, E_NOMEM, "no memory for rows");
  const size_t n = reading_boxes(r, boxes, items, RELAY_BOXES);
  int x = relay_read(r->a, text, boxes, n, &relay, e);
  if (x == -E_TOO_LARGE) {
    problem_limit(&r->problems, PROBLEM_too_long, S("text"), RELAY_TEXT);
    return err_set(e, E_INVALID, "the text is too long");
  }
  for (size_t i = 0; i < relay.n && x >= 0; i++) x = take_entry(r, &relay.entries[i], items, e);
  r->n_heading = relay.n_heading;
  r->cut = relay.cut;
  return x;
}
