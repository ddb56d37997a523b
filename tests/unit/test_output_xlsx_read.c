#include "base/limits.h"
#include "base/timeutil.h"
#include "harness.h"
#include "output/sheet.h"
#include "zipmake.h"
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define SHEET(rows)                                                                                \
  "<worksheet "                                                                                    \
  "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>" rows           \
  "</sheetData></worksheet>"

/* "row:A=text(kind)" for each cell that is not empty; kinds t n d m T b e, f formula, ! lost. */
static int dump_rows(struct sheet_reader *r, struct buf *out, struct err *e) {
  const struct sheet_row *row = NULL;
  int code = 0;
  while ((code = sheet_next(r, &row, e)) == 0 && row) {
    buf_printf(out, "%u:", (unsigned)row->number);
    for (size_t i = 0; i < row->n; i++) {
      const struct cell *c = &row->cells[i];
      char column[COLUMN_TEXT];
      if (c->kind == CELL_EMPTY && !c->formula) continue;
      sheet_column(c->column, column);
      buf_printf(out, " %s=" STR_FMT "(%c%s%s)", column, STR_ARG(c->text), "-tndmTbe"[c->kind],
                 c -> formula ? "f" : "", c->lost_digits ? "!" : "");
    }
    buf_char(out, '\n');
  }
  return code;
}

static int dump(struct str bytes, struct buf *out, struct err *e) {
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  int code = sheet_open(bytes, &r, e);
  return code < 0 ? code : dump_rows(r, out, e);
}

static int dump_book(struct bookmake m, struct buf *out, struct err *e) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(40));
  bookmake(&file, m);
  return dump(buf_str(&file), out, e);
}

#define BOOK_READS(want_, ...)                                                                     \
  do {                                                                                             \
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));                                         \
    struct err err = {0};                                                                          \
    if (dump_book((struct bookmake){__VA_ARGS__}, &got, &err) < 0)                                 \
      HARNESS_FAIL("%s in %s (%d)", err.what, err.field, err.sys);                                 \
    CHECK_STR(buf_z(&got), (want_));                                                               \
  } while (0)

#define BOOK_REFUSED(code_, what_, field_, ...)                                                    \
  do {                                                                                             \
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));                                         \
    struct err err = {0};                                                                          \
    CHECK_EQ_I64(dump_book((struct bookmake){__VA_ARGS__}, &got, &err), -(code_));                 \
    CHECK_STR(err.what, (what_));                                                                  \
    CHECK_STR(err.field, (field_));                                                                \
  } while (0)

TEST(xlsx_shared_strings_with_runs_and_readings) {
  BOOK_READS("1: A=石头社区(t) B=红黑(t) C= 空格 (t)\n",
             .sheet = SHEET("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" "
                            "t=\"s\"><v>1</v></c><c r=\"C1\" t=\"s\"><v>2</v></c></row>"),
             .strings = "<sst><si><t>石头社区</t><rPh sb=\"0\" eb=\"2\"><t>shitou</t></rPh></si>"
                        "<si><r><rPr><b/></rPr><t>红</t></r><r><t>黑</t></r><phoneticPr/></si>"
                        "<si><t xml:space=\"preserve\"> 空格 </t></si></sst>");
}

TEST(xlsx_every_cell_type) {
  BOOK_READS(
      "1: A=行内(t) B=公式文字(tf) C=TRUE(b) D=FALSE(b) E=#N/A(e) F=42(n) G=(-f) "
      "H=2020-05-08(d) I=2020-05-08 17:30:00(m)\n",
      .sheet =
          SHEET("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><r><t>行</t></r><r><t>内</t></r></is>"
                "</c><c r=\"B1\" t=\"str\"><f>A1&amp;\"x\"</f><v>公式文字</v></c><c r=\"C1\" "
                "t=\"b\"><v>1</v></c><c r=\"D1\" t=\"b\"><v>0</v></c><c r=\"E1\" "
                "t=\"e\"><v>#N/A</v></c><c r=\"F1\"><v>42</v></c><c r=\"G1\"><f>1+1</f></c>"
                "<c r=\"H1\" t=\"d\"><v>2020-05-08</v></c><c r=\"I1\" "
                "t=\"d\"><v>2020-05-08T17:30:00</v></c></row>"));
}

