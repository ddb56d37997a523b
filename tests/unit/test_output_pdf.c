#include "base/limits.h"
#include "base/timeutil.h"
#include "harness.h"
#include "output/pdf.h"
#include "output/pdf_impl.h"
#include "output/qr.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* This program is also the one that pdf_render() starts: as the server does, it answers to the
 * hidden command before anything else. */
__attribute__((constructor)) static void hidden_command(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], PDF_COMMAND) == 0) _exit(pdf_render_main(0, 1));
}

static const struct pdf_options options = {.title = STR_INIT("下沉人员邀请单"),
                                           .header = STR_INIT("西城区总工会"),
                                           .footer = STR_INIT("xicheng 2020-05-08 17:30 报到"),
                                           .watermark = STR_INIT("xicheng 2020-05-08 17:30 报到"),
                                           .created_ms = 1588930200000,
                                           .zh = true};

static void run(struct buf *out, const char *command) {
  char piece[4096];
  FILE *f = popen(command, "r");
  size_t n;
  while (f && (n = fread(piece, 1, sizeof piece, f)) > 0) buf_add(out, piece, n);
  if (f) pclose(f);
}

/* The text of a PDF by another program's eyes; empty where pdftotext is not installed. */
static void text_of(struct str pdf, struct buf *out, const char *flags) {
  char path[] = "/tmp/test_output_pdf_XXXXXX", command[128];
  int fd = mkstemp(path);
  if (fd < 0) return;
  bool written = write(fd, pdf.p, pdf.n) == (ssize_t)pdf.n;
  close(fd);
  snprintf(command, sizeof command, "pdftotext %s %s - 2>/dev/null", flags, path);
  if (written) run(out, command);
  unlink(path);
  /* whether there is a space between 1 and 页 is the extractor's opinion */
  size_t n = 0;
  for (size_t i = 0; i < out->n; i++)
    if (out->p[i] != ' ') out->p[n++] = out->p[i];
  out->n = n;
}

static bool has(const struct buf *b, const char *what) {
  return str_find(buf_str(b), str_from(what)) != (size_t)-1;
}

static void long_table(struct pdf *p, struct buf *json, int rows) {
  static const struct pdf_column columns[] = {{STR_INIT("序号"), 1, PDF_RIGHT},
                                              {STR_INIT("姓名"), 2, PDF_LEFT},
                                              {STR_INIT("社区"), 4, PDF_LEFT}};
  char n[16];
  pdf_begin(p, json, &options);
  pdf_heading(p, 1, S("值班名单"));
  pdf_paragraph(p, S("本表由系统生成，请核对。"));
  pdf_table_begin(p, columns, ARRAY_LEN(columns));
  for (int i = 1; i <= rows; i++) {
    snprintf(n, sizeof n, "%d", i);
    pdf_cell(p, str_from(n));
    pdf_cell(p, S("张三"));
    pdf_cell(p, S("广安门内街道槐柏树街北里社区"));
    pdf_end_row(p);
  }
  pdf_table_end(p);
  pdf_end(p);
}

TEST(pdf_table_over_pages) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 text = BUF_INIT(MIB(4));
  struct pdf p;
  struct err e = {0};
  long_table(&p, &json, 120);
  CHECK(pdf_ok(&p));
  CHECK_EQ_I64(pdf_render(&p, &out, &e), 0);
  CHECK(str_starts(buf_str(&out), S("%PDF-1.")));
  text_of(buf_str(&out), &text, "-layout");
  if (!text.n) SKIP("pdftotext is not installed");
  CHECK(has(&text, "第1页/共3页"));
  CHECK(has(&text, "第3页/共3页"));
  CHECK(!has(&text, "第4页"));
  CHECK(has(&text, "值班名单") && has(&text, "120"));
  /* the header row on each page */
  size_t heads = 0;
  struct str left = buf_str(&text);
  for (size_t at; (at = str_find(left, S("序号"))) != (size_t)-1; heads++)
    left = str_sub(left, at + 1, left.n);
  CHECK_EQ_I64(heads, 3);
}

