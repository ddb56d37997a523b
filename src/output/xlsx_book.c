/* The parts of an XLSX that are read whole: which sheets there are and where, what the cell formats
 * mean, and the shared strings. Elements are known by their local names, so that files in the
 * strict dialect and with prefixes are read alike. */
#include "output/xlsx_parts.h"
#include <stdlib.h>

/* --- relationships and the workbook ----------------------------------------------------------- */

struct relation {
  char *id, *path;
  enum { REL_OTHER, REL_BOOK, REL_SHEET, REL_STRINGS, REL_STYLES } type;
};

struct relations {
  struct xml xml;
  const char *base; /* the folder that targets are relative to, with a slash, or empty */
  struct relation *all;
  size_t n;
};

/* "xl/" + "../a/./b.xml" is "a/b.xml"; a target with a leading slash stands on its own. */
static char *join_path(const char *base, const char *target) {
  char *out = NULL;
  if (target[0] == '/') base = "";
  if (asprintf(&out, "%s%s", base, target[0] == '/' ? target + 1 : target) < 0) return NULL;
  char *to = out;
  for (char *from = out; *from;) {
    size_t n = strcspn(from, "/");
    if (n == 2 && from[0] == '.' && from[1] == '.') {
      if (to > out) to--;
      while (to > out && to[-1] != '/') to--;
    } else if (!(n == 1 && from[0] == '.')) {
      memmove(to, from, n);
      to += n;
      if (from[n]) *to++ = '/';
    }
    from += n + (from[n] != 0);
  }
  *to = 0;
  return out;
}

static int relation_type(const char *type) {
  static const struct {
    const char *end;
    int type;
  } known[] = {{"/officeDocument", REL_BOOK},
               {"/worksheet", REL_SHEET},
               {"/sharedStrings", REL_STRINGS},
               {"/styles", REL_STYLES}};
  for (size_t i = 0; i < ARRAY_LEN(known); i++)
    if (str_ends(str_from(type), str_from(known[i].end))) return known[i].type;
  return REL_OTHER;
}

static void on_relation(void *arg, const char *name, const char **attrs) {
  struct relations *rs = arg;
  if (strcmp(xml_local(name), "Relationship") != 0) return;
  const char *id = xml_attr(attrs, "Id"), *type = xml_attr(attrs, "Type"),
             *target = xml_attr(attrs, "Target"), *mode = xml_attr(attrs, "TargetMode");
  if (!id || !type || !target || (mode && strcmp(mode, "External") == 0)) return;
  if (rs->n >= LIMIT_XLSX_PARTS) {
    xml_fail(&rs->xml, E_TOO_LARGE, "relationships");
    return;
  }
  if (rs->n % 64 == 0) {
    struct relation *more = reallocarray(rs->all, rs->n + 64, sizeof *more);
    if (!more) {
      xml_fail(&rs->xml, E_NOMEM, "relationships");
      return;
    }
    rs->all = more;
  }
  struct relation rel = {.id = strdup(id), .path = join_path(rs->base, target)};
  rel.type = (typeof(rel.type))relation_type(type);
  rs->all[rs->n++] = rel;
  if (!rel.id || !rel.path) xml_fail(&rs->xml, E_NOMEM, "relationships");
}

static void relations_done(struct relations *rs) {
  for (size_t i = 0; i < rs->n; i++) {
    free(rs->all[i].id);
    free(rs->all[i].path);
  }
  free(rs->all);
  rs->all = NULL;
  rs->n = 0;
}

static int relations_read(struct relations *rs, struct package *p, const char *part,
                          const char *base, struct err *e) {
  *rs = (struct relations){.base = base};
  /* xml_read clears only its own struct, which stands first */
  return xml_read(&rs->xml, p, part, on_relation, NULL, NULL, e);
}

struct book_xml {
  struct xml xml;
  struct book *book;
  const struct relations *rels;
};

static void on_book(void *arg, const char *name, const char **attrs) {
  struct book_xml *bx = arg;
  struct book *b = bx->book;
  name = xml_local(name);
  if (strcmp(name, "workbookPr") == 0) {
    const char *v = xml_attr(attrs, "date1904");
    b->base_1904 = v && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
    return;
  }
  if (strcmp(name, "sheet") != 0) return;
  const char *id = NULL, *title = NULL, *state = NULL;
  for (const char **a = attrs; a[0]; a += 2) {
    if (a[0] != xml_local(a[0]) && strcmp(xml_local(a[0]), "id") == 0) id = a[1];
    if (strcmp(a[0], "name") == 0) title = a[1];
    if (strcmp(a[0], "state") == 0) state = a[1];
  }
  const struct relation *rel = NULL;
  for (size_t i = 0; id && i < bx->rels->n && !rel; i++)
    if (bx->rels->all[i].type == REL_SHEET && strcmp(bx->rels->all[i].id, id) == 0)
      rel = &bx->rels->all[i];
  if (!rel || !title) return; /* a chart sheet, a macro sheet */
  if (b->n_sheets >= LIMIT_XLSX_SHEETS) {
    xml_fail(&bx->xml, E_TOO_LARGE, "sheets");
    return;
  }
  char *kept = strdup(title), *path = strdup(rel->path);
  b->sheets[b->n_sheets] =
      (struct sheet_info){.name = str_from(kept), .hidden = state && strcmp(state, "visible") != 0};
  b->paths[b->n_sheets++] = path;
  if (!kept || !path) xml_fail(&bx->xml, E_NOMEM, "sheets");
}

