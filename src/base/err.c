#include "base/err.h"
#include <stdio.h>

static const struct {
  enum err_class class;
  int http;
  const char *name, *zh, *en;
} errors[E_COUNT_] = {[E_OK] = {ERR_CALLER, 200, "ok", "好", "OK"},
#define X(code, class, http, name, zh, en) [code] = {ERR_##class, http, name, zh, en},
                      ERR_TABLE(X)
#undef X
};

static int known(int code) {
  if (code < 0) code = -code;
  return code < E_COUNT_ ? code : E_BUG;
}

void err_fill(struct err *e, int code, const char *what, const char *field, int sys,
              const char *file, int line) {
  if (e) {
    *e = (struct err){.code = code, .what = what, .sys = sys, .file = file, .line = line};
    if (field) snprintf(e->field, sizeof e->field, "%s", field);
  }
}

int err_http(int code) {
  return errors[known(code)].http;
}
enum err_class err_class(int code) {
  return errors[known(code)].class;
}
const char *err_name(int code) {
  return errors[known(code)].name;
}
const char *err_text(int code, bool zh) {
  return zh ? errors[known(code)].zh : errors[known(code)].en;
}
