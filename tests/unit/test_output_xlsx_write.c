#include "base/limits.h"
#include "base/timeutil.h"
#include "harness.h"
#include "output/sheet.h"
#include "output/xlsx_write.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zip.h>

static const struct str posts[] = {STR_INIT("门岗"), STR_INIT("巡逻, 夜"), STR_INIT("仓库")};
static const struct xlsx_column columns[] = {
    {.title = STR_INIT("姓名"),
     .required = true,
     .note = STR_INIT("与身份证一致"),
     .hxl = STR_INIT("#name")},
    {.title = STR_INIT("身份证号"), .type = XLSX_CODE, .hxl = STR_INIT("#id")},
    {.title = STR_INIT("岗位"), .type = XLSX_CHOICE, .choices = posts, .n_choices = 3},
    {.title = STR_INIT("体温"), .type = XLSX_NUMBER, .scale = 1},
    {.title = STR_INIT("报到"), .type = XLSX_DATE},
    {.title = STR_INIT("签到"), .type = XLSX_MOMENT},
    {.title = STR_INIT("班次"), .type = XLSX_TIME},
    {.title = STR_INIT("党员"), .type = XLSX_TEXT},
};
static const struct xlsx_options options = {.title = STR_INIT("下沉人员"),
                                            .sheet = STR_INIT("名单"),
                                            .watermark =
                                                STR_INIT("xicheng 2020-05-08 17:30 核对 & 上报"),
                                            .author = STR_INIT("西城区总工会"),
                                            .columns = columns,
                                            .n_columns = ARRAY_LEN(columns),
                                            .created_ms = 1588930200000,
                                            .zh = true};

static void one_row(struct xlsx_writer *w, struct str name) {
  xlsx_text(w, name);
  xlsx_text(w, S("11010119900307001X"));
  xlsx_text(w, posts[1]);
  xlsx_decimal(w, 366, 1);
  xlsx_date(w, day_from_civil(2020, 5, 8));
  xlsx_moment(w, day_from_civil(2020, 5, 8), 63000);
  xlsx_time(w, 86400);
  xlsx_text(w, S("是"));
  xlsx_end_row(w);
}

static void part_text(struct str file, const char *name, struct buf *out) {
  zip_error_t ze;
  zip_error_init(&ze);
  zip_t *z =
      zip_open_from_source(zip_source_buffer_create(file.p, file.n, 0, &ze), ZIP_RDONLY, &ze);
  zip_file_t *f = z ? zip_fopen(z, name, 0) : NULL;
  char piece[4096];
  zip_int64_t n;
  while (f && (n = zip_fread(f, piece, sizeof piece)) > 0) buf_add(out, piece, (size_t)n);
  if (f) zip_fclose(f);
  if (z) zip_discard(z);
  zip_error_fini(&ze);
}

static bool part_has(struct str file, const char *part, const char *what) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(4));
  part_text(file, part, &b);
  return str_find(buf_str(&b), str_from(what)) != (size_t)-1;
}

TEST(xlsx_written_and_read_again) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1));
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  struct err e = {0};
  CHECK_EQ_I64(xlsx_create(&options, &w, &e), 0);
  one_row(w, S("张三"));
  one_row(w, S("=HYPERLINK(\"http://example.org\")"));
  for (size_t i = 0; i < ARRAY_LEN(columns); i++) xlsx_empty(w);
  xlsx_end_row(w);
  one_row(w, S("最后"));
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), 0);

  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  const struct sheet_row *row;
  CHECK_EQ_I64(sheet_open(buf_str(&file), &r, &e), 0);
  CHECK_EQ_I64(sheet_count(r), 3);
  CHECK(str_is(sheet_name(r, sheet_chosen(r)), "名单"));
  CHECK(sheet_hidden(r, 1) && str_is(sheet_name(r, 2), "说明"));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(row->n, ARRAY_LEN(columns));
  CHECK(str_is(row->cells[1].text, "身份证号"));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  const struct cell *c = row->cells;
  CHECK(str_is(c[0].text, "张三") && c[0].kind == CELL_TEXT);
  CHECK(str_is(c[1].text, "11010119900307001X") && !c[1].lost_digits);
  CHECK(str_is(c[2].text, "巡逻, 夜"));
  CHECK(str_is(c[3].text, "36.6") && c[3].kind == CELL_NUMBER);
  CHECK(str_is(c[4].text, "2020-05-08") && c[4].kind == CELL_DATE);
  CHECK(str_is(c[5].text, "2020-05-08 17:30:00") && c[5].kind == CELL_MOMENT);
  CHECK(str_is(c[6].text, "24:00") && c[6].kind == CELL_TIME);
  CHECK(c[7].kind == CELL_TEXT && str_is(c[7].text, "是"));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(row->cells[0].kind == CELL_TEXT && !row->cells[0].formula);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(row->number, 5);
  CHECK_EQ_I64(sheet_choose_name(r, S("说明"), &e), 0);
  bool explained = false;
  while (sheet_next(r, &row, &e) == 0 && row)
    explained |= row->n >= 4 && str_is(row->cells[0].text, "姓名") &&
                 str_is(row->cells[2].text, "是") && str_is(row->cells[3].text, "与身份证一致");
  CHECK(explained);
}

