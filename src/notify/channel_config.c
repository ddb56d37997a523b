#include "notify/channel_config.h"
#include "base/log.h"
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct robot {
  struct str name, vendor, url, secret;
};
struct secret {
  struct str name, value;
};
/* One reading of the file. */
struct page {
  struct arena *a;
  struct robot robots[CONFIG_ROBOTS];
  struct str origins[CONFIG_ORIGINS];
  struct secret secrets[CONFIG_SECRETS];
  size_t n_robots, n_origins, n_secrets;
  struct str proxy;
};
struct channel_config {
  pthread_mutex_t lock;
  char *file;
  struct page *page; /* NULL: nothing readable yet */
  struct timespec changed;
  off_t size;
  ino_t inode;
  bool looked;
  const char *trouble;
  int line;
};

static struct page *page_free(struct page *p) {
  if (p) arena_free(p->a);
  free(p);
  return NULL;
}

bool url_origin(struct str url, char out[300]) {
  char text[2000];
  CURLU *u = curl_url();
  char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
  bool good = u && url.n > 0 && url.n < sizeof text && !memchr(url.p, 0, url.n);
  if (good) {
    memcpy(text, url.p, url.n);
    text[url.n] = 0;
    good = curl_url_set(u, CURLUPART_URL, text, 0) == CURLUE_OK &&
           curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
           curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
           curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK;
    /* a user before the host makes an address read as another one */
    good = good && curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK;
    good = good && (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
  }
  if (good) good = snprintf(out, 300, "%s://%s:%s", scheme, host, port) < 300;
  for (char *p = out; good && *p; p++)
    if (*p >= 'A' && *p <= 'Z') *p = (char)(*p - 'A' + 'a');
  curl_free(scheme);
  curl_free(host);
  curl_free(port);
  curl_free(user);
  curl_url_cleanup(u);
  return good;
}

/* ---- reading ---- */

static struct str word(struct str *rest) {
  *rest = str_trim(*rest);
  size_t n = 0;
  while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t') n++;
  const struct str w = str_sub(*rest, 0, n);
  *rest = str_trim(str_sub(*rest, n, rest->n));
  return w;
}

static bool name_ok(struct str s) {
  if (!s.n || s.n > 40) return false;
  for (size_t i = 0; i < s.n; i++)
    if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
          strchr("_-.", s.p[i])))
      return false;
  return true;
}

static bool add_origin(struct page *p, struct str url) {
  char origin[300];
  if (!url_origin(url, origin) || p->n_origins == CONFIG_ORIGINS) return false;
  p->origins[p->n_origins++] = arena_dup(p->a, str_from(origin));
  return true;
}

static bool read_robot(struct page *p, struct str rest) {
  static const char *const vendors[] = {"wecom", "dingtalk", "feishu"};
  const struct str name = word(&rest), vendor = word(&rest), url = word(&rest);
  bool known = false;
  for (size_t i = 0; i < ARRAY_LEN(vendors); i++) known |= str_is(vendor, vendors[i]);
  if (!known || !name_ok(name) || p->n_robots == CONFIG_ROBOTS || !add_origin(p, url)) return false;
  p->robots[p->n_robots++] = (struct robot){.name = arena_dup(p->a, name),
                                            .vendor = arena_dup(p->a, vendor),
                                            .url = arena_dup(p->a, url),
                                            .secret = arena_dup(p->a, word(&rest))};
  return rest.n == 0;
}

static bool read_line(struct page *p, struct str line) {
  const struct str verb = word(&line);
  if (!verb.n || verb.p[0] == '#') return true;
  if (str_is(verb, "robot")) return read_robot(p, line);
  if (str_is(verb, "allow")) return add_origin(p, line);
  if (str_is(verb, "proxy")) {
    char origin[300];
    p->proxy = arena_dup(p->a, line);
    return url_origin(line, origin);
  }
  if (str_is(verb, "secret") && p->n_secrets < CONFIG_SECRETS) {
    const struct str name = word(&line);
    p->secrets[p->n_secrets++] = (struct secret){arena_dup(p->a, name), arena_dup(p->a, line)};
    return name_ok(name) && line.n > 0;
  }
  return false;
}

/* Under the lock. */
static void trouble(struct channel_config *b, const char *what, int line) {
  if (b->trouble != what || b->line != line)
    log_warn("channels_file_not_read", "why=\"%s\" line=%d", what, line);
  b->trouble = what;
  b->line = line;
}

static void read_file(struct channel_config *b, int fd, size_t size) {
  struct page *p = calloc(1, sizeof *p);
  char *text = malloc(size + 1);
  size_t n = 0;
  int line = 0, bad = 0;
  if (p) p->a = arena_create(KIB(512));
  if (!p || !p->a || !text) {
    free(text);
    page_free(p);
    trouble(b, "no memory", 0);
    return;
  }
  for (ssize_t got; n < size && (got = read(fd, text + n, size - n)) > 0;) n += (size_t)got;
  struct str rest = {text, n};
  while (rest.p && !bad) {
    line++;
    if (!read_line(p, str_trim(str_split(&rest, '\n')))) bad = line;
  }
  explicit_bzero(text, size);
  free(text);
  if (bad || arena_failed(p->a)) {
    page_free(p);
    trouble(b, bad ? "a line is not understood" : "too large", bad);
    return;
  }
  page_free(b->page);
  b->page = p;
  b->trouble = NULL;
  b->line = 0;
  log_info("channels_file_read", "robots=%zu hosts=%zu", p->n_robots, p->n_origins);
}

