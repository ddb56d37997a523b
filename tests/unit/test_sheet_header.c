#include "base/buf.h"
#include "base/limits.h"
#include "harness.h"
#include "output/sheet_down.h"
#include "output/sheet_header.h"
#include "zipmake.h"

/* Where the header of a sheet lies and what each column is called, in the shapes in which people
 * send them; and what is merged down over rows. */

#define BOOK(rows, merges)                                                                         \
  "<worksheet "                                                                                    \
  "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>" rows           \
  "</sheetData>" merges "</worksheet>"
#define ROW(n, cells)  "<row r=\"" #n "\">" cells "</row>"
#define CELL(at, text) "<c r=\"" at "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"
#define MERGES(ranges) "<mergeCells>" ranges "</mergeCells>"
#define MERGE(range)   "<mergeCell ref=\"" range "\"/>"

/* The titles that count are given as "名称|从湖北来/未返|…", whole or with their group. */
static bool known(void *arg, const struct sheet_title *t) {
  struct str rest = str_from(arg);
  char both[200];
  snprintf(both, sizeof both, STR_FMT "/" STR_FMT, STR_ARG(t->upper), STR_ARG(t->lower));
  while (rest.p && rest.n) {
    const struct str one = str_split(&rest, '|');
    if (str_eq(one, t->lower) || str_is(one, both)) return true;
  }
  return false;
}

/* "3-4 名称 从湖北来/未返 | 5", the last being the row that is read next; "none" without one. */
static const char *header_of(struct str bytes, const char *words) {
  static char text[1000];
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(1));
  const struct sheet_row *row = NULL;
  struct sheet_header h;
  struct err e = {0};
  if (sheet_open(bytes, &r, &e) < 0) return e.what;
  if (sheet_header_find(r, a, known, (void *)(uintptr_t)words, &h, &e) < 0) return e.what;
  if (h.n) buf_printf(&b, "%u-%u", (unsigned)h.top, (unsigned)h.bottom);
  if (!h.n) buf_lit(&b, "none");
  for (size_t i = 0; i < h.n; i++) {
    const struct sheet_title *t = &h.titles[i];
    buf_printf(&b, " " STR_FMT "%s" STR_FMT, STR_ARG(t->upper), t->upper.n ? "/" : "",
               STR_ARG(t->lower));
  }
  if (sheet_next(r, &row, &e) < 0) return e.what;
  buf_printf(&b, " | %u", row ? (unsigned)row->number : 0);
  snprintf(text, sizeof text, "%s", buf_z(&b));
  return text;
}

static const char *book_header(const char *sheet, const char *words) {
  _cleanup_(buf_done) struct buf file = BUF_INIT(KIB(64));
  bookmake(&file, (struct bookmake){.sheet = sheet});
  return header_of(buf_str(&file), words);
}

TEST(header_of_one_row_below_titles) {
  CHECK_STR(header_of(S("名称,人数\n甲,1\n"), "名称|人数"), "1-1 名称 人数 | 2");
  CHECK_STR(header_of(S("某街道日报,,\n填报日期：5月8日,,\n名称,人数,备注\n甲,1,\n"), "名称|人数"),
            "3-3 名称 人数 备注 | 4");
  /* one word that is known does not make a header out of a line of many */
  CHECK_STR(header_of(S("名称,其他,又一\n甲,1,2\n"), "名称|人数"), "none | 1");
  CHECK_STR(header_of(S("a,b\n1,2\n"), "名称"), "none | 1");
}

TEST(header_of_two_rows_merged) {
  const char *const sheet =
      BOOK(ROW(1, CELL("A1", "日报表")) ROW(2, CELL("A2", "名称") CELL("B2", "从湖北来")
                                                   CELL("D2", "从别处来"))
               ROW(3, CELL("B3", "未返") CELL("C3", "已返") CELL("D3", "未返") CELL("E3", "已返"))
                   ROW(4, CELL("A4", "甲") CELL("B4", "1")),
           MERGES(MERGE("A1:E1") MERGE("A2:A3") MERGE("B2:C2") MERGE("D2:E2")));
  CHECK_STR(book_header(sheet, "名称|从湖北来/未返|从湖北来/已返|从别处来/未返|从别处来/已返"),
            "2-3 名称 从湖北来/未返 从湖北来/已返 从别处来/未返 从别处来/已返 | 4");
}

TEST(header_of_three_rows_merged) {
  const char *const sheet = BOOK(
      ROW(1, CELL("A1", "名称") CELL("B1", "职工")) ROW(2, CELL("B2", "在京") CELL("D2", "离京"))
          ROW(3, CELL("B3", "到岗") CELL("C3", "居家")) ROW(4, CELL("A4", "甲") CELL("D4", "3")),
      MERGES(MERGE("A1:A3") MERGE("B1:D1") MERGE("B2:C2") MERGE("D2:D3")));
  CHECK_STR(book_header(sheet, "名称|职工在京/到岗|职工在京/居家|职工/离京"),
            "1-3 名称 职工在京/到岗 职工在京/居家 职工/离京 | 4");
}

