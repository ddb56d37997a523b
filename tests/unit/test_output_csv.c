#include "base/limits.h"
#include "harness.h"
#include "output/csv.h"
#include "output/sheet.h"
#include <iconv.h>
#include <stdlib.h>

/* Reads a whole table into one text: cells between |, rows ended by \n, "n:" in front. */
static int dump(struct str bytes, struct buf *out, struct err *e) {
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  int code = sheet_open(bytes, &r, e);
  const struct sheet_row *row = NULL;
  while (code == 0 && (code = sheet_next(r, &row, e)) == 0 && row) {
    buf_printf(out, "%u%s:", (unsigned)row->number, row->ragged ? "!" : "");
    for (size_t i = 0; i < row->n; i++)
      buf_printf(out, "%s" STR_FMT, i ? "|" : "", STR_ARG(row->cells[i].text));
    buf_char(out, '\n');
  }
  return code;
}

#define READS(input_, want_)                                                                       \
  do {                                                                                             \
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));                                         \
    struct err err = {0};                                                                          \
    int code = dump((input_), &got, &err);                                                         \
    if (code < 0) HARNESS_FAIL("%s: %s %s", #input_, err.what, err.field);                         \
    CHECK_STR(buf_z(&got), (want_));                                                               \
  } while (0)

#define REFUSES(input_, code_, what_, field_)                                                      \
  do {                                                                                             \
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));                                         \
    struct err err = {0};                                                                          \
    CHECK_EQ_I64(dump((input_), &got, &err), -(code_));                                            \
    CHECK_STR(err.what, (what_));                                                                  \
    CHECK_STR(err.field, (field_));                                                                \
  } while (0)

static void convert(struct buf *out, const char *to, struct str utf8) {
  iconv_t cd = iconv_open(to, "UTF-8");
  char *from = (char *)(uintptr_t)utf8.p, *at = buf_room(out, utf8.n * 4 + 16);
  size_t left = utf8.n, room = utf8.n * 4 + 16;
  char *begin = at;
  if (cd == (iconv_t)-1) return;
  iconv(cd, &from, &left, &at, &room);
  out->n += (size_t)(at - begin);
  iconv_close(cd);
}

TEST(csv_rows_and_quotes) {
  READS(S("姓名,单位\r\n张三,\"工会, 西城\"\r\n李四,\"说\"\"好\"\"\"\r\n"),
        "1:姓名|单位\n2:张三|工会, 西城\n3:李四|说\"好\"\n");
  READS(S("a,b\n1,2"), "1:a|b\n2:1|2\n");
  READS(S("a,b\n1,\n"), "1:a|b\n2:1|\n");
  READS(S("a,b\r1,2\r"), "1:a|b\n2:1|2\n");
  READS(S("a,b\n\"x\r\ny\rz\nw\",2\n"), "1:a|b\n2:x\ny\nz\nw|2\n");
  READS(S("a,b\n5\" nail,\"q\" \n"), "1:a|b\n2:5\" nail|q\n");
  READS(S("\"\",\"\"\"\"\n"), "1:|\"\n");
}

TEST(csv_blank_rows_are_counted_not_given) {
  READS(S("\n\na,b\n,\n\n1,2\n\n"), "3:a|b\n6:1|2\n");
}

TEST(csv_ragged_rows_are_told) {
  READS(S("a,b,c\n1,2\n1,2,3\n1,2,3,4\n"), "1:a|b|c\n2!:1|2\n3:1|2|3\n4!:1|2|3|4\n");
}

TEST(csv_delimiters) {
  READS(S("a\tb,c\n1\t2\n"), "1:a|b,c\n2:1|2\n");
  READS(S("a;b\n1,5;2,5\n"), "1:a|b\n2:1,5|2,5\n");
  READS(S("a,b;c\n\"x;y;z\",1\n"), "1:a|b;c\n2:x;y;z|1\n");
  READS(S("one\ntwo\n"), "1:one\n2:two\n");
  READS(S("sep=;\r\na,b;c\r\n"), "1:a,b|c\n");
}