TEST(xlsx_numbers_as_a_person_sees_them) {
  BOOK_READS("1: A=36.6(n) B=0.00001(n) C=13800138000(n) D=110101199003071000(n!) "
             "E=110101199003071234(n!) F=-12.5(n) G=1500(n) H=123456789012345(n)\n",
             .sheet = SHEET("<row r=\"1\"><c><v>36.600000000000001</v></c><c><v>1E-5</v></c><c><v>"
                            "13800138000</v></c><c><v>1.10101199003071E+17</v></c><c><v>"
                            "110101199003071234</v></c><c><v>-12.5</v></c><c><v>1.5E3</v></c><c>"
                            "<v>123456789012345</v></c></row>"));
}

TEST(xlsx_source_text_is_kept) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(KIB(16));
  bookmake(&file, (struct bookmake){.sheet = SHEET("<row><c><v>36.600000000000001</v></c></row>")});
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  const struct sheet_row *row;
  struct err e = {0};
  CHECK_EQ_I64(sheet_open(buf_str(&file), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK(str_is(row->cells[0].source, "36.600000000000001"));
  CHECK(row->cells[0].was_number && !row->cells[0].lost_digits);
  CHECK(row->cells[0].number > 36.59 && row->cells[0].number < 36.61);
}

#define DATE_STYLES                                                                                \
  "<styleSheet><numFmts><numFmt numFmtId=\"164\" "                                                 \
  "formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;\"/>"                                           \
  "<numFmt numFmtId=\"165\" formatCode=\"[$-804]h:mm AM/PM\"/><numFmt numFmtId=\"166\" "           \
  "formatCode=\"[Red]0.00;&quot;d&quot;\"/><numFmt numFmtId=\"167\" formatCode=\"[h]:mm\"/>"       \
  "<numFmt numFmtId=\"168\" formatCode=\"0.0E+00\"/></numFmts><cellStyleXfs><xf "                  \
  "numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf "         \
  "numFmtId=\"22\"/><xf numFmtId=\"20\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf "         \
  "numFmtId=\"166\"/><xf numFmtId=\"167\"/><xf numFmtId=\"168\"/><xf numFmtId=\"31\"/>"            \
  "</cellXfs></styleSheet>"

TEST(xlsx_dates_by_number_format) {
  BOOK_READS(
      "1: A=43959(n) B=2020-05-08(d) C=2020-05-08 17:30:00(m) D=08:00(T) E=2020-05-08(d) "
      "F=17:30(T) G=43959(n) H=24:00(T) I=43959(n) J=2020-05-08(d)\n"
      "2: A=1900-01-01(d) B=1900-02-28(d) C=60(n) D=1900-03-01(d) E=0(n) F=-1(n) "
      "G=9999-12-31(d) H=2958466(n) I=2020-05-09 00:00:00(m) J=1.5(n)\n",
      .styles = DATE_STYLES,
      .sheet =
          SHEET("<row r=\"1\"><c s=\"0\"><v>43959</v></c><c s=\"1\"><v>43959</v></c><c "
                "s=\"2\"><v>43959.729166666664</v></c><c s=\"3\"><v>0.33333333333333331</v></c><c "
                "s=\"4\"><v>43959</v></c><c s=\"5\"><v>0.72916666</v></c><c "
                "s=\"6\"><v>43959</v></c><c s=\"7\"><v>1</v></c><c s=\"8\"><v>43959</v></c><c "
                "s=\"9\"><v>43959</v></c></row>"
                "<row r=\"2\"><c s=\"1\"><v>1</v></c><c s=\"1\"><v>59</v></c><c "
                "s=\"1\"><v>60</v></c><c s=\"1\"><v>61</v></c><c s=\"1\"><v>0</v></c><c "
                "s=\"1\"><v>-1</v></c><c s=\"1\"><v>2958465</v></c><c s=\"1\"><v>2958466</v></c><c "
                "s=\"2\"><v>43959.999999</v></c><c s=\"7\"><v>1.5</v></c></row>"));
}

TEST(xlsx_dates_of_1904) {
  BOOK_READS("1: A=1904-01-01(d) B=2020-05-08(d)\n", .workbook_pr = "<workbookPr date1904=\"1\"/>",
             .styles = DATE_STYLES,
             .sheet = SHEET("<row><c s=\"1\"><v>0</v></c><c s=\"1\"><v>42497</v></c></row>"));
}

TEST(xlsx_sparse_cells_by_reference) {
  BOOK_READS("3: B=1(n) Z=2(n) IV=3(n)\n7: A=4(n)\n8: A=5(n) C=6(n)\n",
             .sheet = SHEET("<row r=\"2\"/><row r=\"3\"><c r=\"B3\"><v>1</v></c><c "
                            "r=\"Z3\"><v>2</v></c><c r=\"IV3\"><v>3</v></c><c r=\"XFD3\" "
                            "s=\"1\"/></row><row r=\"7\"><c r=\"A7\"><v>4</v></c></row>"
                            "<row><c><v>5</v></c><c/><c><v>6</v></c></row>"));
}

TEST(xlsx_rows_do_not_inherit_from_the_row_before) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(KIB(16));
  bookmake(&file,
           (struct bookmake){
               .sheet = SHEET(
                   "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\"><v>2</v></c><c "
                   "r=\"C1\"><v>3</v></c></row><row r=\"2\"><c r=\"C2\"><v>9</v></c></row>")});
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  const struct sheet_row *row;
  struct err e = {0};
  CHECK_EQ_I64(sheet_open(buf_str(&file), &r, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(sheet_next(r, &row, &e), 0);
  CHECK_EQ_I64(row->n, 3);
  CHECK(row->cells[0].kind == CELL_EMPTY && row->cells[0].text.n == 0);
  CHECK(row->cells[1].kind == CELL_EMPTY && row->cells[1].column == 1);
  CHECK(str_is(row->cells[2].text, "9"));
}

TEST(xlsx_merged_ranges_are_known_first) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(KIB(16));
  bookmake(&file,
           (struct bookmake){
               .sheet =
                   "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData>"
                   "<mergeCells count=\"2\"><mergeCell ref=\"A1:C1\"/><mergeCell "
                   "ref=\"B3:B10\"/></mergeCells></worksheet>"});
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  struct err e = {0};
  CHECK_EQ_I64(sheet_open(buf_str(&file), &r, &e), 0);
  const struct sheet_range *ranges;
  CHECK_EQ_I64(sheet_merges(r, &ranges), 2);
  CHECK(sheet_merged(r, 1, 2) == &ranges[0]);
  CHECK(sheet_merged(r, 10, 1) == &ranges[1]);
  CHECK(sheet_merged(r, 1, 3) == NULL);
  CHECK(sheet_merged(r, 2, 0) == NULL);
}

TEST(xlsx_strict_dialect_with_prefixes) {
  BOOK_READS("1: A=甲(t)\n",
             .sheet = "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"><x:"
                      "sheetData><x:row r=\"1\"><x:c r=\"A1\" t=\"s\"><x:v>0</x:v></x:c></x:row></"
                      "x:sheetData></x:worksheet>",
             .strings = "<x:sst xmlns:x=\"u\"><x:si><x:t>甲</x:t></x:si></x:sst>");
}

TEST(xlsx_escaped_characters) {
  BOOK_READS("1: A=a\nb_x0041_\tc中_xD83D_(t)\n",
             .sheet = SHEET("<row><c t=\"str\"><v>a_x000D_\nb_x005F_x0041__x0009_c_x4E2D__xD83D_"
                            "</v></c></row>"));
}

TEST(xlsx_doctype_and_entities_are_refused) {
  BOOK_REFUSED(E_MALFORMED, "doctype", "xl/worksheets/sheet1.xml",
               .sheet = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>" SHEET(
                   "<row><c t=\"str\"><v>&b;</v></c></row>"));
  BOOK_REFUSED(E_MALFORMED, "doctype", "xl/sharedStrings.xml", .sheet = SHEET(""),
               .strings = "<!DOCTYPE sst SYSTEM \"file:///etc/passwd\"><sst/>");
  BOOK_REFUSED(E_MALFORMED, "bad_xml", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row><c t=\"str\"><v>&unknown;</v></c></row>"));
}