TEST(groups_are_carried_to_the_right_in_a_csv) {
  CHECK_STR(header_of(S("名称,从湖北来,,从别处来,\n,未返,已返,未返,已返\n甲,1,2,3,4\n"),
                      "名称|从湖北来/未返|从湖北来/已返|从别处来/未返|从别处来/已返"),
            "1-2 名称 从湖北来/未返 从湖北来/已返 从别处来/未返 从别处来/已返 | 3");
  /* where a workbook has merges, what is not merged is not carried */
  const char *const sheet =
      BOOK(ROW(1, CELL("A1", "名称") CELL("B1", "来京"))
               ROW(2, CELL("B2", "未返") CELL("C2", "已返") CELL("D2", "人数"))
                   ROW(3, CELL("A3", "甲") CELL("D3", "1")),
           MERGES(MERGE("A1:A2") MERGE("B1:C1")));
  CHECK_STR(book_header(sheet, "名称|来京/未返|来京/已返|人数"),
            "1-2 名称 来京/未返 来京/已返 人数 | 3");
}

/* Totals above the header and between the rows are rows like others: the header is where most
 * titles are known, and what comes behind it is the reader's next. */
TEST(totals_are_no_header) {
  CHECK_STR(header_of(S("合计,10,20\n名称,未返,已返\n小计,1,2\n甲,1,2\n"), "名称|未返|已返"),
            "2-2 名称 未返 已返 | 3");
  /* the header's words again on the second page change nothing */
  CHECK_STR(header_of(S("名称,未返,已返\n甲,1,2\n合计,1,2\n名称,未返,已返\n"), "名称|未返|已返"),
            "1-1 名称 未返 已返 | 2");
}

TEST(nothing_that_is_a_header_within_the_rows_looked_at) {
  _cleanup_(buf_done) struct buf b = BUF_INIT(KIB(4));
  for (int i = 0; i < SHEET_HEADER_LOOKED; i++) buf_lit(&b, "说明,,\n");
  buf_lit(&b, "名称,未返,已返\n甲,1,2\n");
  CHECK_STR(header_of(buf_str(&b), "名称|未返|已返"), "none | 1");
}

/* "行:文 …" of column A with what is merged over it. */
static const char *downs_of(const char *sheet, uint16_t column) {
  static char text[500];
  _cleanup_(buf_done) struct buf file = BUF_INIT(KIB(64)), b = BUF_INIT(KIB(1));
  _cleanup_(sheet_closep) struct sheet_reader *r = NULL;
  _cleanup_(arena_freep) struct arena *a = arena_create(MIB(1));
  const struct sheet_row *row = NULL;
  struct sheet_down d;
  struct err e = {0};
  bookmake(&file, (struct bookmake){.sheet = sheet});
  if (sheet_open(buf_str(&file), &r, &e) < 0 || sheet_down_begin(&d, r, a, column, &e) < 0)
    return e.what;
  while (sheet_next(r, &row, &e) == 0 && row) {
    const struct str own = column < row->n ? row->cells[column].text : (struct str){NULL, 0};
    buf_printf(&b, "%u:" STR_FMT " ", (unsigned)row->number,
               STR_ARG(sheet_down(&d, row->number, own)));
  }
  snprintf(text, sizeof text, "%s", buf_z(&b));
  return text;
}

TEST(what_is_merged_down_holds_for_each_row) {
  const char *const sheet = BOOK(
      ROW(1, CELL("A1", "街道") CELL("B1", "名称")) ROW(2, CELL("A2", "甲街道") CELL("B2", "一"))
          ROW(3, CELL("B3", "二")) ROW(5, CELL("B5", "三"))
              ROW(6, CELL("A6", "乙街道") CELL("B6", "四")) ROW(7, CELL("B7", "五"))
                  ROW(8, CELL("A8", "丙街道") CELL("B8", "六")) ROW(9, CELL("B9", "七"))
                      ROW(10, CELL("A10", "横") CELL("C10", "八")) ROW(11, CELL("C11", "九")),
      MERGES(MERGE("A8:A9") MERGE("A2:A5") MERGE("A10:B11")));
  /* rows 4 and 7: nothing there; not merged, not carried; a title over two columns is no name */
  CHECK_STR(downs_of(sheet, 0),
            "1:街道 2:甲街道 3:甲街道 5:甲街道 6:乙街道 7: 8:丙街道 9:丙街道 10:横 11: ");
  CHECK_STR(downs_of(sheet, 1), "1:名称 2:一 3:二 5:三 6:四 7:五 8:六 9:七 10: 11: ");
  CHECK_STR(downs_of(BOOK(ROW(1, CELL("A1", "x")), ""), 0), "1:x ");
}
