#include "cli/demo/stale.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Says whether a folder holds a demonstration, whatever program made it: the mark is all that is
 * read, and any doubt means no. */
static bool marked(const char *data) {
  const struct store_options so = {.where = data, .readers = 1, .read_only = true};
  _cleanup_(store_closep) struct store *s = NULL;
  _cleanup_(tx_endp) struct tx *tx = NULL;
  _cleanup_(cur_donep) struct cur *cur = NULL;
  struct err e = {0};
  if (store_open(&so, &s, &e) < 0 || store_read(s, &tx, &e) < 0) return false;
  if (cur_open_sql(tx, S("SELECT number FROM setting WHERE op = 0 AND name = 'demonstration'"),
                   NULL, 0, &cur, &e) < 0)
    return false;
  return cur_next(cur, &e) == 1 && cur_i64(cur, 0) == 1;
}

static int move(const char *from, const char *to, struct err *e) {
  struct stat st;
  if (lstat(from, &st) != 0) return 0;
  if (lstat(to, &st) == 0) return err_field(e, E_EXISTS, "there is something already", to);
  return rename(from, to) == 0 ? 0 : err_sys(e, E_UNAVAILABLE, "cannot move it aside", errno);
}

/* The keys go with what they open. */
static int move_keys(const char *keys, const char *stamp, struct err *e) {
  static const char *const parts[] = {"", ".heads", ".heads.before-restore", ".lock"};
  char from[1200], to[1200];
  int r = 0;
  for (size_t i = 0; i < ARRAY_LEN(parts) && r >= 0; i++) {
    snprintf(from, sizeof from, "%s%s", keys, parts[i]);
    snprintf(to, sizeof to, "%s.old-%s%s", keys, stamp, parts[i]);
    r = move(from, to, e);
  }
  return r;
}

int demo_set_aside(const struct cli *cl, struct err *e) {
  char data[1024], to[1100], keys[1100], stamp[32];
  const time_t now = time(NULL);
  struct tm tm;
  if (cl->database || !cl->data || strlen(cl->data) >= sizeof data || !marked(cl->data)) return 0;
  snprintf(data, sizeof data, "%s", cl->data);
  for (size_t n = strlen(data); n > 1 && data[n - 1] == '/'; n--) data[n - 1] = '\0';
  gmtime_r(&now, &tm);
  strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &tm);
  snprintf(to, sizeof to, "%s.old-%s", data, stamp);
  snprintf(keys, sizeof keys, "%s.keys", data);
  int r = move(data, to, e);
  if (r >= 0) r = move_keys(cl->keys ? cl->keys : keys, stamp, e);
  if (r < 0) return r;
  printf("原示例数据由较早版本的程序生成，或未装载完，已移至 %s，不再需要时可删除\n"
         "the demonstration there was made by an older program, or not to its end: moved to %s, "
         "which may be deleted\n",
         to, to);
  fflush(stdout);
  return 1;
}
