#include "sync/sync_module.h"
#include "core/settings.h"
#include "sync/batch.h"
#include "sync/devices.h"
#include "sync/quarantine.h"

static const struct setting settings[] = {
    {"sync.first_events_hours", SETTING_INT, .initial = 72, .min = 1, .max = 720,
     .measure = "hours", .zh = "手机首次同步带上多久以内的记录",
     .en = "A phone's first pull goes back so far"},
    {"sync.silent_minutes", SETTING_INT, .initial = 30, .min = 1, .max = 1440, .measure = "minutes",
     .zh = "卡口手机多久未同步即提示", .en = "A gate's phone is silent after"},
    {0}};

#define HELD "change.read quarantine.read quarantine.names quarantine.release quarantine.reveal"
static const struct role_grant grants[] = {
    {"city_duty", HELD},      {"district_duty", HELD},        {"coordinator", HELD},
    {"lead", HELD},           {"auditor", "quarantine.read"}, {"secondee", "change.read"},
    {"store", "change.read"}, {"books", "change.read"},       {0}};
static const char *const rights[] = {"change.read", "quarantine.release", NULL};
static const struct kind *const kinds[] = {&quarantine_kind, NULL};
static const struct alarm_type *const alarms[] = {&alarm_quarantine, &alarm_missing, NULL};

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/changes", "change.read", .flags = ROUTE_DEVICE, .answer = changes_get,
     .zh = "变更", .en = "what a device needs, in commit order",
     .query = "unit form?:'rows' after? limit?:int", .gives = "(Changes|ChangeRows)"},
    {HTTP_POST, "/api/v1/batch", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_DEVICE | ROUTE_ENDED_DEVICE,
     .body_limit = LIMIT_BODY_BATCH, .handle = batch_post, .zh = "批量提交",
     .en = "what a phone has queued",
     .takes = "device? items:BatchItem[] sent_at?:int|moment waiting?:int "
              "oldest_waiting_at?:int|moment "
              "app_version?",
     .gives = "items:BatchAnswer[]"},
    {HTTP_POST, "/api/v1/devices/register", NULL, .flags = ROUTE_SIGNED_IN,
     .handle = device_register, .zh = "登记设备", .en = "Register this device",
     .takes = "name post?:id|null unit?:text|null public_key? app_version?",
     .gives = "...DeviceFacts id:id token"},
    {HTTP_POST, "/api/v1/devices/:id/authors", NULL, .flags = ROUTE_SIGNED_IN,
     .handle = device_author_post, .zh = "在本机留名", .en = "Prove who writes on this device",
     .takes = "", .gives = "author expires_at:moment account:id responder:id|null name"},
    {HTTP_DELETE, "/api/v1/devices/:id/authors/:account", NULL, .flags = ROUTE_SIGNED_IN,
     .handle = device_author_delete, .zh = "取消在本机留名",
     .en = "End somebody's proof on a device", .gives = "ended:int"},
    {0}};

static const struct shape shapes[] = {
    {"Changes", "items:{kind seq:int id?:id gone?:bool record?:object}[] next more:bool"},
    {"ChangeTable", "kind fields:text[] list?:bool rows:any[][] gone:id[]"},
    {"ChangeRows",
     "unit:text|null tables:ChangeTable[] next more:bool full:bool now:moment now_ms:int"},
    {"BatchItem", "id?:id seq?:int method? path? body?:object saw?:{state?:text|null rev?:int} "
                  "at?:int|moment sealed? key?:int"},
    {"BatchWritten", "...Written state? replayed?:bool warnings?:FieldProblem[]"},
    {"BatchHeld", "id:id replayed?:bool code?:'quarantined'"},
    {"BatchAnswer", "id:id|null status:int body:BatchWritten|BatchHeld|Problem"},
    {"DeviceFacts", "...DeviceSections device:{id:id name post:id|null} unit:UnitRef|null box_key "
                    "box_key_id:int now:moment now_ms:int"},
    {0}};

const struct module sync_module = {MODULE("sync", "手机同步", "Phones"),
                                   .shapes = shapes,
                                   .kinds = kinds,
                                   .routes = routes,
                                   .alarms = alarms,
                                   .grants = grants,
                                   .rights = rights,
                                   .settings = settings};