static const struct relation *of_type(const struct relations *rs, int type) {
  for (size_t i = 0; i < rs->n; i++)
    if ((int)rs->all[i].type == type) return &rs->all[i];
  return NULL;
}

static int take_path(const struct relations *rs, int type, struct package *p, char **ret_path,
                     struct err *e) {
  const struct relation *rel = of_type(rs, type);
  if (!rel || !package_has(p, rel->path)) return 0;
  *ret_path = strdup(rel->path);
  return *ret_path ? 0 : err_set(e, E_NOMEM, "xlsx");
}

/* The workbook's own relationships: folder/_rels/name.rels. */
static int book_relations(struct relations *rs, struct package *p, const char *path, char **base,
                          struct err *e) {
  const char *slash = strrchr(path, '/');
  size_t n = slash ? (size_t)(slash + 1 - path) : 0;
  char *part = NULL;
  *base = strndup(path, n);
  if (!*base || asprintf(&part, "%s_rels/%s.rels", *base, path + n) < 0)
    return err_set(e, E_NOMEM, "xlsx");
  int r = relations_read(rs, p, part, *base, e);
  free(part);
  return r;
}

static int not_ours(struct package *p, struct err *e) {
  if (package_has(p, "xl/workbook.bin")) return err_set(e, E_UNSUPPORTED, "xlsb");
  if (package_has(p, "content.xml")) return err_set(e, E_UNSUPPORTED, "ods");
  return err_field(e, E_MALFORMED, "no_workbook", "_rels/.rels");
}

int book_read(struct book *b, struct package *p, struct err *e) {
  struct relations top = {0}, rels = {0};
  struct book_xml bx = {.book = b, .rels = &rels};
  char *path = NULL, *base = NULL;
  *b = (struct book){0};
  int r = package_has(p, "_rels/.rels") ? relations_read(&top, p, "_rels/.rels", "", e)
                                        : not_ours(p, e);
  if (r < 0) goto out;
  const struct relation *main_part = of_type(&top, REL_BOOK);
  path = strdup(main_part ? main_part->path : "xl/workbook.xml");
  b->sheets = calloc(LIMIT_XLSX_SHEETS, sizeof *b->sheets);
  b->paths = calloc(LIMIT_XLSX_SHEETS, sizeof *b->paths);
  if (!path || !b->sheets || !b->paths) {
    r = err_set(e, E_NOMEM, "xlsx");
    goto out;
  }
  if (!package_has(p, path) || str_ends(str_from(path), S(".bin"))) {
    r = not_ours(p, e);
    goto out;
  }
  if ((r = book_relations(&rels, p, path, &base, e)) < 0) goto out;
  if ((r = xml_read(&bx.xml, p, path, on_book, NULL, NULL, e)) < 0) goto out;
  if (b->n_sheets == 0) {
    r = err_field(e, E_MALFORMED, "no_sheets", path);
    goto out;
  }
  if ((r = take_path(&rels, REL_STRINGS, p, &b->strings_path, e)) < 0) goto out;
  r = take_path(&rels, REL_STYLES, p, &b->styles_path, e);
out:
  relations_done(&top);
  relations_done(&rels);
  free(path);
  free(base);
  if (r < 0) book_done(b);
  return r;
}

void book_done(struct book *b) {
  for (size_t i = 0; i < b->n_sheets; i++) {
    free((char *)(uintptr_t)b->sheets[i].name.p);
    free(b->paths[i]);
  }
  free(b->sheets);
  free(b->paths);
  free(b->strings_path);
  free(b->styles_path);
  *b = (struct book){0};
}

/* --- styles ----------------------------------------------------------------------------------- */

struct styles_xml {
  struct xml xml;
  struct styles *styles;
  struct {
    int64_t id;
    enum number_look look;
  } * formats;
  size_t n_formats;
  bool in_cell_formats;
};

