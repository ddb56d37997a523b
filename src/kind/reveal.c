#include "kind/inner.h"

/* Opening sealed fields is a command: that somebody read them is durable before he does. */

enum { REASON_CHARS = 200 };

static void parse(struct reveal *rv) {
  const size_t chars = str_utf8_len(str_trim(rv->reason));
  problems_init(&rv->problems, rv->a);
  rv->n_opened = 0;
  rv->opened = arena_array(rv->a, int, rv->kind->n_fields);
  if (chars == (size_t)-1)
    problem_add(&rv->problems, PROBLEM_bad_utf8, S("reason"));
  else if (chars == 0)
    problem_add(&rv->problems, PROBLEM_required, S("reason"));
  else if (chars > REASON_CHARS)
    problem_limit(&rv->problems, PROBLEM_too_long, S("reason"), REASON_CHARS);
  for (struct str rest = rv->fields; rest.p;) {
    struct str name = str_trim(str_split(&rest, ','));
    int f = 0;
    bool twice = false;
    if (name.n == 0) continue;
    const bool known = field_find(rv->kind, name, &f);
    for (size_t i = 0; i < rv->n_opened; i++) twice = twice || (known && rv->opened[i] == f);
    if (!known || !(rv->kind->fields[f].flags & (FF_SEALED | FF_PERSONAL)))
      problem_text(&rv->problems, PROBLEM_unknown_field, S("fields"), (struct str){0}, name,
                   (struct str){0});
    else if (!twice)
      rv->opened[rv->n_opened++] = f;
  }
  if (rv->n_opened == 0 && !problems_any(&rv->problems))
    problem_add(&rv->problems, PROBLEM_required, S("fields"));
}

static int run_reveal(struct tx *tx, void *arg, struct err *e) {
  struct reveal *rv = arg;
  struct registry *en = rv->en;
  struct record *rec;
  int r = record_get(tx, rv->a, rv->viewer, rv->kind, &rv->id, &rec, e);
  if (r < 0) return r;
  if (!record_may(rv->viewer, rec, kind_right(rv->kind, VERB_REVEAL)))
    return err_field(e, E_FORBIDDEN, "no right to see sealed fields here", rv->kind->name);
  parse(rv);
  if (problems_any(&rv->problems)) return err_set(e, E_INVALID, "the request has problems");
  for (size_t i = 0; i < rv->n_opened; i++)
    if ((r = record_plain(en->sealer, rec, rv->opened[i], rv->a, e)) < 0) return r;
  struct buf names = BUF_INIT(KIB(4));
  for (size_t i = 0; i < rv->n_opened; i++)
    buf_printf(&names, "%s%s", i ? "," : "", rv->kind->fields[rv->opened[i]].name);
  struct str fields = arena_dup(rv->a, buf_str(&names));
  buf_done(&names);
  for (size_t i = 0; i < en->n_observers && r >= 0; i++) {
    const struct change_observer *o = &en->observers[i];
    if (o->revealed) r = o->revealed(tx, rv->viewer, rec, fields, str_trim(rv->reason), o->arg, e);
  }
  if (r < 0) return r;
  if (arena_failed(rv->a)) return err_set(e, E_NOMEM, "no memory for the values");
  rv->rec = rec;
  return 0;
}

const struct cmd_class reveal_cmd = {.name = "reveal", .run = run_reveal};