TEST(xlsx_damaged_parts_are_named) {
  BOOK_REFUSED(E_MALFORMED, "part_missing", "xl/worksheets/sheet1.xml", .strings = "<sst/>");
  BOOK_REFUSED(E_MALFORMED, "bad_xml", "xl/worksheets/sheet1.xml", .sheet = "<worksheet><sheetDa");
  BOOK_REFUSED(E_MALFORMED, "bad_xml", "xl/styles.xml", .sheet = SHEET(""), .styles = "<a></b>");
  BOOK_REFUSED(E_MALFORMED, "cell_value", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row><c t=\"s\"><v>0</v></c></row>"), .strings = "<sst/>");
  BOOK_REFUSED(E_MALFORMED, "cell_value", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row><c><v>0x12</v></c></row>"));
  BOOK_REFUSED(E_MALFORMED, "cell_value", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row><c><v>1e999</v></c></row>"));
  BOOK_REFUSED(E_MALFORMED, "cell_value", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row><c><v>nan</v></c></row>"));
  BOOK_REFUSED(E_MALFORMED, "row_order", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row r=\"5\"/><row r=\"5\"/>"));
  BOOK_REFUSED(E_MALFORMED, "row_number", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row r=\"1048577\"/>"));
  BOOK_REFUSED(E_MALFORMED, "cell_reference", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row r=\"5\"><c r=\"A6\"/></row>"));
  BOOK_REFUSED(E_MALFORMED, "cell_reference", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row r=\"5\"><c r=\"ZZZZ5\"/></row>"));
  BOOK_REFUSED(E_MALFORMED, "cell_twice", "xl/worksheets/sheet1.xml",
               .sheet =
                   SHEET("<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"A1\"><v>2</v></c></row>"));
}

