/* The command line: one row per command, each with its options, help in both languages, and a
 * function that opens what it needs. Exit status: 0, 1 (found something), 2 (usage), 3
 * (environment). Everything runs on the main thread. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "core/app.h"

enum { EXIT_OK = 0, EXIT_FOUND = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

struct cli {
  const char *command;
  const char *data, *database, *keys, *listen, *operation, *unit, *date, *from, *as_known;
  const char *reason, *format, *login, *role, *name, *sql, *log;
  const char *filter, *users, *days, *out;
  bool json, dry_run, skip_bad, load_only, openapi, ts, rights, numbers, migration, deep, help,
      force, publish;
  bool
      serves; /* a reading that finds nothing for a minute is given up: others wait for its place */
  const char *args[8];
  int n_args;
};

struct cli_option {
  const char *name;  /* "--data" */
  const char *value; /* what it takes, for the help; NULL: a switch */
  size_t offset;     /* into struct cli */
  const char *zh, *en;
};

struct cli_command {
  const char *name, *arguments;
  const char *options; /* names it takes, "--data --database --json" */
  const char *zh, *en;
  int (*run)(struct cli *cl);
};
extern const struct cli_command cli_commands[];
int cli_main(int argc, char **argv);

/* Says the error on standard error and gives the exit status. */
int cli_fail(const struct err *e);
/* Opens the installation the options name. */
_must_check_ int cli_open(const struct cli *cl, bool create, bool read_only, struct app **ret_app,
                          struct err *e);
_must_check_ int cli_operation(const struct cli *cl, struct app *app, int64_t *ret_op,
                               struct err *e);
/* Opens it and gives the system account's viewer, of the operation named or of none. */
_must_check_ int cli_as_system(const struct cli *cl, struct arena *a, struct app **ret_app,
                               struct viewer **ret_viewer, struct err *e);
/* Serves until SIGINT or SIGTERM. */
int cli_serve_until_signal(struct app *app, const char *listen, struct err *e);

int cmd_init(struct cli *cl);
int cmd_serve(struct cli *cl);
int cmd_demo(struct cli *cl);
int cmd_import(struct cli *cl);
int cmd_export(struct cli *cl);
int cmd_figures(struct cli *cl);
int cmd_verify(struct cli *cl);
int cmd_backup(struct cli *cl);
int cmd_restore(struct cli *cl);
int cmd_schema(struct cli *cl);
int cmd_user(struct cli *cl);
int cmd_keys(struct cli *cl);
int cmd_check(struct cli *cl);
int cmd_shipped(struct cli *cl);
int cmd_render_pdf(struct cli *cl);

#endif
