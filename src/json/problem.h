/* Problems with what was sent: all of them at once, each by the path of its field, with a stable
 * code, its limits as data, and words that a clerk understands in Chinese and English. The list
 * lives in the arena of its request. One thread. */
#ifndef JSON_PROBLEM_H
#define JSON_PROBLEM_H

#include "json/json.h"

/* Stable codes; the words take {limit}, {value}, {other} from the problem's data. */
#define PROBLEM_TABLE(X)                                                                           \
  X(required, "必须填写", "is required")                                                           \
  X(unknown_field, "没有这个字段", "is not a known field")                                         \
  X(wrong_type, "类型不对，应为{other}", "has the wrong type, {limit} expected")                   \
  X(too_long, "太长，最多{limit}个字", "is too long, at most {limit} characters")                  \
  X(too_short, "太短，至少{limit}", "is too short, at least {limit}")                              \
  X(too_small, "太小，不能小于{limit}", "is too small, at least {limit}")                          \
  X(too_large, "太大，不能大于{limit}", "is too large, at most {limit}")                           \
  X(too_many, "太多，最多{limit}项", "has too many items, at most {limit}")                        \
  X(too_many_match, "符合条件的有{value}条，一次最多{limit}条",                                    \
    "is met by {value}, at most {limit} at once")                                                  \
  X(preview_first, "按条件批量办理前请先预览",                                                     \
    "is previewed first; what was shown is then sent by id")                                       \
  X(bad_format, "格式不对，应为{limit}", "has the wrong format, {limit} expected")                 \
  X(bad_date, "日期不存在，应为年-月-日", "is not a date (YYYY-MM-DD)")                            \
  X(bad_moment, "时间不对，应带时区", "is not a time with offset")                                 \
  X(bad_utf8, "含有无法识别的字符", "contains unreadable characters")                              \
  X(not_in_list, "不在可选范围内：{other}", "is not one of: {limit}")                              \
  X(bad_check_digit, "校验位不对，请核对号码", "fails its check digit, please compare")            \
  X(check_digit_warning, "校验位对不上，请再核对一次", "does not match its check digit")           \
  X(bad_id_number, "不是有效的身份证号", "is not a valid citizen ID number")                       \
  X(id_lost_digits, "号码末尾被表格软件改成了数字0，请把该列设为文本后重填",                       \
    "lost its last digits in a spreadsheet; format the column as text and enter it again")         \
  X(not_found_near, "没有找到：{value}，相近的有：{other}",                                        \
    "does not exist: {value}; alike: {other}")                                                     \
  X(not_found, "没有找到：{value}", "does not exist: {value}")                                     \
  X(retired, "已停用，不能再使用", "is retired and cannot be used")                                \
  X(out_of_scope, "不在您负责的范围内", "is outside your area")                                    \
  X(duplicate, "与已有记录重复：{other}", "duplicates an existing record: {other}")                \
  X(duplicate_elsewhere, "可能与其他地区的记录重复，请询问区里",                                   \
    "may exist elsewhere, ask the district")                                                       \
  X(duplicate_suggested, "电话与已有人员相同：{other}，请确认是否同一人",                          \
    "has the phone of an existing person: {other}; is it the same?")                               \
  X(masked, "是隐去的内容，不能用来新建", "is masked: a new record needs it in full")              \
  X(twice, "重复出现", "stands here twice")                                                        \
  X(duplicate_in_file, "与文件第{other}行重复", "repeats row {other} of the file")                 \
  X(differs_from, "与所选“{other}”的不同", "is not that of the “{limit}” given")                   \
  X(dates_reversed, "结束早于开始", "ends before it starts")                                       \
  X(in_future, "不能晚于今天", "cannot be in the future")                                          \
  X(cycle, "上级不能是自己或自己的下级", "would make a unit its own ancestor")                     \
  X(overlap, "与同一人的另一班次时间重叠：{other}",                                                \
    "overlaps another shift of the person: {other}")                                               \
  X(term_overlap, "与同一人已有的任期重叠：{other}",                                               \
    "overlaps a term of the same person: {other}")                                                 \
  X(not_theirs, "不是本人的班次", "belongs to someone else's shift")                               \
  X(read_only, "由系统填写，不能修改", "is filled by the system")                                  \
  X(not_signed_in, "还没有签到", "has not been signed in to")                                      \
  X(outside_shift, "不在签到时间内", "is outside the time of the shift")                           \
  X(by_action, "由“{other}”这一步填写", "is written by the action “{limit}” alone")                \
  X(frozen, "“{other}”之后不能再改", "stands still once the record is “{limit}”")                  \
  X(online_only, "只能联网办理，请在有网络时重做",                                                 \
    "is decided online: do it again with a network")                                               \
  X(no_operation, "没有进行中的行动，或有几个而没有选定，或所选的已结束",                          \
    "no operation is open, or several are and none was chosen, or the chosen one is over")         \
  X(corrects_nothing, "没有要更正的内容", "corrects nothing")                                      \
  X(wrong_state, "当前状态（{value}）不允许", "is not allowed in state {value}")                   \
  X(same_person, "须由另一人办理", "must be done by a second person")                              \
  X(too_hot, "体温达到或超过{limit}", "temperature at or above {limit}")                           \
  X(remeasure, "体温偏低，请复测", "is low, measure again")                                        \
  X(weak_password, "密码至少8位，并含三类字符", "needs 8 characters of three kinds")               \
  X(usual_password, "太常见，或含有登录名，请换一个", "is too usual, or contains the login")       \
  X(wrong_password, "密码不对", "is wrong")                                                        \
  X(role_apart, "同一人不能兼任：{other}", "cannot be held together with {other}")                 \
  X(role_not_yours, "您不能授予角色{value}", "is a role that you cannot give: {value}")            \
  X(empty_file, "文件里没有数据", "holds no data")                                                 \
  X(bad_file, "文件已损坏或不是{limit}文件", "is damaged or not a {limit} file")                   \
  X(bad_encoding, "编码无法识别", "has an unknown encoding")                                       \
  X(missing_column, "缺少列：{limit}", "lacks the column {limit}")                                 \
  X(unknown_column, "无法识别的列：{value}，已忽略", "is an unknown column, ignored: {value}")     \
  X(ambiguous, "对应多条记录：{value}", "matches several records: {value}")                        \
  X(several, "“{value}”不止一个，请写全称或编码：{other}",                                         \
    "names several, give the whole name or the code: {other}")                                     \
  X(content_changed, "同一编号的内容与之前不同",                                                   \
    "has other content than before under the same id")                                             \
  X(not_filterable, "不能按此字段筛选或排序", "cannot be filtered or sorted by")                   \
  X(sort_wide, "超出一个街道的范围时只能按登记先后{other}排序；选定街道或社区后可按此排序",        \
    "is by order of entry{limit} alone above a subdistrict; choose a smaller unit for others")     \
  X(in_use, "仍被使用：{other}", "is still in use: {limit}")                                       \
  X(held, "还有记录用到它：{other}", "is still referred to by {limit}")                            \
  X(quota, "超过上限{limit}", "is over the limit of {limit}")                                      \
  X(passes_void, "本户的出入证已停用，恢复后才能再发",                                             \
    "has its passes void; reinstate them before new ones are issued")                              \
  X(pass_expired, "证已过期，请另发新证", "has expired; issue a new pass")                         \
  X(other_household, "不是这位居民的住户", "is not the resident's household")                      \
  X(unbalanced, "数字不平：{value}，相差{limit}", "does not balance by {limit}: {other}")          \
  X(refused, "{value}", "{other}")                                                                 \
  X(rule, "{value}", "{other}")

