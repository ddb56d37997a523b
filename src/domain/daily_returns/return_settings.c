#include "domain/daily_returns/returns_api.h"

/* What an operation may tune of its returns. */

const struct setting return_settings[] = {
    {"returns.link_days", SETTING_INT, .per_operation = true, .initial = 180, .min = 1, .max = 730,
     .measure = "days", .zh = "企业填报链接有效天数",
     .en = "Days for which an enterprise's link is valid"},
    {"returns.link_per_minute", SETTING_INT, .initial = 60, .min = 0, .max = 6000,
     .zh = "每个填报链接每分钟最多请求次数（0 不限）",
     .en = "Requests a minute by one link (0: no limit)"},
    {"returns.address_per_minute", SETTING_INT, .initial = 600, .min = 0, .max = 60000,
     .zh = "每个网络地址每分钟最多填报请求次数（0 不限）",
     .en = "Requests a minute by link from one address (0: "
           "no limit)"},
    DUTY_SETTINGS("returns", "日报", "return"),
    {0}};
