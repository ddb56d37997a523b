#include "kind/inner.h"

/* A change as a command of the writer. */

static int run_change(struct tx *tx, void *arg, struct err *e) {
  return change_run(tx, arg, e);
}

const struct cmd_class change_cmd = {.name = "change", .run = run_change};

const struct cmd_class *change_cmd_class(const struct change *c) {
  if (!(c->kind->flags & KF_EVENT)) return &change_cmd;
  return c->kind->applied ? &event_in_turn_cmd : &event_cmd;
}

enum cmd_priority change_priority(const struct change *c) {
  if (strcmp(c->source, "import") == 0) return CMD_BULK;
  return c->kind->flags & KF_EVENT ? CMD_GATE : CMD_NORMAL;
}

int change_do(struct change *c, struct err *e) {
  int r = change_ready(c, e);
  if (r < 0) return r;
  return writer_run(c->en->writer, change_cmd_class(c), c, change_priority(c), e);
}
