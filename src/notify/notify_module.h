/* The module of what the program tells people: alarms, the outbox and its channels, topics. Their
 * handlers stand in api/. Static. */
#ifndef NOTIFY_NOTIFY_MODULE_H
#define NOTIFY_NOTIFY_MODULE_H

#include "core/module.h"

extern const struct module notify_module;
/* What "send a trial message" says. */
extern const struct message_topic topic_test;

#endif