TEST(xlsx_too_many_columns) {
  BOOK_REFUSED(E_TOO_LARGE, "columns", "xl/worksheets/sheet1.xml",
               .sheet = SHEET("<row r=\"1\"><c r=\"IW1\"><v>1</v></c></row>"));
}

TEST(xlsx_nested_without_end) {
  _cleanup_(buf_done) struct buf sheet = BUF_INIT(MIB(20)), got = BUF_INIT(KIB(1));
  struct err e = {0};
  for (int i = 0; i < 1000000; i++) buf_lit(&sheet, "<a>");
  CHECK_EQ_I64(dump_book((struct bookmake){.sheet = buf_z(&sheet)}, &got, &e), -E_TOO_LARGE);
  CHECK_STR(e.what, "xml_depth");
}

TEST(xlsx_tag_without_end) {
  _cleanup_(buf_done) struct buf sheet = BUF_INIT(MIB(20)), got = BUF_INIT(KIB(1));
  struct err e = {0};
  buf_lit(&sheet, "<worksheet a=\"");
  for (int i = 0; i < 3000000; i++) buf_lit(&sheet, "abc");
  buf_lit(&sheet, "\"/>");
  CHECK_EQ_I64(dump_book((struct bookmake){.sheet = buf_z(&sheet)}, &got, &e), -E_TOO_LARGE);
  CHECK_STR(e.what, "xml_tag");
}

