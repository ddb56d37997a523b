/* What the gate says to a pass, worked out here for the desk and for scanning the other way round:
 * the same rules, words and order as on the phone (docs/passes.md), over the records instead of the
 * phone's working copy. Runs inside a read or write transaction; results lie in the arena. */
#ifndef DOMAIN_GATE_VERDICT_H
#define DOMAIN_GATE_VERDICT_H

#include "domain/gate/passes.h"

enum { PASS_REPLAY_MS = 60000 };

struct gate_question {
  int64_t op;
  int32_t unit; /* the gate's community */
  bool out;
  struct str code, number; /* one of them */
  int64_t now_ms;
  const struct zone *zone;
};

struct gate_answer {
  const struct choice *verdict; /* of gate_verdicts */
  struct record *pass;          /* NULL where none was found; also of a void one */
  struct pass_claims claims;    /* of a code that is signed */
  bool has_claims;
  int64_t last_ms; /* the pass's last passage; 0: none known */
  bool last_out;
  int32_t next_day;        /* `used`: from when the household may go again; else 0 */
  int64_t overdue_minutes; /* back later than allowed by so many minutes since the exit; else 0 */
};

const struct choice *gate_verdict(const char *code);
_must_check_ int gate_judge(struct tx *tx, struct app *app, struct arena *a,
                            const struct gate_question *q, struct gate_answer *ret, struct err *e);

#endif