TEST(pdf_same_description_same_bytes) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), one = BUF_INIT(LIMIT_PDF_OUT),
                                 two = BUF_INIT(LIMIT_PDF_OUT);
  struct pdf p;
  struct err e = {0};
  long_table(&p, &json, 20);
  CHECK_EQ_I64(pdf_render(&p, &one, &e), 0);
  CHECK_EQ_I64(pdf_render_here(buf_str(&json), &two, &e), 0);
  CHECK_MEM(one.p, one.n, two.p, two.n);
}

TEST(pdf_cards_ten_a_page) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 text = BUF_INIT(MIB(4));
  struct pdf p;
  struct err e = {0};
  pdf_begin(&p, &json, &options);
  pdf_cards_begin(&p, 2, 5);
  for (int i = 0; i < 23; i++) {
    char login[32], link[96];
    snprintf(login, sizeof login, "xc-%04d", i);
    snprintf(link, sizeof link, "HTTPS://EXAMPLE.ORG/I/%032d", i);
    const struct pdf_pair pairs[] = {{S("账号"), str_from(login)},
                                     {S("单位"), S("西城区总工会广安门内街道工作委员会")},
                                     {S("邀请码"), S("A7KQ2-9XMTP-4HRWD-6ZVNC-B3JYF")},
                                     {S("有效期"), S("2020-05-15 24:00 前")}};
    pdf_card(&p, &(struct pdf_card){.title = S("张三"),
                                    .pairs = pairs,
                                    .n_pairs = ARRAY_LEN(pairs),
                                    .qr = str_from(link),
                                    .note = S("扫码设置密码，只能使用一次，请勿转发。")});
  }
  pdf_cards_end(&p);
  pdf_end(&p);
  CHECK(pdf_ok(&p));
  CHECK_EQ_I64(pdf_render(&p, &out, &e), 0);
  text_of(buf_str(&out), &text, "");
  if (!text.n) SKIP("pdftotext is not installed");
  CHECK(has(&text, "xc-0000") && has(&text, "xc-0022"));
  CHECK(has(&text, "共3页"));
}

TEST(pdf_cards_with_a_strip_and_a_poster) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 text = BUF_INIT(MIB(4));
  struct pdf p;
  struct err e = {0};
  struct pdf_options o = options;
  o.a3 = true;
  pdf_begin(&p, &json, &o);
  pdf_banner(&p, S("石头社区西门卡口"), 62);
  pdf_qr(&p, S("HTTPS://EXAMPLE.ORG/G/0123456789"), 190, (struct str){0});
  pdf_cards_begin(&p, 2, 5);
  for (int i = 0; i < PDF_PATTERNS_; i++)
    pdf_card(&p, &(struct pdf_card){.band = {S("家庭出入证"), 0x1b6b3a, (enum pdf_pattern)i},
                                    .title = S("某小区"),
                                    .big = S("1234 5674")});
  pdf_cards_end(&p);
  pdf_end(&p);
  CHECK(pdf_ok(&p));
  CHECK_EQ_I64(pdf_render(&p, &out, &e), 0);
  text_of(buf_str(&out), &text, "");
  if (!text.n) SKIP("pdftotext is not installed");
  CHECK(has(&text, "石头社区西门卡口") && has(&text, "家庭出入证") && has(&text, "12345674"));
  /* what is misused is said, not drawn */
  buf_clear(&json);
  pdf_begin(&p, &json, &o);
  pdf_banner(&p, S("小"), 5);
  pdf_end(&p);
  CHECK(!pdf_ok(&p));
}

/* A hyphen that is only drawn is not in the text that can be taken out of the pages; so the glyphs
 * are counted. */
TEST(pdf_breaks_a_code_without_a_hyphen) {
  static const char code[] = "A7KQ2-9XMTP-4HRWD-6ZVNC-B3JYF";
  static const struct style st = {.size = 10};
  PangoFontMap *map = pango_cairo_font_map_new();
  struct render r = {.context = pango_font_map_create_context(map)};
  PangoLayout *l = text_layout(&r, str_from(code), &st, 60);
  int lines = pango_layout_get_line_count(l), glyphs = 0;
  for (GSList *at = pango_layout_get_lines_readonly(l); at; at = at->next) {
    const PangoLayoutLine *line = at->data;
    for (GSList *run = line->runs; run; run = run->next)
      glyphs += ((const PangoLayoutRun *)run->data)->glyphs->num_glyphs;
  }
  g_object_unref(l);
  g_object_unref(r.context);
  g_object_unref(map);
  CHECK(lines > 2);
  CHECK_EQ_I64(glyphs, sizeof code - 1);
}