TEST(xlsx_text_of_any_length_is_no_tag) {
  _cleanup_(buf_done) struct buf sheet = BUF_INIT(MIB(20)), got = BUF_INIT(KIB(1));
  struct err e = {0};
  buf_lit(&sheet, "<worksheet><!-- -->");
  for (int i = 0; i < 1000000; i++) buf_lit(&sheet, "   \n");
  buf_lit(&sheet, "<sheetData><row><c><v>1</v></c></row></sheetData></worksheet>");
  CHECK_EQ_I64(dump_book((struct bookmake){.sheet = buf_z(&sheet)}, &got, &e), 0);
  CHECK_STR(buf_z(&got), "1: A=1(n)\n");
}

TEST(xlsx_too_many_rows) {
  _cleanup_(buf_done) struct buf sheet = BUF_INIT(MIB(20)), got = BUF_INIT(MIB(20));
  buf_lit(&sheet, "<worksheet><sheetData>");
  for (int i = 0; i <= LIMIT_XLSX_ROWS; i++) buf_lit(&sheet, "<row><c><v>1</v></c></row>");
  buf_lit(&sheet, "</sheetData></worksheet>");
  struct err e = {0};
  CHECK_EQ_I64(dump_book((struct bookmake){.sheet = buf_z(&sheet)}, &got, &e), -E_TOO_LARGE);
  CHECK_STR(e.what, "rows");
}

/* --- files of another writer, by libxlsxwriter -------------------------------------------------
 */

struct made {
  char path[64];
  struct buf file;
};

static void made_done(struct made *m) {
  if (m->path[0]) remove(m->path);
  buf_done(&m->file);
}

static lxw_workbook *make(struct made *m, bool constant_memory) {
  *m = (struct made){.file = BUF_INIT(MIB(40))};
  snprintf(m->path, sizeof m->path, "/tmp/test_output_XXXXXX");
  int fd = mkstemp(m->path);
  if (fd < 0) return NULL;
  close(fd);
  lxw_workbook_options options = {.constant_memory = constant_memory};
  return workbook_new_opt(m->path, &options);
}

static void load(struct made *m, lxw_workbook *book) {
  workbook_close(book);
  FILE *f = fopen(m->path, "rb");
  char piece[8192];
  size_t n;
  while (f && (n = fread(piece, 1, sizeof piece, f)) > 0) buf_add(&m->file, piece, n);
  if (f) fclose(f);
}

TEST(xlsx_of_libxlsxwriter) {
  _cleanup_(made_done) struct made m;
  lxw_workbook *book = make(&m, false);
  CHECK(book != NULL);
  lxw_worksheet *one = workbook_add_worksheet(book, "说明"),
                *two = workbook_add_worksheet(book, "名单");
  worksheet_write_string(one, 0, 0, "先读我", NULL);
  lxw_format *date = workbook_add_format(book);
  format_set_num_format(date, "yyyy-mm-dd hh:mm");
  worksheet_merge_range(two, 0, 0, 0, 2, "人员信息", NULL);
  worksheet_write_string(two, 1, 0, "姓名", NULL);
  worksheet_write_string(two, 1, 1, "到岗", NULL);
  worksheet_write_string(two, 2, 0, "张三", NULL);
  lxw_datetime at = {2020, 5, 8, 17, 30, 0};
  worksheet_write_datetime(two, 2, 1, &at, date);
  worksheet_write_number(two, 2, 2, 110101199003071234.0, NULL);
  worksheet_write_formula_num(two, 2, 3, "=1+1", NULL, 2);
  worksheet_write_boolean(two, 2, 4, 1, NULL);
  worksheet_hide(one);
  worksheet_activate(two);
  load(&m, book);

  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  _cleanup_(buf_done) struct buf got = BUF_INIT(KIB(16));
  struct err e = {0};
  CHECK_EQ_I64(sheet_open(buf_str(&m.file), &r, &e), 0);
  CHECK_EQ_I64(sheet_format(r), SHEET_XLSX);
  CHECK_EQ_I64(sheet_count(r), 2);
  CHECK(sheet_hidden(r, 0) && !sheet_hidden(r, 1));
  CHECK(str_is(sheet_name(r, 1), "名单"));
  CHECK_EQ_I64(sheet_chosen(r), 1);
  const struct sheet_range *ranges;
  CHECK_EQ_I64(sheet_merges(r, &ranges), 1);
  CHECK_EQ_I64(dump_rows(r, &got, &e), 0);
  CHECK_STR(buf_z(&got), "1: A=人员信息(t)\n2: A=姓名(t) B=到岗(t)\n"
                         "3: A=张三(t) B=2020-05-08 17:30:00(m) C=110101199003071000(n!) D=2(nf) "
                         "E=TRUE(b)\n");
  buf_clear(&got);
  CHECK_EQ_I64(sheet_choose_name(r, S("说明"), &e), 0);
  CHECK_EQ_I64(sheet_merges(r, &ranges), 0);
  CHECK_EQ_I64(dump_rows(r, &got, &e), 0);
  CHECK_STR(buf_z(&got), "1: A=先读我(t)\n");
  CHECK_EQ_I64(sheet_choose_name(r, S("没有"), &e), -E_NOT_FOUND);
  CHECK_EQ_I64(sheet_choose(r, 2, &e), -E_NOT_FOUND);
}

