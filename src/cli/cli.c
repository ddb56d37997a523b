#include "cli/cli.h"
#include "core/operation.h"
#include "core/version.h"
#include "base/log.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_OPTION(option, what, member, zh, en)                                                  \
  { option, what, offsetof(struct cli, member), zh, en }
#define SWITCH(option, member, zh, en)                                                             \
  { option, NULL, offsetof(struct cli, member), zh, en }

static const struct cli_option options[] = {
    TEXT_OPTION("--data", "DIR", data, "数据目录（SQLite）", "data folder (SQLite)"),
    TEXT_OPTION("--database", "URL", database, "postgresql://… 连接", "postgresql://… connection"),
    TEXT_OPTION("--keys", "FILE", keys, "密钥文件（不在备份中）", "key file (never in a backup)"),
    TEXT_OPTION("--listen", "HOST:PORT", listen, "监听地址", "address to serve on"),
    TEXT_OPTION("--operation", "CODE", operation, "行动代号", "operation"),
    TEXT_OPTION("--unit", "CODE", unit, "单位编码", "unit"),
    TEXT_OPTION("--date", "YYYY-MM-DD", date, "日期", "date"),
    TEXT_OPTION("--from", "YYYY-MM-DD", from, "起始日期", "first date"),
    TEXT_OPTION("--as-known", "YYYY-MM-DD", as_known, "按当时所知", "as known on that day"),
    TEXT_OPTION("--reason", "TEXT", reason, "导出原因", "reason of the export"),
    TEXT_OPTION("--format", "xlsx|csv", format, "文件格式", "file format"),
    TEXT_OPTION("--filter", "FIELD=VALUE&…", filter, "筛选", "filter"),
    TEXT_OPTION("--login", "NAME", login, "登录名", "login"),
    TEXT_OPTION("--role", "ROLE", role, "角色", "role"),
    TEXT_OPTION("--name", "TEXT", name, "姓名或名称", "name"),
    TEXT_OPTION("--sql", "sqlite|postgresql", sql, "数据库结构", "database schema"),
    TEXT_OPTION("--out", "FILE", out, "输出文件", "output file"),
    TEXT_OPTION("--days", "N", days, "有效天数", "days of validity"),
    TEXT_OPTION("--log", "debug|info|warn|error", log, "日志级别", "log level"),
    SWITCH("--json", json, "以 JSON 输出", "print JSON"),
    SWITCH("--dry-run", dry_run, "只检查，不写入", "check only, write nothing"),
    SWITCH("--skip-bad", skip_bad, "跳过有误的行", "leave out rows with problems"),
    SWITCH("--load-only", load_only, "只装载，不提供服务", "load, do not serve"),
    SWITCH("--openapi", openapi, "OpenAPI 3.1", "OpenAPI 3.1"),
    SWITCH("--ts", ts, "TypeScript 类型", "TypeScript types"),
    SWITCH("--rights", rights, "权限矩阵", "rights matrix"),
    SWITCH("--numbers", numbers, "已用编号", "stable numbers in use"),
    SWITCH("--migration", migration, "下一步数据库升级", "the next pair of migration files"),
    SWITCH("--deep", deep, "逐一打开加密字段", "open every sealed value"),
    SWITCH("--publish", publish, "随即发布", "and publish it"),
    SWITCH("--force", force, "不再询问", "do not ask"),
    SWITCH("--help", help, "帮助", "help"),
};

#define STORE_OPTIONS "--data --database --keys --log "

const struct cli_command cli_commands[] = {
    {"demo", "", STORE_OPTIONS "--listen --load-only", "装载示例（北京，2020年春）并提供服务",
     "load the model case (Beijing, spring 2020) and serve it", cmd_demo},
    {"init", "", STORE_OPTIONS "--login --name --listen --unit",
     "新建一套系统，给出管理员的一次性链接",
     "make an installation; prints the administrator's one-time link", cmd_init},
    {"serve", "", STORE_OPTIONS "--listen", "提供服务", "serve", cmd_serve},
    {"import", "KIND FILE", STORE_OPTIONS "--operation --dry-run --skip-bad --json",
     "导入 XLSX 或 CSV", "import XLSX or CSV", cmd_import},
    {"export", "KIND", STORE_OPTIONS "--operation --reason --format --filter --out", "导出",
     "export", cmd_export},
    {"figures", "", STORE_OPTIONS "--operation --unit --date --from --as-known --json", "统计数",
     "figures", cmd_figures},
    {"verify", "", STORE_OPTIONS "--deep --json", "重算并核对全部派生数据",
     "recompute and compare everything derived", cmd_verify},
    {"backup", "FILE", STORE_OPTIONS "", "在线备份（不含密钥）", "online backup, without keys",
     cmd_backup},
    {"restore", "FILE", STORE_OPTIONS "", "恢复到空的系统", "restore into an empty installation",
     cmd_restore},
    {"schema", "", "--openapi --ts --rights --numbers --sql --migration",
     "打印接口、类型、权限、编号或数据库结构", "print the contract", cmd_schema},
    {"shipped", "list|take CODE", STORE_OPTIONS "--operation --unit --from --publish --json",
     "随产品提供的报表模板与复工条件清单", "return templates and checklists that come along",
     cmd_shipped},
    {"user", "add|grant|invite|list|password LOGIN",
     STORE_OPTIONS "--role --unit --name --days --listen", "账号", "accounts", cmd_user},
    {"keys", "list|escrow SHARE-A SHARE-B|rotate-box", STORE_OPTIONS "", "密钥", "keys", cmd_keys},
    {"check", "", STORE_OPTIONS "--json", "检查机器与安装", "examine machine and installation",
     cmd_check},
    {"render-pdf", "", "", NULL, NULL, cmd_render_pdf},
    {0}};

