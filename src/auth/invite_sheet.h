/* The printed sheet of invitations: ten cards an A4 page, each with name, unit, the code in groups
 * and a QR code of its link, to be cut apart and handed out. Builds the description only; drawing
 * it takes its time (output/pdf.h). One thread. */
#ifndef AUTH_INVITE_SHEET_H
#define AUTH_INVITE_SHEET_H

#include "auth/auth.h"
#include "output/pdf.h"

struct invite_sheet {
  struct arena *a;
  const struct auth_invitation *items;
  size_t n;
  struct str base; /* "https://shouwang.example": the link is base/i/CODE */
  const struct unit_tree *tree;
  const struct zone *zone;
  int64_t now_ms;
  bool zh;
};
/* "abcd-efgh-…" for the eye; the hyphens do not matter when it is typed. */
struct str invite_code_groups(struct arena *a, const char *code);
struct str invite_link(struct arena *a, struct str base, const char *code);
/* The description; `json` needs a maximum (LIMIT_PDF_JSON). */
void invite_sheet_write(const struct invite_sheet *s, struct pdf *p, struct buf *json);
/* Renders into `out` (a buffer with its maximum). */
_must_check_ int invite_sheet_pdf(const struct invite_sheet *s, struct buf *out, struct err *e);

#endif