static void on_style(void *arg, const char *name, const char **attrs) {
  struct styles_xml *sx = arg;
  struct styles *s = sx->styles;
  int64_t id = 0;
  name = xml_local(name);
  if (strcmp(name, "cellXfs") == 0) sx->in_cell_formats = true;
  bool xf = sx->in_cell_formats && strcmp(name, "xf") == 0, fmt = strcmp(name, "numFmt") == 0;
  if (!xf && !fmt) return;
  const char *id_text = xml_attr(attrs, "numFmtId");
  if (id_text && parse_i64(str_from(id_text), 0, UINT32_MAX, &id) < 0) {
    xml_fail(&sx->xml, E_MALFORMED, "number_format");
    return;
  }
  if (xf ? s->n >= LIMIT_XLSX_STYLES : sx->n_formats >= LIMIT_XLSX_FORMATS) {
    xml_fail(&sx->xml, E_TOO_LARGE, "styles");
    return;
  }
  if (fmt) {
    const char *code = xml_attr(attrs, "formatCode");
    if (!id_text || !code) return;
    if (sx->n_formats % 64 == 0) {
      void *more = reallocarray(sx->formats, sx->n_formats + 64, sizeof *sx->formats);
      if (!more) {
        xml_fail(&sx->xml, E_NOMEM, "styles");
        return;
      }
      sx->formats = more;
    }
    sx->formats[sx->n_formats].id = id;
    sx->formats[sx->n_formats++].look = number_look_code(str_from(code));
    return;
  }
  if (s->n == s->cap) {
    size_t cap = s->cap ? s->cap * 2 : 64;
    uint8_t *more = realloc(s->looks, cap);
    if (!more) {
      xml_fail(&sx->xml, E_NOMEM, "styles");
      return;
    }
    s->looks = more;
    s->cap = cap;
  }
  enum number_look look = number_look_builtin(id);
  for (size_t i = 0; i < sx->n_formats; i++)
    if (sx->formats[i].id == id) {
      look = sx->formats[i].look;
      break;
    }
  s->looks[s->n++] = (uint8_t)look;
}

static void on_style_end(void *arg, const char *name) {
  struct styles_xml *sx = arg;
  if (strcmp(xml_local(name), "cellXfs") == 0) sx->in_cell_formats = false;
}

int styles_read(struct styles *s, struct package *p, const char *part, struct err *e) {
  struct styles_xml sx = {.styles = s};
  *s = (struct styles){0};
  int r = xml_read(&sx.xml, p, part, on_style, on_style_end, NULL, e);
  free(sx.formats);
  if (r < 0) styles_done(s);
  return r;
}

void styles_done(struct styles *s) {
  free(s->looks);
  *s = (struct styles){0};
}

/* --- shared strings --------------------------------------------------------------------------- */

struct strings_xml {
  struct xml xml;
  struct strings *strings;
  size_t begin; /* of the string being read */
  bool in_si, in_text;
  int phonetic; /* depth of rPh: readings, not part of the text */
};

static void on_string(void *arg, const char *name, const char **attrs) {
  struct strings_xml *sx = arg;
  (void)attrs;
  name = xml_local(name);
  if (strcmp(name, "si") == 0) {
    sx->in_si = true;
    sx->begin = sx->strings->text.n;
  } else if (strcmp(name, "rPh") == 0) {
    sx->phonetic++;
  } else if (strcmp(name, "t") == 0) {
    sx->in_text = sx->in_si && sx->phonetic == 0;
  }
}

static void on_string_text(void *arg, const char *p, int n) {
  struct strings_xml *sx = arg;
  if (!sx->in_text || n <= 0) return;
  struct buf *text = &sx->strings->text;
  if (text->n - sx->begin + (size_t)n > LIMIT_SHEET_CELL) {
    xml_fail(&sx->xml, E_TOO_LARGE, "cell_text");
    return;
  }
  buf_add(text, p, (size_t)n);
  if (!buf_ok(text)) xml_fail(&sx->xml, E_TOO_LARGE, "shared_strings");
}

static void on_string_end(void *arg, const char *name) {
  struct strings_xml *sx = arg;
  struct strings *s = sx->strings;
  name = xml_local(name);
  if (strcmp(name, "t") == 0) sx->in_text = false;
  if (strcmp(name, "rPh") == 0 && sx->phonetic) sx->phonetic--;
  if (strcmp(name, "si") != 0) return;
  sx->in_si = false;
  if (s->n >= LIMIT_XLSX_STRINGS) {
    xml_fail(&sx->xml, E_TOO_LARGE, "shared_strings");
    return;
  }
  if (s->n == s->cap) {
    size_t cap = s->cap ? s->cap * 2 : 256;
    uint32_t *more = reallocarray(s->ends, cap, sizeof *more);
    if (!more) {
      xml_fail(&sx->xml, E_NOMEM, "shared_strings");
      return;
    }
    s->ends = more;
    s->cap = cap;
  }
  if (s->text.n > sx->begin)
    s->text.n = sx->begin + xlsx_unescape(s->text.p + sx->begin, s->text.n - sx->begin);
  s->ends[s->n++] = (uint32_t)s->text.n;
}

int strings_read(struct strings *s, struct package *p, const char *part, struct err *e) {
  struct strings_xml sx = {.strings = s};
  *s = (struct strings){.text = BUF_INIT(LIMIT_XLSX_STRING_BYTES)};
  int r = xml_read(&sx.xml, p, part, on_string, on_string_end, on_string_text, e);
  if (r < 0) strings_done(s);
  return r;
}

void strings_done(struct strings *s) {
  buf_done(&s->text);
  free(s->ends);
  *s = (struct strings){0};
}

int strings_get(const struct strings *s, int64_t i, struct str *ret_text) {
  if (i < 0 || (uint64_t)i >= s->n) return -E_INVALID;
  size_t begin = i ? s->ends[i - 1] : 0;
  *ret_text = (struct str){s->text.p ? s->text.p + begin : "", s->ends[i] - begin};
  return 0;
}