/* Under the lock. */
static void look(struct channel_config *b) {
  struct stat st;
  int fd = b->file ? open(b->file, O_RDONLY | O_CLOEXEC) : -1;
  if (!b->file) return;
  if (fd < 0 || fstat(fd, &st) < 0) {
    trouble(b, "it cannot be opened", 0);
    b->looked = false;
  } else if (!b->looked || st.st_mtim.tv_sec != b->changed.tv_sec ||
             st.st_mtim.tv_nsec != b->changed.tv_nsec || st.st_size != b->size ||
             st.st_ino != b->inode || (st.st_mode & 077)) {
    b->looked = true;
    b->changed = st.st_mtim;
    b->size = st.st_size;
    b->inode = st.st_ino;
    if (st.st_mode & 077)
      trouble(b, "it is open to others: chmod 600", 0);
    else if (st.st_size > CONFIG_FILE)
      trouble(b, "too large", 0);
    else
      read_file(b, fd, (size_t)st.st_size);
  }
  if (fd >= 0) close(fd);
}

void channel_config_refresh(struct channel_config *b) {
  pthread_mutex_lock(&b->lock);
  look(b);
  pthread_mutex_unlock(&b->lock);
}

int channel_config_open(const char *file, struct channel_config **ret_config, struct err *e) {
  struct channel_config *b = calloc(1, sizeof *b);
  if (!b) return err_set(e, E_NOMEM, "no memory for the channels' file");
  pthread_mutex_init(&b->lock, NULL);
  if (file && file[0]) b->file = strdup(file);
  look(b);
  *ret_config = b;
  return 0;
}

struct channel_config *channel_config_close(struct channel_config *b) {
  if (!b) return NULL;
  page_free(b->page);
  free(b->file);
  pthread_mutex_destroy(&b->lock);
  free(b);
  return NULL;
}

/* ---- asking ---- */

const char *channel_config_trouble(struct channel_config *b, int *ret_line) {
  pthread_mutex_lock(&b->lock);
  const char *what = b->trouble;
  *ret_line = b->line;
  pthread_mutex_unlock(&b->lock);
  return what;
}

int channel_config_robot(struct channel_config *b, const char *vendor, struct str name,
                         struct arena *a, struct str *ret_url, struct str *ret_secret,
                         struct err *e) {
  int r = -E_NOT_FOUND;
  pthread_mutex_lock(&b->lock);
  for (size_t i = 0; b->page && i < b->page->n_robots && r < 0; i++) {
    const struct robot *ro = &b->page->robots[i];
    if (!str_eq(ro->name, name) || !str_is(ro->vendor, vendor)) continue;
    *ret_url = arena_dup(a, ro->url);
    *ret_secret = arena_dup(a, ro->secret);
    r = 0;
  }
  pthread_mutex_unlock(&b->lock);
  return r < 0 ? err_set(e, E_NOT_FOUND, "no such robot in the channels' file") : 0;
}

size_t channel_config_robots(struct channel_config *b, const char *vendor, struct arena *a,
                             struct str *out, size_t max) {
  size_t n = 0;
  pthread_mutex_lock(&b->lock);
  for (size_t i = 0; b->page && i < b->page->n_robots && n < max; i++)
    if (str_is(b->page->robots[i].vendor, vendor)) out[n++] = arena_dup(a, b->page->robots[i].name);
  pthread_mutex_unlock(&b->lock);
  return n;
}

bool channel_config_allows(struct channel_config *b, struct str url) {
  char origin[300];
  bool allowed = false;
  if (!url_origin(url, origin)) return false;
  pthread_mutex_lock(&b->lock);
  for (size_t i = 0; b->page && i < b->page->n_origins; i++)
    allowed |= str_is(b->page->origins[i], origin);
  pthread_mutex_unlock(&b->lock);
  return allowed;
}

struct str channel_config_secret(struct channel_config *b, struct str name, struct arena *a) {
  struct str value = {NULL, 0};
  pthread_mutex_lock(&b->lock);
  for (size_t i = 0; b->page && i < b->page->n_secrets; i++)
    if (str_eq(b->page->secrets[i].name, name)) value = arena_dup(a, b->page->secrets[i].value);
  pthread_mutex_unlock(&b->lock);
  return value;
}

struct str channel_config_proxy(struct channel_config *b, struct arena *a) {
  pthread_mutex_lock(&b->lock);
  const struct str proxy = b->page ? arena_dup(a, b->page->proxy) : (struct str){NULL, 0};
  pthread_mutex_unlock(&b->lock);
  return proxy;
}
