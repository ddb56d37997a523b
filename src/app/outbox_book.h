/* The channels' file: what outgoing messages need and nobody may read in the product. Robots'
 * addresses (which are keys), secrets, and the hosts that may be called at all. SHOUWANG_CHANNELS
 * names it; it must be closed to others, and it is read again when it has changed, so that a new
 * robot needs no restart. Lines:
 *
 *   robot NAME wecom|dingtalk|feishu URL [SECRET]
 *   allow https://sms.example.cn
 *   secret NAME VALUE
 *   proxy http://10.0.0.8:3128
 *
 * Owns its memory; any thread. Nothing of it is ever logged but numbers of lines. */
#ifndef APP_OUTBOX_BOOK_H
#define APP_OUTBOX_BOOK_H

#include "app/app.h"

enum { BOOK_ROBOTS = 200, BOOK_ORIGINS = 100, BOOK_SECRETS = 50, BOOK_FILE = 64 * 1024 };

struct book;
_must_check_ int book_open(const char *file, struct book **ret_book, struct err *e);
struct book *book_close(struct book *b);
/* Reads it again where it has changed. What is wrong in it leaves the former state in force. */
void book_refresh(struct book *b);

/* NULL, or why nothing can be read from it: "open to others", "line 3". */
const char *book_trouble(struct book *b, int *ret_line);
/* Copies into the arena. -E_NOT_FOUND where there is no such robot of that vendor. */
_must_check_ int book_robot(struct book *b, const char *vendor, struct str name, struct arena *a,
                            struct str *ret_url, struct str *ret_secret, struct err *e);
/* Names of a vendor's robots, for the desk. */
size_t book_robots(struct book *b, const char *vendor, struct arena *a, struct str *out,
                   size_t max);
/* "https://host:port" of an address; false where it is none, or bears a user. */
bool url_origin(struct str url, char out[300]);
bool book_allows(struct book *b, struct str url);
/* p == NULL where there is none. */
struct str book_secret(struct book *b, struct str name, struct arena *a);
struct str book_proxy(struct book *b, struct arena *a);

#endif