static bool takes(const struct cli_command *c, const char *option) {
  struct str rest = str_from(c->options);
  while (rest.p)
    if (str_is(str_split(&rest, ' '), option)) return true;
  return strcmp(option, "--help") == 0;
}

static void usage(FILE *f) {
  fprintf(f, "守望 Shouwang %s\n\n", SHOUWANG_VERSION);
  for (const struct cli_command *c = cli_commands; c->name; c++)
    if (c->en)
      fprintf(f, "  shouwang %s %s\n      %s\n      %s\n", c->name, c->arguments, c->zh, c->en);
  fprintf(f, "\n  shouwang COMMAND --help\n");
}

static void command_help(const struct cli_command *c) {
  printf("shouwang %s %s\n%s\n%s\n\n", c->name, c->arguments, c->zh, c->en);
  for (size_t i = 0; i < ARRAY_LEN(options); i++)
    if (takes(c, options[i].name))
      printf("  %-12s %-16s %s / %s\n", options[i].name, options[i].value ? options[i].value : "",
             options[i].zh, options[i].en);
}

static int wrong(const char *what, const char *word) {
  fprintf(stderr, "shouwang: %s: %s\n", what, word);
  return EXIT_USAGE;
}

/* One word of the line; *ret_step 2 where it took the next word as well. */
static int take_option(const struct cli_command *c, struct cli *cl, char **argv, int left,
                       int *ret_step) {
  const char *word = argv[0], *equals = strchr(word, '=');
  const size_t n = equals ? (size_t)(equals - word) : strlen(word);
  *ret_step = 1;
  for (size_t i = 0; i < ARRAY_LEN(options); i++) {
    const struct cli_option *o = &options[i];
    if (strlen(o->name) != n || strncmp(o->name, word, n) != 0 || !takes(c, o->name)) continue;
    char *member = (char *)cl + o->offset;
    if (!o->value) {
      if (equals) return wrong("this switch takes no value", word);
      *(bool *)(void *)member = true;
      return 0;
    }
    if (!equals && left < 2) return wrong("this option needs a value", word);
    *(const char **)(void *)member = equals ? equals + 1 : argv[1];
    *ret_step = equals ? 1 : 2;
    return 0;
  }
  return wrong("unknown option", word);
}

static int parse(const struct cli_command *c, int argc, char **argv, struct cli *cl) {
  for (int i = 2, step; i < argc; i += step) {
    step = 1;
    if (strncmp(argv[i], "--", 2) == 0) {
      int r = take_option(c, cl, argv + i, argc - i, &step);
      if (r) return r;
    } else if (cl->n_args < (int)ARRAY_LEN(cl->args)) {
      cl->args[cl->n_args++] = argv[i];
    } else {
      return wrong("too many arguments", argv[i]);
    }
  }
  if (takes(c, "--data") && cl->data && cl->database)
    return wrong("either --data or --database", "");
  return 0;
}

static int set_log_level(const struct cli *cl) {
  static const char *const names[] = {"debug", "info", "warn", "error"};
  if (!cl->log) return 0;
  for (size_t i = 0; i < ARRAY_LEN(names); i++)
    if (strcmp(cl->log, names[i]) == 0) {
      log_set_level((enum log_level)i);
      return 0;
    }
  return wrong("unknown log level", cl->log);
}

int cli_main(int argc, char **argv) {
  if (argc < 2) {
    usage(stderr);
    return EXIT_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
    usage(stdout);
    return EXIT_OK;
  }
  if (strcmp(argv[1], "--version") == 0) {
    printf("shouwang %s\n", SHOUWANG_VERSION);
    return EXIT_OK;
  }
  for (const struct cli_command *c = cli_commands; c->name; c++) {
    if (strcmp(c->name, argv[1]) != 0) continue;
    struct cli cl = {.command = c->name};
    int r = parse(c, argc, argv, &cl);
    if (r) return r;
    if (cl.help) {
      command_help(c);
      return EXIT_OK;
    }
    r = set_log_level(&cl);
    if (r) return r;
    /* what comes along is in the program itself */
    const bool anywhere = c->run == cmd_shipped && cl.n_args && strcmp(cl.args[0], "list") == 0;
    if (takes(c, "--data") && !cl.data && !cl.database && !anywhere)
      return wrong("say where the installation is", "--data DIR or --database URL");
    return c->run(&cl);
  }
  return wrong("unknown command", argv[1]);
}
