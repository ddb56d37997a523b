/* What the product brings along: return templates and checklists as data (data/shipped), put
 * into an operation by whoever may make such records there, as records like any others. The words
 * take parameters (the town, the province, days), so that another place can use them. Everything of
 * one taking lives in its arena; the tables are static. */
#ifndef DOMAIN_ENTERPRISES_SHIPPED_H
#define DOMAIN_ENTERPRISES_SHIPPED_H

#include "core/app.h"

struct shipped_file {
  const char *code;
  const char *text;
  const size_t *n;
};
extern const struct shipped_file shipped_files[]; /* ends with {NULL} */

enum { SHIPPED_PARTS = 160 };
struct shipped {
  struct app *app;
  struct arena *a;
  const struct viewer *viewer;
  const char *source; /* for the audit */
  struct str code, unit;
  struct str from;    /* empty: as in the file */
  json_t *parameters; /* name → text; may be NULL */
  bool publish;       /* templates only: also published */
  struct problems problems;
  /* After shipped_read: */
  const struct kind *kind;
  struct uuid id;
  struct change *parts[SHIPPED_PARTS]; /* the record, what belongs to it, and its publication */
  size_t n;
};
/* Reads the file and makes the changes: -E_NOT_FOUND for an unknown code, -E_INVALID with
 * s->problems, -E_FORBIDDEN where the viewer may not make such records. */
_must_check_ int shipped_read(struct shipped *s, struct err *e);
/* The command: all of it or nothing. `arg` is the struct shipped. */
extern const struct cmd_class shipped_cmd;
/* {"items":[{"code","kind","name_zh","name_en","source_zh",…,"fields","boxes","parameters"}]} */
_must_check_ int shipped_list(struct arena *a, struct jw *w, struct err *e);

int shipped_list_get(struct rq *rq, struct jw *w, struct err *e);
int shipped_take_post(struct rq *rq, struct err *e);

#endif