TEST(csv_broken_quotes_say_where) {
  REFUSES(S("a,b\n1,\"x\"y\n"), E_MALFORMED, "text_after_quote", "row 2");
  REFUSES(S("a,b\n1,\"never\n3,4\n"), E_MALFORMED, "unclosed_quote", "row 2");
}

TEST(csv_encodings) {
  const char *text = "姓名,社区\n王五,石头社区𠮷\n";
  const char *want = "1:姓名|社区\n2:王五|石头社区𠮷\n";
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(4));
  READS(S("\xEF\xBB\xBF姓名,社区\n"), "1:姓名|社区\n");
  convert(&b, "GB18030", str_from(text));
  READS(buf_str(&b), want);
  struct err e = {0};
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  CHECK_EQ_I64(sheet_open(buf_str(&b), &r, &e), 0);
  CHECK_STR(sheet_encoding(r), "GB18030");
  CHECK_EQ_I64(sheet_format(r), SHEET_CSV);
  buf_clear(&b);
  buf_lit(&b, "\xFF\xFE");
  convert(&b, "UTF-16LE", str_from(text));
  READS(buf_str(&b), want);
  buf_clear(&b);
  buf_lit(&b, "\xFE\xFF");
  convert(&b, "UTF-16BE", str_from(text));
  READS(buf_str(&b), want);
}

