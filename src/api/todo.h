/* The viewer's own open work, of every kind whose row says whose it is (`struct owner`), in the
 * order in which it is due. Read where the request is; everything lives in the request's arena. */
#ifndef API_TODO_H
#define API_TODO_H

#include "api/api.h"

/* GET todo?kind=&limit=&after= */
int todo_answer(struct rq *rq, struct jw *w, struct err *e);
/* Writes members "items", "next" and "counts" into the open object, from the beginning. */
_must_check_ int todo_write(struct rq *rq, struct tx *tx, struct jw *w, struct err *e);

#endif
