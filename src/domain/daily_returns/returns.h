/* The taking of one return, whoever sends it (clerk by link, caller, import). Its questions are a
 * form (forms/forms.h), of which a reader holds a reference for the time of its request
 * (template_set_unref). All else lives in the arena of its command. */
#ifndef DOMAIN_DAILY_RETURNS_RETURNS_H
#define DOMAIN_DAILY_RETURNS_RETURNS_H

#include "domain/daily_returns/prefill.h"
#include "domain/daily_returns/return_version.h"

struct submission {
  struct app *app;
  struct arena *a;
  const struct viewer *viewer;
  const char *source; /* for the audit: "api", "link", "import" … */
  struct uuid id;     /* of the version: the same again is answered as the first time */
  struct uuid enterprise;
  struct str template_code; /* empty: the only one in force */
  int32_t day;
  int64_t at_ms;
  struct str channel;
  struct uuid taker; /* nil: nobody (by link) */
  json_t *values;    /* may be NULL */
  bool nil, no_change, draft;
  int reminder; /* -1: not said */
  struct str prevention, note;
  bool dry; /* look only: problems and values, nothing is kept */
  struct problems problems;
  /* Results. */
  struct uuid row, version;
  struct change *sent; /* what was said under the id; NULL without one */
  struct str receipt, result_values;
  int64_t number;
  bool late, beside, replayed;
};
/* -E_INVALID with s->problems; -E_NOT_FOUND where the enterprise is not his; -E_STATE where no
 * return is due. */
extern const struct cmd_class submission_cmd;
_must_check_ int submission_run(struct tx *tx, struct submission *s, struct err *e);

#endif