TEST(csv_gb18030_larger_than_the_window) {
  _cleanup_(buf_done) struct buf utf8 = BUF_INIT(MIB(4)), gbk = BUF_INIT(MIB(16));
  for (int i = 0; i < 40000; i++) buf_printf(&utf8, "%d,广安门内街道\"\n", i);
  convert(&gbk, "GB18030", buf_str(&utf8));
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  struct err e = {0};
  CHECK_EQ_I64(sheet_open(buf_str(&gbk), &r, &e), 0);
  const struct sheet_row *row;
  char want[16];
  for (int i = 0; i < 40000; i++) {
    CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
    CHECK(row && row->n == 2);
    snprintf(want, sizeof want, "%d", i);
    CHECK(str_is(row->cells[0].text, want));
    CHECK(str_is(row->cells[1].text, "广安门内街道\""));
  }
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(row == NULL);
  CHECK_EQ_I64(sheet_choose(r, 0, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(row && row->number == 1);
}

TEST(csv_wrong_encoding_names_the_byte) {
  REFUSES(S("姓名,社区\n王\xFF,石头\n"), E_MALFORMED, "bad_encoding", "byte 17");
  REFUSES(S("\xEF\xBB\xBFok\n\xB0\xA1\n"), E_MALFORMED, "bad_encoding", "byte 6");
  REFUSES(S("a,b\n1,\xFF\xFF\n"), E_MALFORMED, "bad_encoding", "byte 6");
  REFUSES(((struct str){"a\0b\0,\0", 6}), E_MALFORMED, "bad_encoding", "byte 1");
  REFUSES(((struct str){"\xFF\xFE"
                        "a\0\n",
                        5}),
          E_MALFORMED, "bad_encoding", "byte 4");
  /* UTF-8 cut in the middle of a character */
  REFUSES(((struct str){"姓名,社", 9}), E_MALFORMED, "bad_encoding", "byte 7");
}

TEST(csv_what_excel_does_to_numbers) {
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  struct err e = {0};
  const struct sheet_row *row;
  CHECK_EQ_I64(
      sheet_open(S("id,n\n1.10101E+17,\"=\"\"0012\"\"\"\n110101199003070011,1E5\n"), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(row->cells[0].lost_digits);
  CHECK(row->cells[0].kind == CELL_TEXT);
  CHECK(str_is(row->cells[1].text, "0012"));
  CHECK(str_is(row->cells[1].source, "=\"0012\""));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(!row->cells[0].lost_digits);
  CHECK(!row->cells[1].lost_digits);
}

TEST(csv_limits) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(8));
  for (int i = 0; i < LIMIT_XLSX_COLUMNS; i++) buf_lit(&b, "x,");
  REFUSES(buf_str(&b), E_TOO_LARGE, "columns", "row 1");
  b.n--;
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  struct err e = {0};
  const struct sheet_row *row;
  CHECK_EQ_I64(sheet_open(buf_str(&b), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(row->n, LIMIT_XLSX_COLUMNS);
  buf_clear(&b);
  buf_lit(&b, "a\n");
  for (size_t i = 0; i <= LIMIT_SHEET_CELL; i++) buf_char(&b, 'x');
  REFUSES(buf_str(&b), E_TOO_LARGE, "cell_text", "row 2");
}

TEST(csv_not_a_table) {
  REFUSES(S("  \r\n "), E_MALFORMED, "empty_file", "");
  REFUSES(S("%PDF-1.7\n"), E_UNSUPPORTED, "pdf", "");
  REFUSES(S(" <html><table>"), E_UNSUPPORTED, "html", "");
  REFUSES(S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old"), E_UNSUPPORTED, "xls", "");
  REFUSES(((struct str){"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"
                        "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
                        40}),
          E_UNSUPPORTED, "encrypted", "");
}

TEST(csv_written_and_read_again) {
  static const char *texts[] = {"张三",  "=1+1",   "+86 10",    "-5",        "@x",        "\tx",
                                "'=1+1", "'plain", "a,b",       "say \"x\"", "l1\nl2",    " lead",
                                "",      "''=",    "=\"0012\"", "tab\tin",   "semi;colon"};
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(16));
  struct csv_writer w;
  csv_begin(&w, &b);
  csv_text(&w, S("文字"));
  csv_text(&w, S("数"));
  csv_end_row(&w);
  csv_hxl_row(&w, (struct str[]){S("#name"), S("#value+n")}, 2);
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    csv_text(&w, str_from(texts[i]));
    csv_i64(&w, -(int64_t)i);
    csv_end_row(&w);
  }
  CHECK(csv_ok(&w));
  CHECK(str_starts(buf_str(&b),
                   S("\xEF\xBB\xBF文字,数\r\n#name,#value+n\r\n张三,0\r\n\"'=1+1\",-1\r\n")));
  CHECK(str_find(buf_str(&b), S("\n=")) == (size_t)-1);
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  struct err e = {0};
  const struct sheet_row *row;
  CHECK_EQ_I64(sheet_open(buf_str(&b), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(!sheet_row_is_hxl(row));
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(sheet_row_is_hxl(row));
  for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
    CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
    CHECK(row && row->n == 2);
    CHECK_MEM(row->cells[0].text.p, row->cells[0].text.n, texts[i], strlen(texts[i]));
  }
}

TEST(csv_misuse_of_the_writer_is_seen) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(16));
  struct csv_writer w;
  csv_begin(&w, &b);
  csv_text(&w, S("a"));
  csv_end_row(&w);
  CHECK(csv_ok(&w));
  csv_text(&w, S("a"));
  csv_text(&w, S("b"));
  csv_end_row(&w);
  CHECK(!csv_ok(&w));
  _cleanup_(buf_done) struct buf small = BUF_INIT(4);
  csv_begin(&w, &small);
  csv_text(&w, S("does not fit"));
  csv_end_row(&w);
  CHECK(!csv_ok(&w));
}

TEST(sheet_column_letters) {
  char out[COLUMN_TEXT];
  static const struct {
    uint16_t column;
    const char *want;
  } known[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {51, "AZ"}, {52, "BA"}, {701, "ZZ"}, {702, "AAA"}};
  for (size_t i = 0; i < ARRAY_LEN(known); i++) {
    sheet_column(known[i].column, out);
    CHECK_STR(out, known[i].want);
  }
}
