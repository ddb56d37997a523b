/* What the files of forms/ share: the hooks of the four kinds, and the snapshot's start and stop.
 * Hooks run inside the transaction of their change; the rest on the main thread. */
#ifndef FORMS_FORMS_INNER_H
#define FORMS_FORMS_INNER_H

#include "forms/forms.h"

void return_template_check(const struct change *c, const struct record *old, struct record *rec,
                           struct problems *ps);
int return_template_apply(struct tx *tx, struct change *c, const struct record *old,
                          struct record *rec, struct problems *ps, struct err *e);
void template_field_check(const struct change *c, const struct record *old, struct record *rec,
                          struct problems *ps);
int template_part_apply(struct tx *tx, struct change *c, const struct record *old,
                        struct record *rec, struct problems *ps, struct err *e);

/* form_snapshot.c */
enum { FORM_ITEMS_READ = TEMPLATE_FIELDS_MAX + 1 }; /* one more than may be */
/* A template's boxes in their order, formulas not parsed; at most FORM_ITEMS_READ. */
_must_check_ int form_items_read(struct tx *tx, struct arena *a, const struct uuid *form,
                                 struct template_item **ret_items, size_t *ret_n, struct err *e);
extern const struct snapshot_type *const form_snapshots[]; /* ends with NULL */

#endif
