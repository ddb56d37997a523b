/* The code of a gate's poster, for scanning the other way round: /g/CODE. It says which post, under
 * a MAC of the installation, so that nobody makes up a gate; it is no secret and lasts as long as
 * the post. Pure but for the keys; any thread. */
#ifndef DOMAIN_GATE_GATE_CODE_H
#define DOMAIN_GATE_GATE_CODE_H

#include "app/app.h"

enum { GATE_CODE_TEXT = 33 };

void gate_code_write(struct app *app, const struct uuid *post, char out[GATE_CODE_TEXT]);
/* False where it is none of ours; letters of either case, I and L as 1, O as 0. */
bool gate_code_read(struct app *app, struct str code, struct uuid *ret_post);
/* What the guard's phone and the resident's show for the same gate on the same day: a number of 0
 * to 99 that turns into a colour and a pattern, so that yesterday's picture is seen through. */
int gate_code_sign_of_day(struct app *app, const struct uuid *post, int32_t day);

#endif
