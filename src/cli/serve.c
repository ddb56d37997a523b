#include "api/api.h"
#include "core/jobs.h"
#include "core/snapshots.h"
#include "base/log.h"
#include "cli/cli.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static bool loopback(const char *listen) {
  return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "localhost:", 10) == 0 ||
         strncmp(listen, "[::1]", 5) == 0;
}

int cli_serve_until_signal(struct app *app, const char *listen, struct err *e) {
  sigset_t set;
  int got;
  if (!listen) listen = "127.0.0.1:8420";
  if (app->demo && !loopback(listen))
    return err_field(e, E_FORBIDDEN,
                     "an installation with demonstration accounts serves on loopback only", listen);
  /* blocked before any thread is made, so that only sigwait takes them */
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  int r = snapshots_watch(app->snapshots, e);
  if (r >= 0) r = jobs_start(app, modules, &app->jobs, e);
  if (r >= 0) r = api_start(app, listen, e);
  if (r < 0) return r;
  log_info("serving", "port=%d engine=%s", http_port(app->http),
           store_engine(app->store) == ENGINE_SQLITE ? "sqlite" : "postgresql");
  printf("http://%.*s:%d\n", (int)(strrchr(listen, ':') ? strrchr(listen, ':') - listen : 9),
         listen, http_port(app->http));
  fflush(stdout);
  sigwait(&set, &got);
  log_info("stopping", "signal=%d", got);
  api_stop(app); /* first: requests look at the jobs */
  app->jobs = jobs_stop(app->jobs);
  return 0;
}

int cmd_serve(struct cli *cl) {
  struct err e = {0};
  _cleanup_(app_closep) struct app *app = NULL;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  cl->serves = true;
  int r = cli_open(cl, false, false, &app, &e);
  if (r >= 0) r = cli_serve_until_signal(app, cl->listen, &e);
  return r < 0 ? cli_fail(&e) : EXIT_OK;
}
