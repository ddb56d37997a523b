/* Zip files made by hand, for tests and fuzzers of the spreadsheet reader: stored entries, so that
 * any part can hold any bytes. The caller owns the buffer. One thread. */
#ifndef SHOUWANG_TESTS_UNIT_ZIPMAKE_H
#define SHOUWANG_TESTS_UNIT_ZIPMAKE_H

#include "base/buf.h"

enum { ZIPMAKE_MAX_PARTS = 64 };

struct zipmake {
  struct buf *out;
  struct {
    const char *name;
    uint32_t crc, size, offset;
  } parts[ZIPMAKE_MAX_PARTS];
  size_t n;
};

static inline uint32_t zipmake_crc(struct str s) {
  uint32_t c = 0xffffffffu;
  for (size_t i = 0; i < s.n; i++) {
    c ^= (unsigned char)s.p[i];
    for (int k = 0; k < 8; k++) c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
  }
  return ~c;
}

static inline void zipmake_le(struct buf *b, uint32_t v, int bytes) {
  for (int i = 0; i < bytes; i++) buf_char(b, (char)(i < 4 ? v >> (8 * i) & 0xff : 0));
}

/* What the local and the central header have in common, from the version on. */
static inline void zipmake_common(struct buf *b, uint32_t crc, uint32_t size, size_t name_n) {
  zipmake_le(b, 20, 2);
  zipmake_le(b, 0, 4);          /* flags, stored */
  zipmake_le(b, 0x50a80000, 4); /* 2020-05-08 00:00 */
  zipmake_le(b, crc, 4);
  zipmake_le(b, size, 4);
  zipmake_le(b, size, 4);
  zipmake_le(b, (uint32_t)name_n, 2);
  zipmake_le(b, 0, 2);
}

static inline void zipmake_part(struct zipmake *z, const char *name, struct str content) {
  if (z->n == ZIPMAKE_MAX_PARTS) return;
  uint32_t crc = zipmake_crc(content), offset = (uint32_t)z->out->n;
  buf_lit(z->out, "PK\x03\x04");
  zipmake_common(z->out, crc, (uint32_t)content.n, strlen(name));
  buf_add(z->out, name, strlen(name));
  buf_str_add(z->out, content);
  z->parts[z->n].name = name;
  z->parts[z->n].crc = crc;
  z->parts[z->n].size = (uint32_t)content.n;
  z->parts[z->n++].offset = offset;
}

static inline void zipmake_end(struct zipmake *z) {
  uint32_t begin = (uint32_t)z->out->n;
  for (size_t i = 0; i < z->n; i++) {
    buf_lit(z->out, "PK\x01\x02");
    zipmake_le(z->out, 20, 2);
    zipmake_common(z->out, z->parts[i].crc, z->parts[i].size, strlen(z->parts[i].name));
    zipmake_le(z->out, 0, 2 + 2 + 2 + 4);
    zipmake_le(z->out, z->parts[i].offset, 4);
    buf_add(z->out, z->parts[i].name, strlen(z->parts[i].name));
  }
  uint32_t size = (uint32_t)z->out->n - begin;
  buf_lit(z->out, "PK\x05\x06");
  zipmake_le(z->out, 0, 4);
  zipmake_le(z->out, (uint32_t)z->n, 2);
  zipmake_le(z->out, (uint32_t)z->n, 2);
  zipmake_le(z->out, size, 4);
  zipmake_le(z->out, begin, 4);
  zipmake_le(z->out, 0, 2);
}

#define ZIPMAKE_REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define ZIPMAKE_RELS(rows)                                                                         \
  "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">" rows    \
  "</Relationships>"
#define ZIPMAKE_ROW(id, type, target)                                                              \
  "<Relationship Id=\"" id "\" Type=\"" ZIPMAKE_REL "/" type "\" Target=\"" target "\"/>"

/* A workbook of one sheet out of its parts; NULL ones are left out. */
struct bookmake {
  const char *workbook_pr, *sheet, *strings, *styles;
};

static inline void bookmake(struct buf *out, struct bookmake m) {
  struct zipmake z = {.out = out};
  struct buf book = BUF_INIT(4096);
  zipmake_part(&z, "_rels/.rels",
               S(ZIPMAKE_RELS(ZIPMAKE_ROW("rId1", "officeDocument", "xl/workbook.xml"))));
  buf_printf(&book,
             "<workbook xmlns:r=\"" ZIPMAKE_REL "\">%s<sheets><sheet name=\"名单\" sheetId=\"1\" "
             "r:id=\"rId1\"/></sheets></workbook>",
             m.workbook_pr ? m.workbook_pr : "");
  zipmake_part(&z, "xl/workbook.xml", buf_str(&book));
  zipmake_part(&z, "xl/_rels/workbook.xml.rels",
               S(ZIPMAKE_RELS(ZIPMAKE_ROW("rId1", "worksheet", "worksheets/sheet1.xml")
                                  ZIPMAKE_ROW("rId2", "sharedStrings", "sharedStrings.xml")
                                      ZIPMAKE_ROW("rId3", "styles", "styles.xml"))));
  if (m.sheet) zipmake_part(&z, "xl/worksheets/sheet1.xml", str_from(m.sheet));
  if (m.strings) zipmake_part(&z, "xl/sharedStrings.xml", str_from(m.strings));
  if (m.styles) zipmake_part(&z, "xl/styles.xml", str_from(m.styles));
  zipmake_end(&z);
  buf_done(&book);
}

#endif