TEST(xlsx_carries_its_mark_and_its_rules) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1));
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  struct err e = {0};
  CHECK_EQ_I64(xlsx_create(&options, &w, &e), 0);
  one_row(w, S("张三"));
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), 0);
  struct str f = buf_str(&file);
  const char *sheet = "xl/worksheets/sheet1.xml";
  CHECK(part_has(f, sheet, "核对 &amp;&amp; 上报"));
  CHECK(part_has(f, sheet, "state=\"frozen\""));
  CHECK(part_has(f, sheet, "<autoFilter ref=\"A1:H2\""));
  CHECK(part_has(f, sheet, "<dataValidation type=\"list\""));
  CHECK(part_has(f, sheet, "'选项'!$C$1:$C$3"));
  CHECK(part_has(f, "docProps/core.xml", "核对 &amp; 上报"));
  CHECK(part_has(f, "docProps/core.xml", "2020-05-08T09:30:00Z"));
  CHECK(part_has(f, "docProps/core.xml", "西城区总工会"));
  CHECK(part_has(f, "xl/styles.xml", "numFmtId=\"49\""));
}

TEST(xlsx_same_rows_same_bytes) {
  _cleanup_(buf_done) struct buf one = BUF_INIT(MIB(1)), two = BUF_INIT(MIB(1));
  for (int i = 0; i < 2; i++) {
    _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
    struct err e = {0};
    CHECK_EQ_I64(xlsx_create(&options, &w, &e), 0);
    one_row(w, S("张三"));
    CHECK_EQ_I64(xlsx_finish(w, i ? &two : &one, &e), 0);
  }
  CHECK_MEM(one.p, one.n, two.p, two.n);
}

static const struct xlsx_column single[] = {{.title = STR_INIT("a"), .hxl = STR_INIT("#a")}};

TEST(xlsx_texts_come_back_exactly) {
  static const char *texts[] = {
      "a\nb", "tab\there", "_x0041_", "_x005F_x0041_", "<&>\"'",
      " 空 ", "\x01\x1f",  "𠮷",      "+86",           "110101199003071234"};
  const struct xlsx_options o = {.columns = single, .n_columns = 1, .hxl_row = true};
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1));
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  struct err e = {0};
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    xlsx_text(w, str_from(texts[i]));
    xlsx_end_row(w);
  }
  xlsx_i64(w, 1234567890123456789);
  xlsx_end_row(w);
  xlsx_decimal(w, -1234567890123456789, 2);
  xlsx_end_row(w);
  xlsx_date(w, day_from_civil(1899, 1, 2));
  xlsx_end_row(w);
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), 0);
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  const struct sheet_row *row;
  CHECK_EQ_I64(sheet_open(buf_str(&file), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(sheet_row_is_hxl(row));
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
    CHECK(row != NULL);
    CHECK_MEM(row->cells[0].text.p, row->cells[0].text.n, texts[i], strlen(texts[i]));
  }
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(str_is(row->cells[0].text, "1234567890123456789") && row->cells[0].kind == CELL_TEXT);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(str_is(row->cells[0].text, "-12345678901234567.89"));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(str_is(row->cells[0].text, "1899-01-02"));
}

TEST(xlsx_misuse_and_overflow_are_told) {
  const struct xlsx_options o = {.columns = single, .n_columns = 1};
  struct err e = {0};
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1)), small = BUF_INIT(100);
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  xlsx_text(w, S("a"));
  xlsx_text(w, S("b"));
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), -E_BUG);
  w = xlsx_free(w);
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  xlsx_end_row(w);
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), -E_BUG);
  w = xlsx_free(w);
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  static char large[40000];
  memset(large, 'x', sizeof large - 1);
  xlsx_text(w, str_from(large));
  xlsx_end_row(w);
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), -E_TOO_LARGE);
  w = xlsx_free(w);
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  CHECK_EQ_I64(xlsx_finish(w, &small, &e), -E_TOO_LARGE);
  w = xlsx_free(w);
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  xlsx_text(w, S("\xff"));
  xlsx_end_row(w);
  CHECK_EQ_I64(xlsx_finish(w, &file, &e), -E_BUG);
  CHECK_EQ_I64(file.n, 0);
}

TEST(xlsx_that_could_not_be_written_whole_is_not_given_out) {
  const struct xlsx_options o = {.columns = single, .n_columns = 1};
  struct err e = {0};
  struct rlimit before, small;
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1));
  _cleanup_(xlsx_freep) struct xlsx_writer *w = NULL;
  void (*signals)(int) = signal(SIGXFSZ, SIG_IGN);
  CHECK_EQ_I64(xlsx_create(&o, &w, &e), 0);
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = KIB(64);
  setrlimit(RLIMIT_FSIZE, &small);
  for (int i = 0; i < 5000; i++) {
    xlsx_text(w, S("西城区总工会广安门内街道"));
    xlsx_end_row(w);
  }
  int r = xlsx_finish(w, &file, &e);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, signals);
  CHECK_EQ_I64(r, -E_IO);
  CHECK_EQ_I64(file.n, 0);
}