TEST(pdf_text_longer_than_a_page_flows_on) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 text = BUF_INIT(MIB(4)), body = BUF_INIT(MIB(1));
  static const struct pdf_column columns[] = {{STR_INIT("窄"), 1, PDF_LEFT},
                                              {STR_INIT("宽"), 5, PDF_LEFT}};
  struct pdf p;
  struct err e = {0};
  for (int i = 0; i < 2500; i++) buf_lit(&body, "楼门");
  buf_lit(&body, "终");
  pdf_begin(&p, &json, &options);
  pdf_paragraph(&p, buf_str(&body));
  pdf_table_begin(&p, columns, 2);
  pdf_cell(&p, buf_str(&body));
  pdf_cell(&p, S("右"));
  pdf_end_row(&p);
  pdf_table_end(&p);
  pdf_qr(&p, S("https://example.org/"), 40, S("扫码"));
  pdf_end(&p);
  CHECK_EQ_I64(pdf_render(&p, &out, &e), 0);
  text_of(buf_str(&out), &text, "");
  if (!text.n) SKIP("pdftotext is not installed");
  size_t ends = 0, doors = 0;
  struct str left = buf_str(&text);
  for (size_t at; (at = str_find(left, S("终"))) != (size_t)-1; ends++)
    left = str_sub(left, at + 1, left.n);
  left = buf_str(&text);
  for (size_t at; (at = str_find(left, S("楼"))) != (size_t)-1; doors++)
    left = str_sub(left, at + 1, left.n);
  CHECK_EQ_I64(ends, 2);
  CHECK_EQ_I64(doors, 5000);
}

TEST(pdf_misuse_is_seen_before_a_process_starts) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 small = BUF_INIT(64);
  static const struct pdf_column columns[] = {{STR_INIT("a"), 1, PDF_LEFT},
                                              {STR_INIT("b"), 1, PDF_LEFT}};
  struct pdf p;
  struct err e = {0};
  pdf_begin(&p, &json, &options);
  pdf_table_begin(&p, columns, 2);
  pdf_cell(&p, S("one"));
  pdf_end_row(&p);
  pdf_table_end(&p);
  pdf_end(&p);
  CHECK_EQ_I64(pdf_render(&p, &out, &e), -E_BUG);
  buf_clear(&json);
  pdf_begin(&p, &json, &options);
  pdf_paragraph(&p, S("no end"));
  CHECK_EQ_I64(pdf_render(&p, &out, &e), -E_BUG);
  pdf_begin(&p, &small, &options);
  pdf_end(&p);
  CHECK_EQ_I64(pdf_render(&p, &out, &e), -E_TOO_LARGE);
}

TEST(pdf_bad_descriptions_are_refused_by_the_child) {
  static const char *bad[] = {
      "",
      "[]",
      "{\"margin\":15}",
      "{\"margin\":15,\"ops\":[{\"op\":\"dance\"}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"table\",\"columns\":[],\"rows\":[]}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"table\",\"columns\":[{\"weight\":-1}],\"rows\":[]}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"qr\",\"text\":\"x\",\"mm\":4000}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"qr\",\"text\":\"\",\"mm\":40}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"cards\",\"columns\":0,\"rows\":5}]}",
      "{\"margin\":15,\"ops\":[{\"op\":\"heading\",\"level\":9}]}",
      "{\"margin\":-3,\"ops\":[]}"};
  for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
    _cleanup_(buf_done) struct buf out = BUF_INIT(LIMIT_PDF_OUT);
    struct err e = {0};
    if (pdf_render_here(str_from(bad[i]), &out, &e) == 0) HARNESS_FAIL("accepted: %s", bad[i]);
    CHECK(e.code != 0);
  }
}