static void small_book(struct made *m) {
  lxw_workbook *book = make(m, true);
  lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
  for (lxw_row_t i = 0; i < 200; i++) {
    worksheet_write_string(sheet, i, 0, "西城区总工会", NULL);
    worksheet_write_number(sheet, i, 1, i * 7919, NULL);
  }
  load(m, book);
}

TEST(xlsx_truncated_anywhere_is_refused) {
  _cleanup_(made_done) struct made m;
  small_book(&m);
  CHECK(m.file.n > 1000);
  for (size_t n = 4; n < m.file.n; n += 7) {
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));
    struct err e = {0};
    CHECK_EQ_I64(dump((struct str){m.file.p, n}, &got, &e), -E_MALFORMED);
  }
}

TEST(xlsx_flipped_bytes_never_give_wrong_rows) {
  _cleanup_(made_done) struct made m;
  small_book(&m);
  _cleanup_(buf_done) struct buf right = BUF_INIT(MIB(1));
  struct err e = {0};
  CHECK_EQ_I64(dump(buf_str(&m.file), &right, &e), 0);
  for (size_t at = 0; at < m.file.n; at += 3) {
    _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(1));
    m.file.p[at] = (char)(m.file.p[at] ^ 0x41);
    int code = dump(buf_str(&m.file), &got, &e);
    m.file.p[at] = (char)(m.file.p[at] ^ 0x41);
    /* bytes of times and attributes may change; the content is under a checksum */
    if (code == 0) CHECK_STR(buf_z(&got), buf_z(&right));
  }
}

TEST(xlsx_bomb_is_refused_by_size_and_ratio) {
  _cleanup_(made_done) struct made m;
  lxw_workbook *book = make(&m, true);
  lxw_worksheet *sheet = workbook_add_worksheet(book, NULL);
  static char long_text[32001];
  memset(long_text, 'A', sizeof long_text - 1);
  for (lxw_row_t i = 0; i < 1200; i++) worksheet_write_string(sheet, i, 0, long_text, NULL);
  load(&m, book);
  _cleanup_(buf_done) struct buf got = BUF_INIT(MIB(40));
  struct err e = {0};
  CHECK_EQ_I64(dump(buf_str(&m.file), &got, &e), -E_TOO_LARGE);
  CHECK_STR(e.what, "unzipped_size");
  CHECK_STR(e.field, "xl/worksheets/sheet1.xml");
}

