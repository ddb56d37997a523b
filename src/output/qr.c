#include "output/qr.h"
#include <errno.h>
#include <qrencode.h>
#include <stdlib.h>

enum { QR_TEXT_MAX = 4296 }; /* digits and capitals at the lowest level */

static int too_large_or(int sys, struct err *e) {
  if (sys == ERANGE) return err_field(e, E_TOO_LARGE, "qr_text", "qr");
  if (sys == ENOMEM) return err_set(e, E_NOMEM, "qr");
  return err_sys(e, E_INVALID, "qr_text", sys);
}

int qr_encode(struct str text, enum qr_level level, struct qr *ret_qr, struct err *e) {
  static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
  if (text.n == 0 || memchr(text.p, 0, text.n)) return err_set(e, E_INVALID, "qr_text");
  if (text.n > QR_TEXT_MAX) return err_field(e, E_TOO_LARGE, "qr_text", "qr");
  char *z = strndup(text.p, text.n);
  if (!z) return err_set(e, E_NOMEM, "qr");
  QRcode *code = QRcode_encodeString(z, 0, levels[level], QR_MODE_8, 1);
  int sys = errno;
  free(z);
  if (!code) return too_large_or(sys, e);
  *ret_qr = (struct qr){.n = (unsigned)code->width};
  for (unsigned i = 0; i < ret_qr->n * ret_qr->n; i++)
    if (code->data[i] & 1) ret_qr->bits[i / 8] |= (uint8_t)(1u << i % 8);
  QRcode_free(code);
  return 0;
}

bool qr_dark(const struct qr *q, unsigned x, unsigned y) {
  if (x >= q->n || y >= q->n) return false;
  unsigned i = y * q->n + x;
  return q->bits[i / 8] >> i % 8 & 1;
}

void qr_svg(const struct qr *q, unsigned pixels, struct buf *out) {
  unsigned side = q->n + 2 * QR_QUIET;
  buf_printf(out,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" "
             "viewBox=\"0 0 %u %u\" shape-rendering=\"crispEdges\">"
             "<path fill=\"#fff\" d=\"M0 0h%uv%uH0z\"/><path fill=\"#000\" d=\"",
             pixels, pixels, side, side, side, side);
  for (unsigned y = 0; y < q->n; y++)
    for (unsigned x = 0; x < q->n;) {
      unsigned from = x;
      while (qr_dark(q, x, y)) x++;
      if (x > from)
        buf_printf(out, "M%u %uh%uv1h-%uz", from + QR_QUIET, y + QR_QUIET, x - from, x - from);
      else
        x++;
    }
  buf_lit(out, "\"/></svg>");
}
