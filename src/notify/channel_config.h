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
#ifndef NOTIFY_CHANNEL_CONFIG_H
#define NOTIFY_CHANNEL_CONFIG_H

#include "core/app.h"

enum { CONFIG_ROBOTS = 200, CONFIG_ORIGINS = 100, CONFIG_SECRETS = 50, CONFIG_FILE = 64 * 1024 };

struct channel_config;
_must_check_ int channel_config_open(const char *file, struct channel_config **ret_config,
                                     struct err *e);
struct channel_config *channel_config_close(struct channel_config *b);
/* Reads it again where it has changed. What is wrong in it leaves the former state in force. */
void channel_config_refresh(struct channel_config *b);

/* NULL, or why nothing can be read from it: "open to others", "line 3". */
const char *channel_config_trouble(struct channel_config *b, int *ret_line);
/* Copies into the arena. -E_NOT_FOUND where there is no such robot of that vendor. */
_must_check_ int channel_config_robot(struct channel_config *b, const char *vendor, struct str name,
                                      struct arena *a, struct str *ret_url, struct str *ret_secret,
                                      struct err *e);
/* Names of a vendor's robots, for the desk. */
size_t channel_config_robots(struct channel_config *b, const char *vendor, struct arena *a,
                             struct str *out, size_t max);
/* "https://host:port" of an address; false where it is none, or bears a user. */
bool url_origin(struct str url, char out[300]);
bool channel_config_allows(struct channel_config *b, struct str url);
/* p == NULL where there is none. */
struct str channel_config_secret(struct channel_config *b, struct str name, struct arena *a);
struct str channel_config_proxy(struct channel_config *b, struct arena *a);

#endif
