#include "api/platform_module.h"
#include "api/todo.h"

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/figures", "figure.read", .flags = ROUTE_SHORT, .answer = figures_get,
     .zh = "指标", .en = "figures of a unit", .query = "unit date?:date from?:date as-known?:date",
     .gives = "Figures"},
    {HTTP_GET, "/api/v1/figures/children", "figure.read", .flags = ROUTE_SHORT,
     .answer = figures_children, .zh = "下级单位指标", .en = "figures of the units below",
     .query = "unit date?:date from?:date as-known?:date indicators?",
     .gives = "...FigureHead rows:FigureRow[]"},
    {HTTP_GET, "/api/v1/figures/series", "figure.read", .flags = ROUTE_SHORT,
     .answer = figures_series_get, .zh = "逐日指标", .en = "one figure day by day",
     .query = "unit indicator from?:date date?:date",
     .gives = "...FigureHead indicator days:{date:date value:int}[]"},
    {HTTP_GET, "/api/v1/figures/records", "figure.read", .answer = figures_records,
     .zh = "指标明细", .en = "the records behind a figure",
     .query = "unit indicator date?:date from?:date as-known?:date limit?:int after?",
     .gives = "...FigureHead indicator kind derived_from?:text[] items:FigureRecord[] figure:int "
              "hidden:int total:int now?:int next:text|null"},
    {HTTP_GET, "/api/v1/figures/stream", "figure.read", .flags = ROUTE_STREAM | ROUTE_SHORT,
     .runs = RUNS_LOOP, .handle = figures_stream, .zh = "实时指标", .en = "figures as they change",
     .query = "unit", .gives = "file:text/event-stream"},
    {HTTP_GET, "/api/v1/indicators", "figure.read", .flags = ROUTE_SHORT, .answer = indicators_get,
     .zh = "指标口径", .en = "indicators and their definitions", .gives = "items:IndicatorRow[]"},
    {HTTP_GET, "/api/v1/alarm-types", "alarm.read", .flags = ROUTE_SHORT, .answer = alarm_types_get,
     .zh = "报警类别", .en = "types of alarm", .gives = "items:AlarmType[]"},
    {HTTP_GET, "/api/v1/todo", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT, .answer = todo_answer,
     .zh = "我的待办", .en = "my own open work of every kind, in the order in which it is due",
     .query = "kind? after? limit?:int", .gives = "Todo"},
    {HTTP_GET, "/api/v1/settings", "setting.manage", .flags = ROUTE_SHORT, .answer = settings_get,
     .zh = "设置", .en = "settings", .gives = "items:Setting[]"},
    {HTTP_PATCH, "/api/v1/settings/:name", "setting.manage", .handle = setting_patch,
     .zh = "修改设置", .en = "change a setting", .takes = "value:int|bool|text|null",
     .gives = "items:Setting[]"},
    {HTTP_GET, "/api/v1/outbox/channels", "outbox_message.read", .flags = ROUTE_SHORT,
     .answer = outbox_channels_get, .zh = "外发渠道",
     .en = "channels of outgoing messages, and what each lacks",
     .gives = "items:OutboxChannel[] file_trouble:text|null file_line:int"},
    {HTTP_POST, "/api/v1/outbox/test", "outbox_message.retry", .handle = outbox_test_post,
     .zh = "试发消息", .en = "send a trial message", .takes = "channel to", .gives = ""},
    {HTTP_GET, "/metrics", NULL, .flags = ROUTE_PUBLIC | ROUTE_SHORT, .answer = metrics_get,
     .zh = "运行指标", .en = "metrics", .gives = "file:text/plain"},
    {HTTP_GET, "/healthz", NULL, .flags = ROUTE_PUBLIC | ROUTE_SHORT, .runs = RUNS_LOOP,
     .answer = healthz_get, .zh = "存活", .en = "alive", .gives = "status:'ok'"},
    {HTTP_GET, "/readyz", NULL, .flags = ROUTE_PUBLIC | ROUTE_SHORT, .answer = readyz_get,
     .zh = "就绪", .en = "ready to serve", .gives = "status:'ready' queued:int"},
    {0}};

static const struct shape shapes[] = {
    {"HistoryEntry",
     "rev:int at:moment actor:{id:id name:text|null} action reason? changes:{*:{old:any new:any}}"},
    {"PageSection", "...Label code order:int kind:text|null items?:any[] more?:bool *:any"},
    {"Written", "id:id rev:int seq:int created_at:moment"},
    {"BulkItem", "id:id title:text|null rev?:int state?:text|null replayed?:bool problem?:Problem"},
    {"FigureHead", "unit date:date from?:date as_known?:date behind?:int"},
    {"Figures", "...FigureHead figures:FigureValues complete:{notes:{...Label code count:int}[]}"},
    {"FigureRow", "unit:{...UnitRef kind children:int} figures:FigureValues"},
    {"FigureRecord", "...EventHead counts:int records:int since? *:any"},
    {"IndicatorWords",
     "...Label code definition_zh definition_en unit type:'flow'|'state'|'distinct'|'derived'"},
    {"IndicatorRow", "...IndicatorWords records:text|null"},
    {"AlarmType", "...Label code severity:int owner_role:text|null escalate_minutes:int"},
    {"TodoItem", "kind plural id:id title:text|null state:text|null unit:UnitRef|null "
                 "due:text|null tone:'overdue'|'today'|'later' action:{...Label name}|null"},
    {"Todo", "items:TodoItem[] next:text|null counts:{...Label kind plural total:int}[]"},
    {"Setting", "...Label name type:'int'|'bool'|'text' per_operation:bool value:int|bool|text "
                "allowed?:text[] min?:int max?:int measure?"},
    {"OutboxChannel", "...Label name to:'anybody'|'mail'|'phone'|'robot' usual:bool "
                      "lacks:Label|null robots?:text[] queued:int "
                      "oldest_queued_at:moment|null dead:int sent_24h:int last_sent_at:moment|null "
                      "last_error:text|null"},
    {0}};

const struct module platform_module = {
    .name = "platform", .zh = "平台接口", .en = "Platform", .shapes = shapes, .routes = routes};
