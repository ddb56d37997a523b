#include "intake/taking.h"
#include <semaphore.h>

enum { FLIGHT = 64 };

/* ---- one row ---- */

struct one {
  struct cmd cmd;
  struct reading *r;
  struct reading_row *row;
  const struct taken *to;
  struct str channel;
  bool again;
  sem_t *done;
};

static int one_run(struct tx *tx, void *arg, struct err *e) {
  struct one *o = arg;
  return o->r->area->take(tx, o->r, o->row, &o->to->import, o->channel, &o->again, e);
}
static const struct cmd_class one_cmd = {.name = "intake_take", .run = one_run};

static void one_done(struct cmd *c) {
  sem_post(((struct one *)c->owner)->done);
}

/* ---- all of them ---- */

static int fly(struct reading *r, struct one *flight, size_t n, struct taken *ret, struct err *e) {
  sem_t done;
  size_t sent = 0;
  int x = 0;
  sem_init(&done, 0, 0);
  for (; sent < n && x >= 0; sent++) {
    flight[sent].done = &done;
    flight[sent].cmd = (struct cmd){.cls = &one_cmd,
                                    .arg = &flight[sent],
                                    .owner = &flight[sent],
                                    .priority = CMD_BULK,
                                    .done = one_done};
    x = writer_submit(r->app->writer, &flight[sent].cmd, e);
    if (x < 0) break;
  }
  for (size_t i = 0; i < sent; i++) sem_wait(&done);
  sem_destroy(&done);
  for (size_t i = 0; i < sent && x >= 0; i++) {
    const int result = flight[i].cmd.result;
    struct reading_row *row = flight[i].row;
    if (result >= 0) {
      row->status = ROW_TAKEN;
      ret->taken += !flight[i].again;
      ret->again += flight[i].again;
    } else if (err_class(result) == ERR_CALLER) {
      /* somebody was quicker: to be looked at again, never written over */
      row->status = result == -E_CONFLICT ? ROW_CHECK : ROW_WRONG;
      ret->refused++;
    } else {
      *e = flight[i].cmd.err;
      x = result;
    }
  }
  return x;
}

static bool to_take(const struct reading_row *row) {
  return row->status == ROW_READY || (row->status == ROW_CHECK && row->looked);
}

static int take_all(struct reading *r, struct str channel, struct taken *ret, struct err *e) {
  struct one *flight = arena_array(r->a, struct one, FLIGHT);
  size_t n = 0;
  int x = 0;
  if (!flight) return err_set(e, E_NOMEM, "no memory for rows");
  for (size_t i = 0; i < r->n && x >= 0; i++) {
    if (to_take(&r->rows[i]))
      flight[n++] = (struct one){.r = r, .row = &r->rows[i], .to = ret, .channel = channel};
    else if (r->rows[i].status == ROW_TAKEN || r->rows[i].status == ROW_SAME)
      ret->again++;
    else
      ret->refused++;
    if (n < FLIGHT && i + 1 < r->n) continue;
    if (n) x = fly(r, flight, n, ret, e);
    n = 0;
  }
  return x;
}

int taking_run(struct reading *r, struct str channel, struct str filename, struct taken *ret,
               struct err *e) {
  bool any = false;
  *ret = (struct taken){.taken = 0};
  for (size_t i = 0; i < r->n; i++) any |= to_take(&r->rows[i]);
  if (!any) return take_all(r, channel, ret, e);
  int x = import_begin(r->app, r->viewer, r->a, r->area->kind, filename, &ret->import, e);
  if (x < 0) return x;
  x = take_all(r, channel, ret, e);
  const struct import_counts n = {
      .rows = (int64_t)r->n, .created = ret->taken, .unchanged = ret->again, .bad = ret->refused};
  struct err own = {0};
  const int y = import_end(r->app, r->viewer, r->a, &ret->import, &n, x >= 0, &own);
  if (x >= 0 && y < 0) {
    *e = own;
    return y;
  }
  return x;
}
