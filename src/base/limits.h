/* Every maximum of the program in one place. A buffer, list or table that a user can make grow
 * takes its limit from here, so that the memory a request can claim is read off this page.
 * No memory is owned here; constants only. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define KIB(n) ((size_t)(n)*1024u)
#define MIB(n) ((size_t)(n)*1024u * 1024u)

enum {
  LIMIT_FIELDS_PER_KIND = 64,
  LIMIT_KINDS = 96,
  LIMIT_INDICATORS = 256,
  LIMIT_PERMISSIONS = 1024,
  LIMIT_ROUTES = 256,
  LIMIT_PROBLEMS = 200,          /* problems reported for one request */
  LIMIT_JSON_DEPTH = 16,         /* nesting accepted from outside */
  LIMIT_BULK = 500,              /* records of one bulk action: a page */
  LIMIT_BATCH_ITEMS = 1000,      /* items of one POST /batch */
  LIMIT_ROWS = 20000,            /* rows of one compact answer of GET /changes */
  LIMIT_HELD_PER_DEVICE = 20000, /* quarantined items of one device that nobody has looked at */
  LIMIT_PAGE = 500,              /* items of one list page */
  LIMIT_PAGE_DEFAULT = 50,
  LIMIT_FILTERS = 16,
  LIMIT_UNIT_DEPTH = 12,
  LIMIT_GRANTS_PER_USER = 64,
  LIMIT_PARAMS = 72,  /* parameters of one SQL statement */
  LIMIT_COLUMNS = 72, /* result columns of one SQL statement */
  LIMIT_XLSX_COLUMNS = 256,
  LIMIT_XLSX_ROWS = 200000,
  LIMIT_XLSX_SHEETS = 256,
  LIMIT_XLSX_PARTS = 4096, /* entries of the zip */
  LIMIT_XLSX_RATIO = 250,  /* unzipped to zipped, beyond the first LIMIT_XLSX_RATIO_FROM bytes */
  LIMIT_XLSX_STRINGS = 2000000, /* shared strings */
  LIMIT_XLSX_STYLES = 65536,
  LIMIT_XLSX_FORMATS = 4096,
  LIMIT_XLSX_MERGES = 16384,
  LIMIT_XML_DEPTH = 64,
  LIMIT_PDF_PAGES = 600,
  LIMIT_PDF_COLUMNS = 24,
  LIMIT_PDF_SECONDS = 40,     /* to draw one document */
  LIMIT_WRITER_QUEUE = 16384, /* commands waiting; beyond it callers get E_BUSY */
  LIMIT_COMMIT_COMMANDS = 4096,
  LIMIT_SESSIONS_CACHED = 32768,
  LIMIT_SESSIONS_PER_ACCOUNT = 50, /* the oldest gives way */
  LIMIT_INVITATIONS = 3000,        /* of one call */
  LIMIT_PASSWORD_QUEUE = 512,      /* passwords waiting to be measured */
  LIMIT_PEERS = 4096,              /* addresses whose failures are remembered */
  LIMIT_KEYS = 512,                /* operations in one key file */
  LIMIT_CONNECTIONS = 10000,
  LIMIT_STREAMS = 6000,
};

#define LIMIT_ARENA_REQUEST     MIB(24)
#define LIMIT_ARENA_JOB         MIB(256)
#define LIMIT_ARENA_SPARE       KIB(64)
#define LIMIT_ARENA_OVERDRAFT   MIB(1) /* blocks of their own behind a failure, then one for all */
#define LIMIT_BODY_DEFAULT      KIB(64)
#define LIMIT_BODY_BATCH        MIB(2)
#define LIMIT_BODY_IMPORT       MIB(32)
#define LIMIT_BODY_PHOTO        KIB(400)
#define LIMIT_BODY_TOTAL        MIB(512) /* request bodies being received, all together */
#define LIMIT_XLSX_UNZIPPED     MIB(256)
#define LIMIT_XLSX_RATIO_FROM   MIB(16)
#define LIMIT_XLSX_STRING_BYTES MIB(64)
#define LIMIT_XML_TAG           KIB(512)
#define LIMIT_SHEET_CELL        KIB(128) /* Excel's own limit is 32,767 characters */
#define LIMIT_SHEET_ROW         MIB(4)
#define LIMIT_PDF_JSON          MIB(16)
#define LIMIT_PDF_OUT           MIB(32)
#define LIMIT_PDF_MEMORY        MIB(768) /* address space of the process that draws */
#define LIMIT_JSON_OUT          MIB(16)
#define LIMIT_WORKER_OUT        MIB(64) /* of what runs on a worker: files, and files read */
#define LIMIT_TEXT_DEFAULT      200
#define LIMIT_TEXT_LONG         4000
#define LIMIT_LOG_LINE          KIB(8)
#define LIMIT_SQL_TEXT          KIB(32)

#endif
