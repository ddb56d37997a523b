#include "output/xlsx_parts.h"
#include <stdlib.h>

enum { XML_PIECE = 64 * 1024 };

const char *xml_local(const char *name) {
  const char *colon = strchr(name, ':');
  return colon ? colon + 1 : name;
}

const char *xml_attr(const char **attrs, const char *local) {
  for (; attrs[0]; attrs += 2)
    if (strcmp(xml_local(attrs[0]), local) == 0) return attrs[1];
  return NULL;
}

void xml_fail(struct xml *x, int code, const char *what) {
  if (x->failed) return;
  x->failed = true;
  err_set_at(&x->err, code, what, x->part.name, (int)XML_GetCurrentLineNumber(x->parser), __FILE__,
             __LINE__);
  XML_StopParser(x->parser, XML_FALSE);
}

void xml_pause(struct xml *x) {
  if (!x->failed) XML_StopParser(x->parser, XML_TRUE);
}

static void on_doctype(void *x, const char *name, const char *sysid, const char *pubid,
                       int internal) {
  (void)name, (void)sysid, (void)pubid, (void)internal;
  xml_fail(x, E_MALFORMED, "doctype");
}

/* The parser keeps every open element and the whole of an unfinished tag: both are bounded here. */
static void on_any_start(void *arg, const char *name, const char **attrs) {
  struct xml *x = arg;
  if (++x->depth > LIMIT_XML_DEPTH)
    xml_fail(x, E_TOO_LARGE, "xml_depth");
  else if (x->start)
    x->start(arg, name, attrs);
}

static void on_any_end(void *arg, const char *name) {
  struct xml *x = arg;
  x->depth--;
  if (x->end) x->end(arg, name);
}

static bool tag_too_long(const struct xml *x) {
  XML_Index at = XML_GetCurrentByteIndex(x->parser);
  return at >= 0 && x->fed > (uint64_t)at && x->fed - (uint64_t)at > LIMIT_XML_TAG;
}

int xml_open(struct xml *x, struct package *p, const char *name, XML_StartElementHandler start,
             XML_EndElementHandler end, XML_CharacterDataHandler text, struct err *e) {
  *x = (struct xml){0};
  int r = part_open(&x->part, p, name, e);
  if (r < 0) return r;
  x->parser = XML_ParserCreate(NULL);
  if (!x->parser) {
    part_done(&x->part);
    return err_set(e, E_NOMEM, "xml");
  }
  XML_SetUserData(x->parser, x);
  x->start = start;
  x->end = end;
  XML_SetElementHandler(x->parser, on_any_start, on_any_end);
  XML_SetCharacterDataHandler(x->parser, text);
  XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
  return 0;
}

void xml_done(struct xml *x) {
  if (x->parser) XML_ParserFree(x->parser);
  x->parser = NULL;
  part_done(&x->part);
}

static int next_piece(struct xml *x, enum XML_Status *ret_status, struct err *e) {
  char *at = XML_GetBuffer(x->parser, XML_PIECE);
  if (!at) return err_field(e, E_NOMEM, "xml", x->part.name);
  size_t n;
  int r = part_read(&x->part, at, XML_PIECE, &n, e);
  if (r < 0) return r;
  x->last_piece = n == 0;
  x->fed += n;
  *ret_status = XML_ParseBuffer(x->parser, (int)n, n == 0);
  return 0;
}

int xml_run(struct xml *x, struct err *e) {
  while (!x->ended) {
    enum XML_Status status = XML_STATUS_OK;
    if (x->suspended) {
      x->suspended = false;
      status = XML_ResumeParser(x->parser);
    } else {
      int r = next_piece(x, &status, e);
      if (r < 0) return r;
    }
    if (x->failed) {
      if (e) *e = x->err;
      return -x->err.code;
    }
    if (status == XML_STATUS_ERROR) {
      if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
        return err_field(e, E_NOMEM, "xml", x->part.name);
      return err_set_at(e, E_MALFORMED, "bad_xml", x->part.name,
                        (int)XML_GetCurrentLineNumber(x->parser), __FILE__, __LINE__);
    }
    if (status == XML_STATUS_SUSPENDED) {
      x->suspended = true;
      return 0;
    }
    if (tag_too_long(x)) return err_field(e, E_TOO_LARGE, "xml_tag", x->part.name);
    x->ended = x->last_piece;
  }
  return 0;
}

int xml_read(struct xml *x, struct package *p, const char *name, XML_StartElementHandler start,
             XML_EndElementHandler end, XML_CharacterDataHandler text, struct err *e) {
  int r = xml_open(x, p, name, start, end, text, e);
  if (r == 0) r = xml_run(x, e);
  xml_done(x);
  return r;
}

static bool escape_at(const char *p, size_t n, unsigned *ret_code) {
  uint8_t b[2];
  if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_') return false;
  if (hex_decode((struct str){p + 2, 4}, b, 2) < 0) return false;
  *ret_code = (unsigned)(b[0] << 8 | b[1]);
  return true;
}

/* Never longer than the escape. Halves of surrogate pairs stay as they are written. */
size_t xlsx_unescape(char *p, size_t n) {
  size_t to = 0;
  if (!memmem(p, n, "_x", 2)) return n;
  for (size_t i = 0; i < n;) {
    unsigned c;
    if (!escape_at(p + i, n - i, &c) || (c >= 0xd800 && c <= 0xdfff)) {
      p[to++] = p[i++];
      continue;
    }
    i += 7;
    if (c == '\r' || c == 0) continue;
    if (c < 0x80) {
      p[to++] = (char)c;
    } else if (c < 0x800) {
      p[to++] = (char)(0xc0 | c >> 6);
      p[to++] = (char)(0x80 | (c & 0x3f));
    } else {
      p[to++] = (char)(0xe0 | c >> 12);
      p[to++] = (char)(0x80 | (c >> 6 & 0x3f));
      p[to++] = (char)(0x80 | (c & 0x3f));
    }
  }
  return to;
}
