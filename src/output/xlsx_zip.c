#include "output/xlsx_parts.h"
#include <stdlib.h>

static int from_zip(int zip_code, const char *part, struct err *e) {
  if (zip_code == ZIP_ER_MEMORY) return err_set(e, E_NOMEM, "unzip");
  return err_field(e, E_MALFORMED, "bad_zip", part);
}

/* The directory's own claim, before the library makes room for what it says. A zip of more entries
 * than the field holds says 0xffff, and is none of ours either way. */
static int check_directory(struct str bytes, struct err *e) {
  size_t from = bytes.n > 65557 ? bytes.n - 65557 : 0;
  for (size_t at = bytes.n < 22 ? 0 : bytes.n - 21; at-- > from;) {
    const unsigned char *p = (const unsigned char *)bytes.p + at;
    if (memcmp(p, "PK\x05\x06", 4) != 0) continue;
    unsigned entries = p[10] | (unsigned)p[11] << 8;
    uint64_t size = p[12] | (uint64_t)p[13] << 8 | (uint64_t)p[14] << 16 | (uint64_t)p[15] << 24;
    if (entries > LIMIT_XLSX_PARTS) return err_field(e, E_TOO_LARGE, "zip_entries", "file");
    if (size != 0xffffffff && size > bytes.n)
      return err_field(e, E_MALFORMED, "bad_zip", "directory");
    return 0;
  }
  return err_field(e, E_MALFORMED, "bad_zip", "directory");
}

int package_open(struct package *p, struct str bytes, struct err *e) {
  *p = (struct package){0};
  int r = check_directory(bytes, e);
  if (r < 0) return r;
  zip_error_t ze;
  zip_error_init(&ze);
  zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &ze);
  if (!source) {
    zip_error_fini(&ze);
    return err_set(e, E_NOMEM, "unzip");
  }
  p->zip = zip_open_from_source(source, ZIP_RDONLY, &ze);
  if (!p->zip) {
    r = from_zip(zip_error_code_zip(&ze), "directory", e);
    zip_source_free(source);
  } else if (zip_get_num_entries(p->zip, 0) > LIMIT_XLSX_PARTS) {
    r = err_field(e, E_TOO_LARGE, "zip_entries", "file");
  }
  zip_error_fini(&ze);
  if (r < 0) package_done(p);
  return r;
}

void package_done(struct package *p) {
  if (p->zip) zip_discard(p->zip);
  p->zip = NULL;
}

bool package_has(const struct package *p, const char *part) {
  return zip_name_locate(p->zip, part, ZIP_FL_NOCASE) >= 0;
}

int part_open(struct part *t, struct package *p, const char *name, struct err *e) {
  *t = (struct part){.package = p};
  size_t n = strlen(name);
  if (n >= sizeof t->name) n = sizeof t->name - 1;
  memcpy(t->name, name, n);
  zip_int64_t at = zip_name_locate(p->zip, name, ZIP_FL_NOCASE);
  if (at < 0) return err_field(e, E_MALFORMED, "part_missing", t->name);
  zip_stat_t st;
  if (zip_stat_index(p->zip, (zip_uint64_t)at, 0, &st) < 0)
    return err_field(e, E_MALFORMED, "bad_zip", t->name);
  if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
    return err_field(e, E_UNSUPPORTED, "encrypted", t->name);
  if ((st.valid & ZIP_STAT_COMP_METHOD) && st.comp_method != ZIP_CM_STORE &&
      st.comp_method != ZIP_CM_DEFLATE)
    return err_field(e, E_UNSUPPORTED, "zip_method", t->name);
  t->zipped = st.valid & ZIP_STAT_COMP_SIZE ? st.comp_size : 0;
  t->file = zip_fopen_index(p->zip, (zip_uint64_t)at, 0);
  if (!t->file) return from_zip(zip_error_code_zip(zip_get_error(p->zip)), t->name, e);
  return 0;
}

void part_done(struct part *t) {
  if (t->file) zip_fclose(t->file);
  t->file = NULL;
}

/* Counts what really came out: the sizes that the directory states may lie. */
int part_read(struct part *t, char *at, size_t room, size_t *ret_n, struct err *e) {
  zip_int64_t n = zip_fread(t->file, at, room);
  if (n < 0) return from_zip(zip_error_code_zip(zip_file_get_error(t->file)), t->name, e);
  t->out += (uint64_t)n;
  t->package->unzipped += (size_t)n;
  if (t->package->unzipped > LIMIT_XLSX_UNZIPPED ||
      (t->out > LIMIT_XLSX_RATIO_FROM && t->out / LIMIT_XLSX_RATIO > t->zipped))
    return err_field(e, E_TOO_LARGE, "unzipped_size", t->name);
  *ret_n = (size_t)n;
  return 0;
}
