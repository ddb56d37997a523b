/* QR codes: text to modules, and modules to SVG. The struct holds all of it, nothing is allocated
 * behind it. Upper-case letters, digits and " $%*+-./:" are packed as alphanumeric, so tokens in
 * base45 or in upper-case hex make smaller codes. Safe from any thread. */
#ifndef OUTPUT_QR_H
#define OUTPUT_QR_H

#include "base/buf.h"
#include "base/err.h"

enum { QR_MODULES_MAX = 177, QR_QUIET = 4 /* modules of white around it */ };
enum qr_level { QR_LOW, QR_MEDIUM, QR_QUARTILE, QR_HIGH };

struct qr {
  unsigned n; /* modules a side, without the quiet zone */
  uint8_t bits[(QR_MODULES_MAX * QR_MODULES_MAX + 7) / 8];
};

/* Errors: -E_TOO_LARGE (more than a code holds), -E_INVALID (empty, or with a NUL), -E_NOMEM. */
_must_check_ int qr_encode(struct str text, enum qr_level level, struct qr *ret_qr, struct err *e);
bool qr_dark(const struct qr *q, unsigned x, unsigned y);
/* One path, black on white, with the quiet zone; `pixels` is its width and height. */
void qr_svg(const struct qr *q, unsigned pixels, struct buf *out);

#endif
