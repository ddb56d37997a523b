/* What somebody answers to a question of a form, or of a checklist: against its type, its choices
 * and its limits. Problems land under the path given, in the arena of `ps`. Any thread. */
#ifndef FORMS_ANSWER_H
#define FORMS_ANSWER_H

#include "forms/forms.h"

/* Nothing said: absent, null, or words without any. */
bool answer_empty(const json_t *answer);
/* One that is not empty. */
bool answer_ok(struct problems *ps, struct str path, const struct template_item *it,
               const json_t *answer);
/* A number, wherever it was said, within the question's limits? */
bool answer_within(struct problems *ps, struct str path, const struct template_item *it, double n);
/* Every member of the object is asked that day; "values.CODE" for who is a stranger. */
void answers_known(struct problems *ps, const char *under, const json_t *answers,
                   const struct template_item *items, size_t n, int32_t day);

#endif
