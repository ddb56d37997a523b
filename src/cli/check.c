#include "core/migrations.h"
#include "core/version.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "output/pdf.h"
#include <stdio.h>
#include <sqlite3.h>
#include <sodium.h>
#include <microhttpd.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* `check`: is this machine, and this installation, fit for duty? One line a finding. */

struct report {
  int findings;
};

static void say(struct report *rp, bool good, const char *zh, const char *en, const char *detail) {
  printf("%s  %s / %s%s%s\n", good ? "ok  " : "BAD ", zh, en, detail ? ": " : "",
         detail ? detail : "");
  if (!good) rp->findings++;
}

static void check_disk(struct report *rp, const char *folder) {
  struct statvfs fs;
  char text[64];
  if (statvfs(folder, &fs) != 0) {
    say(rp, false, "数据目录", "data folder", "cannot be read");
    return;
  }
  const double free_gib = (double)fs.f_bavail * (double)fs.f_frsize / (1024.0 * 1024.0 * 1024.0);
  snprintf(text, sizeof text, "%.1f GiB", free_gib);
  say(rp, free_gib > 1.0, "剩余磁盘", "free disk", text);
}

static void check_machine(struct report *rp) {
  char text[96];
  const int64_t now = machine_now_ms();
  snprintf(text, sizeof text, "sqlite %s, sodium %s, microhttpd %s", sqlite3_libversion(),
           sodium_version_string(), MHD_get_version());
  say(rp, sqlite3_libversion_number() >= 3037000, "程序库", "libraries", text);
  say(rp, now > INT64_C(1577836800000), "系统时钟", "machine's clock", NULL);
  say(rp, zone_get("Asia/Shanghai") != NULL, "时区数据", "time zone data", "Asia/Shanghai");
  say(rp, sysconf(_SC_NPROCESSORS_ONLN) >= 2, "处理器", "processors", NULL);
  say(rp, access("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", R_OK) == 0, "中文字体",
      "Chinese font for PDF", "Noto Sans CJK");
}

static void check_installation(struct report *rp, const struct cli *cl) {
  struct err e = {0};
  struct app *app = NULL;
  char text[64];
  int version = 0;
  int r = cli_open(cl, false, true, &app, &e);
  if (r < 0) {
    say(rp, false, "安装", "installation", e.what);
    return;
  }
  r = store_version(app->store, &version, &e);
  snprintf(text, sizeof text, "%d / %zu", version, n_migrations);
  say(rp, r >= 0 && (size_t)version == n_migrations, "数据库结构版本", "schema version", text);
  say(rp, access(keys_file(auth_keys(app->auth)), R_OK) == 0, "密钥文件", "key file",
      keys_file(auth_keys(app->auth)));
  _cleanup_(unit_tree_unrefp) struct unit_tree *tree = app_tree(app);
  snprintf(text, sizeof text, "%zu", unit_count(tree));
  say(rp, true, "单位", "units", text);
  if (cl->data) check_disk(rp, cl->data);
  app_close(app);
}

int cmd_check(struct cli *cl) {
  struct report rp = {0};
  printf("shouwang %s\n", SHOUWANG_VERSION);
  check_machine(&rp);
  check_installation(&rp, cl);
  return rp.findings ? EXIT_FOUND : EXIT_OK;
}

/* Hidden: what pdf_render starts. */
int cmd_render_pdf(struct cli *cl) {
  (void)cl;
  return pdf_render_main(STDIN_FILENO, STDOUT_FILENO);
}