TEST(pdf_too_many_pages_and_too_small_a_buffer) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON), out = BUF_INIT(LIMIT_PDF_OUT),
                                 small = BUF_INIT(1000);
  struct pdf p;
  struct err e = {0};
  pdf_begin(&p, &json, &options);
  for (int i = 0; i <= LIMIT_PDF_PAGES; i++) {
    pdf_paragraph(&p, S("x"));
    pdf_page_break(&p);
  }
  pdf_end(&p);
  CHECK_EQ_I64(pdf_render(&p, &out, &e), -E_TOO_LARGE);
  CHECK_EQ_I64(out.n, 0);
  buf_clear(&json);
  long_table(&p, &json, 5);
  CHECK_EQ_I64(pdf_render(&p, &small, &e), -E_TOO_LARGE);
  CHECK_EQ_I64(small.n, 0);
}

TEST(pdf_leaves_no_process_and_no_descriptor) {
  _cleanup_(buf_done) struct buf json = BUF_INIT(LIMIT_PDF_JSON);
  struct pdf p;
  struct err e = {0};
  long_table(&p, &json, 3);
  int before = dup(0);
  close(before);
  for (int i = 0; i < 3; i++) {
    _cleanup_(buf_done) struct buf out = BUF_INIT(i == 1 ? 100 : LIMIT_PDF_OUT);
    int r = pdf_render(&p, &out, &e);
    CHECK(i == 1 ? r == -E_TOO_LARGE : r == 0);
  }
  int after = dup(0);
  close(after);
  CHECK_EQ_I64(after, before);
  CHECK_EQ_I64(waitpid(-1, NULL, WNOHANG), -1);
  CHECK_EQ_I64(errno, ECHILD);
}

/* --- QR --------------------------------------------------------------------------------------- */

TEST(qr_packs_capitals_tighter) {
  struct qr small, large;
  struct err e = {0};
  CHECK_EQ_I64(
      qr_encode(S("HTTPS://EXAMPLE.ORG/I/0123456789ABCDEF0123456789ABCDEF"), QR_MEDIUM, &small, &e),
      0);
  CHECK_EQ_I64(
      qr_encode(S("https://example.org/i/0123456789abcdef0123456789abcdef"), QR_MEDIUM, &large, &e),
      0);
  CHECK(small.n < large.n);
  /* finder patterns in three corners, and the white line beside them */
  for (unsigned i = 0; i < 7; i++) {
    CHECK(qr_dark(&small, i, 0) && qr_dark(&small, 0, i));
    CHECK(qr_dark(&small, small.n - 1 - i, 0) && qr_dark(&small, 0, small.n - 1 - i));
    CHECK(!qr_dark(&small, 7, i) && !qr_dark(&small, i, 7));
  }
  CHECK(!qr_dark(&small, small.n, 0));
}

TEST(qr_svg_has_a_quiet_zone) {
  struct qr q;
  struct err e = {0};
  _cleanup_(buf_done) struct buf svg = BUF_INIT(KIB(64));
  char want[64];
  CHECK_EQ_I64(qr_encode(S("SHOUWANG"), QR_MEDIUM, &q, &e), 0);
  qr_svg(&q, 200, &svg);
  CHECK(buf_ok(&svg));
  snprintf(want, sizeof want, "viewBox=\"0 0 %u %u\"", q.n + 8, q.n + 8);
  CHECK(has(&svg, want));
  CHECK(has(&svg, "d=\"M4 4h7v1h-7z"));
}

TEST(qr_limits) {
  struct qr q;
  struct err e = {0};
  static char text[5000];
  memset(text, 'a', sizeof text - 1);
  CHECK_EQ_I64(qr_encode(S(""), QR_LOW, &q, &e), -E_INVALID);
  CHECK_EQ_I64(qr_encode(((struct str){"a\0b", 3}), QR_LOW, &q, &e), -E_INVALID);
  CHECK_EQ_I64(qr_encode((struct str){text, 2953}, QR_LOW, &q, &e), 0);
  CHECK_EQ_I64(q.n, QR_MODULES_MAX);
  CHECK_EQ_I64(qr_encode((struct str){text, 2954}, QR_LOW, &q, &e), -E_TOO_LARGE);
  CHECK_EQ_I64(qr_encode((struct str){text, 4999}, QR_LOW, &q, &e), -E_TOO_LARGE);
}