enum problem_code {
#define X(name, zh, en) PROBLEM_##name,
  PROBLEM_TABLE(X)
#undef X
      PROBLEM_COUNT_
};

struct problem {
  struct problem *next;
  enum problem_code code;
  bool warning;     /* said, but does not refuse */
  struct str field; /* "shifts[3].start"; empty: the whole */
  struct str limit; /* as text; numbers too */
  struct str value;
  struct str other;
  int64_t row;       /* of a file, 1-based; 0 where none */
  struct str column; /* header text of a file's column */
};

struct problems {
  struct arena *a;
  struct problem *first, **last;
  size_t errors, warnings;
  bool cut; /* more than LIMIT_PROBLEMS */
};

void problems_init(struct problems *ps, struct arena *a);
/* The pieces are copied into the arena. */
struct problem *problem_add(struct problems *ps, enum problem_code code, struct str field);
struct problem *problem_limit(struct problems *ps, enum problem_code code, struct str field,
                              int64_t limit);
struct problem *problem_text(struct problems *ps, enum problem_code code, struct str field,
                             struct str limit, struct str value, struct str other);
struct problem *problem_warn(struct problems *ps, enum problem_code code, struct str field);
/* A rule of one area, in its own words, the two languages apart. */
struct problem *problem_rule(struct problems *ps, struct str field, struct str zh, struct str en);
struct problem *problem_rule_warn(struct problems *ps, struct str field, struct str zh,
                                  struct str en);
static inline bool problems_any(const struct problems *ps) {
  return ps->errors > 0;
}

const char *problem_name(enum problem_code code);
/* The sentence, with data filled in. */
struct str problem_words(struct arena *a, const struct problem *p, bool zh);
/* The array of problems, each {"field","code","limit"?,"value"?,"other"?,"row"?,"column"?,
 * "warning"?,"zh","en"}. */
void problems_write(struct jw *w, const struct problems *ps);
/* A whole RFC 9457 document: type, title, status, code, detail, problems. */
void problem_document(struct jw *w, const struct err *e, const struct problems *ps);

#endif
