#include "base/log.h"
#include "base/limits.h"
#include "base/timeutil.h"
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static _Atomic int lowest = LOG_INFO;

void log_set_level(enum log_level level) {
  atomic_store(&lowest, (int)level);
}

void log_line(enum log_level level, const char *what, const char *fmt, ...) {
  static const char *const names[] = {"debug", "info", "warn", "error"};
  char line[LIMIT_LOG_LINE];
  if ((int)level < atomic_load(&lowest)) return;
  int64_t now = machine_now_ms();
  time_t s = (time_t)(now / 1000);
  struct tm tm;
  gmtime_r(&s, &tm);
  size_t n = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &tm);
  n += (size_t)snprintf(line + n, sizeof line - n, ".%03dZ %s %s ", (int)(now % 1000), names[level],
                        what);
  va_list ap;
  va_start(ap, fmt);
  int more = vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
  va_end(ap);
  if (more > 0) n += (size_t)more;
  if (n > sizeof line - 2) n = sizeof line - 2;
  for (size_t i = 0; i < n; i++)
    if (line[i] == '\n' || line[i] == '\r') line[i] = ' ';
  line[n++] = '\n';
  /* one write per line keeps lines of several threads apart; a full pipe must not stop us */
  ssize_t done = write(STDERR_FILENO, line, n);
  (void)done;
}

void log_err(enum log_level level, const char *what, const struct err *e) {
  log_line(level, what, "error=%s what=\"%s\" field=\"%s\" sys=%d at=%s:%d", err_name(e->code),
           e->what ? e->what : "", e->field, e->sys, e->file ? e->file : "", e->line);
}
