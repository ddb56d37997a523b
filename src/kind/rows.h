/* What is wrong with the rows of the tables that make up the product: each check adds a sentence
 * that names area, file, row and the string, and goes on, so that all wrong rows are said at once.
 * Used at start, before threads, and by the tests; whoever makes a `struct rows` ends it. */
#ifndef KIND_ROWS_H
#define KIND_ROWS_H

#include "kind/kind.h"

struct rows {
  struct buf text; /* one sentence to a line */
  size_t wrong;
  const char *area, *file; /* whose rows are being looked at */
};
void rows_init(struct rows *rs);
void rows_done(struct rows *rs);
/* What follows is of this area, whose rows stand in this file (__FILE__; NULL where not known). */
void rows_of(struct rows *rs, const char *area, const char *file);
/* `gate (src/domain/gate/gate.c): section "visitors": no right is called "gate_evnt.read"` */
void rows_wrong(struct rows *rs, const char *type, const char *row, const char *fmt, ...)
    _printf_(4, 5);
/* Says every sentence in the log; 0, or -E_BUG where there is any. Ends it. */
_must_check_ int rows_verdict(struct rows *rs, struct err *e);

/* Pieces that several checks share; each says what it finds. */
void rows_labels(struct rows *rs, const char *type, const char *row, const char *zh,
                 const char *en);
/* A right's name that must exist; NULL is for the caller to judge. */
void rows_right(struct rows *rs, const char *type, const char *row, const char *right);
/* "a b c": calls for each word that is not empty. */
void rows_words(const char *list, char sep, void (*fn)(void *arg, struct str word), void *arg);
/* lower case, digits, "_" and "-", beginning with a letter, at most 40 */
bool rows_name_ok(const char *name);

/* Registers the kinds and rights (registry.c). */
void kinds_register(const struct kind *const *kinds, const char *const *more_rights,
                    struct rows *rs);
void kinds_forget(void);
/* The same, and looks at every row of every kind: kinds_init's first half (kind_rows.c). */
void kinds_check(const struct kind *const *kinds, const char *const *more_rights, struct rows *rs);

#endif
