#include "auth/invite_sheet.h"

enum { GROUP = 5, COLUMNS = 2, ROWS = 5 };

struct str invite_code_groups(struct arena *a, const char *code) {
  char *out = arena_alloc(a, AUTH_CODE_TEXT + AUTH_CODE_TEXT / GROUP + 1);
  size_t n = 0;
  for (size_t i = 0; code[i]; i++) {
    if (i && i % GROUP == 0) out[n++] = '-';
    out[n++] = code[i];
  }
  return (struct str){out, n};
}

struct str invite_link(struct arena *a, struct str base, const char *code) {
  while (base.n && base.p[base.n - 1] == '/') base.n--;
  return arena_printf(a, STR_FMT "/i/%s", STR_ARG(base), code);
}

static void card(const struct invite_sheet *s, struct pdf *p, const struct auth_invitation *x) {
  const struct unit_row *u = x->unit ? unit_by_no(s->tree, x->unit) : NULL;
  char day[DAY_TEXT];
  day_format(zone_day(s->zone, x->expires_ms, NULL), day);
  struct pdf_pair pairs[] = {
      {s->zh ? S("单位") : S("Unit"), u ? u->name : S("")},
      {s->zh ? S("登录名") : S("Login"), x->login},
      {s->zh ? S("邀请码") : S("Code"), invite_code_groups(s->a, x->code)},
  };
  struct str note = s->zh
                        ? arena_printf(s->a, "扫码或输入邀请码设置密码，%s 前有效，只能用一次", day)
                        : arena_printf(s->a,
                                       "Scan or type the code to set a password; once only, "
                                       "until %s",
                                       day);
  struct pdf_card c = {.title = x->name,
                       .pairs = pairs,
                       .n_pairs = ARRAY_LEN(pairs),
                       .qr = invite_link(s->a, s->base, x->code),
                       .note = note};
  pdf_card(p, &c);
}

void invite_sheet_write(const struct invite_sheet *s, struct pdf *p, struct buf *json) {
  struct pdf_options o = {.title = s->zh ? S("守望 邀请单") : S("Shouwang invitations"),
                          .created_ms = s->now_ms,
                          .zh = s->zh,
                          .margin_mm = 10};
  pdf_begin(p, json, &o);
  pdf_cards_begin(p, COLUMNS, ROWS);
  for (size_t i = 0; i < s->n; i++) card(s, p, &s->items[i]);
  pdf_cards_end(p);
  pdf_end(p);
}

int invite_sheet_pdf(const struct invite_sheet *s, struct buf *out, struct err *e) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  struct pdf p;
  invite_sheet_write(s, &p, &json);
  if (arena_failed(s->a)) return err_set(e, E_NOMEM, "no memory for the sheet");
  return pdf_render(&p, out, e);
}
