/* polling: the library's own polling threads under kept connections, for docs/decisions/. The
 * server answers at once; every connection asks again as soon as it is answered. A request that
 * waits for over a second with nothing else to do is one that the library has forgotten. */
#include "load.h"
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>

static enum MHD_Result answer(void *cls, struct MHD_Connection *mc, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **req_cls) {
  static char text[] = "{\"now\":true}";
  (void)cls, (void)url, (void)method, (void)version, (void)data;
  *size = 0;
  if (!*req_cls) {
    *req_cls = text;
    return MHD_YES;
  }
  struct MHD_Response *r =
      MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
  enum MHD_Result k = MHD_queue_response(mc, 200, r);
  MHD_destroy_response(r);
  return k;
}

static int run(unsigned pool, size_t connections, int64_t seconds) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct MHD_OptionItem ops[] = {
      {MHD_OPTION_CONNECTION_LIMIT, 8000, NULL},
      {pool > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)pool, NULL},
      {MHD_OPTION_END, 0, NULL}};
  struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME,
                                          0, NULL, NULL, answer, NULL, MHD_OPTION_SOCK_ADDR, &at,
                                          MHD_OPTION_ARRAY, ops, MHD_OPTION_END);
  if (!d) return 3;
  struct load_options o = {.port = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port,
                           .connections = connections,
                           .threads = 1,
                           .duration_ms = seconds * 1000};
  struct load_result *r = calloc(1, sizeof *r);
  struct err e = {0};
  char name[64];
  int status = r && load_run(&o, r, &e) == 0 ? 0 : 3;
  snprintf(name, sizeof name, "library's own epoll, %u thread%s", pool, pool > 1 ? "s" : "");
  if (status == 0) load_print(name, connections, r);
  free(r);
  MHD_stop_daemon(d);
  return status;
}

int main(int argc, char **argv) {
  int64_t seconds = 5;
  if (argc > 2 || (argc == 2 && parse_i64(str_from(argv[1]), 1, 600, &seconds))) {
    fputs("polling [SECONDS]\n", stderr);
    return 2;
  }
  static const unsigned pools[] = {1, 2};
  static const size_t connections[] = {64, 128, 256, 384, 512, 2000};
  int status = 0;
  load_print_heading();
  for (size_t p = 0; p < ARRAY_LEN(pools) && status == 0; p++)
    for (size_t c = 0; c < ARRAY_LEN(connections) && status == 0; c++)
      status = run(pools[p], connections[c], seconds);
  return status;
}