TEST(xlsx_absurd_directories) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(MIB(1)), got = BUF_INIT(MIB(1));
  struct err e = {0};
  buf_lit(&b, "PK\x05\x06");
  zipmake_le(&b, 0, 4);
  zipmake_le(&b, 0xfffe, 2);
  zipmake_le(&b, 0xfffe, 2);
  zipmake_le(&b, 0x7fffffff, 4);
  zipmake_le(&b, 0, 4);
  zipmake_le(&b, 0, 2);
  CHECK_EQ_I64(dump(buf_str(&b), &got, &e), -E_TOO_LARGE);
  b.p[8] = b.p[10] = 1;
  b.p[9] = b.p[11] = 0;
  CHECK_EQ_I64(dump(buf_str(&b), &got, &e), -E_MALFORMED);
  CHECK_STR(e.field, "directory");
  CHECK_EQ_I64(dump(S("PK\x03\x04 and nothing else"), &got, &e), -E_MALFORMED);
}

TEST(xlsx_other_zips_are_named) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(16)), got = BUF_INIT(KIB(16));
  struct err e = {0};
  struct zipmake z = {.out = &b};
  zipmake_part(&z, "mimetype", S("application/vnd.oasis.opendocument.spreadsheet"));
  zipmake_part(&z, "content.xml", S("<office/>"));
  zipmake_end(&z);
  CHECK_EQ_I64(dump(buf_str(&b), &got, &e), -E_UNSUPPORTED);
  CHECK_STR(e.what, "ods");
  buf_clear(&b);
  z = (struct zipmake){.out = &b};
  zipmake_part(&z, "word/document.xml", S("<w/>"));
  zipmake_end(&z);
  CHECK_EQ_I64(dump(buf_str(&b), &got, &e), -E_MALFORMED);
  CHECK_STR(e.what, "no_workbook");
}

/* --- files kept from other writers --------------------------------------------------------------
 */

static bool fixture(const char *name, struct buf *out) {
  char path[512], piece[8192];
  size_t n;
  const char *top = getenv("TOP");
  snprintf(path, sizeof path, "%s/tests/fixtures/spreadsheets/%s", top ? top : ".", name);
  FILE *f = fopen(path, "rb");
  while (f && (n = fread(piece, 1, sizeof piece, f)) > 0) buf_add(out, piece, n);
  if (f) fclose(f);
  return f != NULL;
}

#define FIXTURE_READS(name_, want_)                                                                \
  do {                                                                                             \
    _cleanup_(buf_done) struct buf file = BUF_INIT(MIB(1)), got = BUF_INIT(MIB(1));                \
    struct err err = {0};                                                                          \
    if (!getenv("TOP") && !fixture((name_), &file)) SKIP("TOP does not name the source tree");     \
    buf_clear(&file);                                                                              \
    CHECK(fixture((name_), &file));                                                                \
    CHECK_EQ_I64(dump(buf_str(&file), &got, &err), 0);                                             \
    CHECK_STR(buf_z(&got), (want_));                                                               \
  } while (0)

TEST(xlsx_of_exceljs) {
  FIXTURE_READS(
      "exceljs.xlsx",
      "1: A=下沉人员名单(t)\n2: A=姓名(t) B=身份证号(t) C=报到日期(t) D=体温(t) E=备注(t) "
      "F=在岗(t)\n3: A=张三(t) B=11010119900307001X(t) C=2020-05-08(d) D=36.6(n) E=红黑(t) "
      "F=TRUE(b)\n4: A=李四(t) B=110101199003070000(n!) C=2020-05-08 17:30:00(m) D=36.5(nf) "
      "E=链接(t) F=FALSE(b)\n6: A=王五(t) E=#N/A(e)\n");
}

TEST(xlsx_of_sheetjs) {
  FIXTURE_READS("sheetjs.xlsx", "1: A=姓名(t) B=日期(t) C=数(t)\n2: A=赵六(t) B=2020-05-08(d) "
                                "C=0.0000001(n)\n3: A=  空格 (t) C=110101199003070000(n!)\n");
}
