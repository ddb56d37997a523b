#include "api/page.h"

/* Keys that a household has lent to whoever helps there (代管钥匙): an area as a newcomer writes
 * it, built into a program by the suite 34-sample-area and not part of the product. */

static const struct field fields[] = {
    {.no = 1,
     .name = "household",
     .type = FT_REF,
     .ref = "household",
     .flags = FF_REQUIRED | FF_IMMUTABLE | FF_TITLE | FF_FILTER | FF_INDEX | FF_HOLDS | FF_DEVICE |
              FF_DEVICE_TITLE,
     .zh = "住户",
     .en = "Household"},
    {.no = 2,
     .name = "unit",
     .type = FT_UNIT,
     .taken_from = "household.unit",
     .flags = FF_SYSTEM | FF_SCOPE | FF_FILTER,
     .zh = "社区",
     .en = "Community"},
    {.no = 3,
     .name = "keeper",
     .type = FT_REF,
     .ref = "responder",
     .flags = FF_FILTER,
     .zh = "保管人",
     .en = "Keeper"},
    {.no = 4,
     .name = "back_by",
     .type = FT_MOMENT,
     .flags = FF_REQUIRED | FF_SORT | FF_FILTER | FF_INDEX | FF_DEVICE,
     .zh = "应还时间",
     .en = "Back by"},
};
static const struct state states[] = {
    {"lent", "在外", "Lent"}, {"returned", "已归还", "Returned"}, {0}};
static const struct transition transitions[] = {
    {.name = "give_back", .zh = "归还", .en = "Give back", .from = "lent", .to = "returned"}, {0}};
static const struct alarm_type not_back = {.no = 900,
                                           .code = "key.not_back",
                                           .zh = "{subject}：钥匙应于{value}归还",
                                           .en = "{subject}: the key was to be back by {value}",
                                           .owner_role = "lead",
                                           .severity = 2};
static const struct deadline deadlines[] = {
    {.no = 1, .field = "back_by", .states = "lent", .alarm = "key.not_back"}, {0}};
static const struct owner owner = {
    .responder = "keeper", .unit = "unit", .role = "lead", .states = "lent", .due = "back_by"};
static const struct indicator ind_due = {.no = 900,
                                         .code = "keys.due",
                                         .zh = "应归还钥匙",
                                         .en = "Keys due back",
                                         .zh_definition = "当日应归还、仍在外的钥匙数",
                                         .en_definition = "Keys due back that day and still lent",
                                         .measure = "events",
                                         .type = IND_FLOW,
                                         .kind = "key"};
static const struct count counts[] = {{.ind = &ind_due, .from = "back_by", .where = "state=lent"},
                                      {0}};
static const struct screen screen = {.group = "residents",
                                     .order = 90,
                                     .columns = "household keeper back_by unit",
                                     .sort = "back_by",
                                     .good = "returned",
                                     .wait = "lent",
                                     .phone = "household back_by",
                                     .phone_offers = "give_back"};
static const struct kind key_kind = {.no = 900,
                                     .name = "key",
                                     .plural = "keys",
                                     .zh = "代管钥匙",
                                     .en = "Key",
                                     .flags = KF_SYNC,
                                     FIELDS(fields),
                                     .states = states,
                                     .ends = "returned",
                                     .transitions = transitions,
                                     .deadlines = deadlines,
                                     .owner = &owner,
                                     .counts = counts,
                                     .screen = &screen};

static const struct kind *const kinds[] = {&key_kind, NULL};
static const struct indicator *const indicators[] = {&ind_due, NULL};
static const struct alarm_type *const alarms[] = {&not_back, NULL};
static const struct page_section sections[] = {{"households", "keys", "代管钥匙", "Keys", 40,
                                                "key.read", "keys", .by = "household",
                                                .sort = "back_by"},
                                               {0}};
static const struct role_grant grants[] = {
    {"auditor", "key.read"}, {"lead", "key.*"}, {"secondee", "key.read key.update"}, {0}};
const struct module keys_module = {.name = "keys",
                                   .file = __FILE__,
                                   .zh = "代管钥匙",
                                   .en = "Keys",
                                   .kinds = kinds,
                                   .indicators = indicators,
                                   .alarms = alarms,
                                   .sections = sections,
                                   .grants = grants};
