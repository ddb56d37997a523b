/* One line per event to standard error: time, level, what, and name=value pairs, quoted where
 * needed. Secrets and personal data never come here: callers pass ids and codes only. Lines are
 * written whole, so threads may share it; nothing is allocated. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
void log_set_level(enum log_level level);
void log_line(enum log_level level, const char *what, const char *fmt, ...) _printf_(3, 4);
#define log_info(what, ...)  log_line(LOG_INFO, (what), __VA_ARGS__)
#define log_warn(what, ...)  log_line(LOG_WARN, (what), __VA_ARGS__)
#define log_error(what, ...) log_line(LOG_ERROR, (what), __VA_ARGS__)
void log_err(enum log_level level, const char *what, const struct err *e);

#endif
