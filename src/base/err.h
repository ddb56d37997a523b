/* What went wrong, said once where the fact is known and passed up unchanged. Every fallible
 * function returns 0 or -E_xxx and fills the caller's `struct err`. No memory is owned: `what`
 * points at static text. Safe from any thread. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/str.h"

/* Code, class, HTTP status, stable name, zh, en. The four classes: the caller's fault, worth a
 * retry inside the runner only, the environment's, our own bug. */
#define ERR_TABLE(X)                                                                               \
  X(E_INVALID, CALLER, 422, "invalid", "填写有误", "The input has problems")                       \
  X(E_MALFORMED, CALLER, 400, "malformed", "请求无法识别", "The request cannot be read")           \
  X(E_UNAUTHENTICATED, CALLER, 401, "unauthenticated", "请先登录", "Sign in first")                \
  X(E_DEVICE_REVOKED, CALLER, 401, "device_revoked", "这台设备已停用，请找组长重新登记",           \
    "This device has been revoked: ask the lead to register it again")                             \
  X(E_FORBIDDEN, CALLER, 403, "forbidden", "没有这项权限", "You have no right to do this")         \
  X(E_NOT_FOUND, CALLER, 404, "not_found", "没有找到", "Not found")                                \
  X(E_METHOD, CALLER, 405, "method_not_allowed", "不支持的方法", "Method not allowed")             \
  X(E_CONFLICT, CALLER, 409, "conflict", "内容已被他人修改", "Someone else has changed this")      \
  X(E_EXISTS, CALLER, 409, "exists", "已经存在", "It exists already")                              \
  X(E_STATE, CALLER, 409, "wrong_state", "当前状态不能这样做", "Not possible in this state")       \
  X(E_GONE, CALLER, 410, "gone", "已失效", "No longer valid")                                      \
  X(E_PRECONDITION, CALLER, 412, "precondition", "前提不成立", "A precondition failed")            \
  X(E_TOO_LARGE, CALLER, 413, "too_large", "内容过大", "Too large")                                \
  X(E_UNSUPPORTED, CALLER, 415, "unsupported_media", "不支持的格式", "Format not supported")       \
  X(E_UNREADABLE, CALLER, 422, "unreadable", "内容无法打开，已留待人工处理",                       \
    "The content cannot be opened; it is kept for a person")                                       \
  X(E_RATE, CALLER, 429, "too_many_requests", "操作太频繁，请稍后再试", "Too many requests")       \
  X(E_NOROW, CALLER, 404, "no_row", "没有找到", "Not found")                                       \
  X(E_RETRY, RETRY, 503, "retry", "请稍后重试", "Try again")                                       \
  X(E_BUSY, ENVIRONMENT, 503, "busy", "系统繁忙，请稍后再试", "The system is busy")                \
  X(E_DISK_FULL, ENVIRONMENT, 503, "disk_full", "服务器磁盘已满，内容未保存",                      \
    "The server's disk is full; nothing was saved")                                                \
  X(E_UNAVAILABLE, ENVIRONMENT, 503, "unavailable", "服务暂不可用", "Not available")               \
  X(E_IO, ENVIRONMENT, 503, "io", "读写失败", "Input or output failed")                            \
  X(E_NOMEM, ENVIRONMENT, 503, "no_memory", "内存不足", "Out of memory")                           \
  X(E_TIMEOUT, ENVIRONMENT, 503, "timeout", "超时", "Timed out")                                   \
  X(E_BUG, BUG, 500, "bug", "程序内部错误", "Internal error")

enum err_code {
  E_OK = 0,
#define X(code, class, http, name, zh, en) code,
  ERR_TABLE(X)
#undef X
      E_COUNT_
};

enum err_class { ERR_CALLER, ERR_RETRY, ERR_ENVIRONMENT, ERR_BUG };

struct err {
  int code;         /* enum err_code, positive */
  const char *what; /* static text for the log and for developers */
  char field[64];   /* the field, file, unit… concerned; may be empty */
  int sys;          /* errno, SQLite or HTTP library code; 0 where none */
  const char *file;
  int line;
};

/* Fills *e and returns -code. `e` may be NULL. */
#define err_set(e, code, what) err_set_at((e), (code), (what), NULL, 0, __FILE__, __LINE__)
#define err_field(e, code, what, field)                                                            \
  err_set_at((e), (code), (what), (field), 0, __FILE__, __LINE__)
#define err_sys(e, code, what, sys) err_set_at((e), (code), (what), NULL, (sys), __FILE__, __LINE__)
void err_fill(struct err *e, int code, const char *what, const char *field, int sys,
              const char *file, int line);
/* Inline, so that every caller's compiler and the static analysis see that it returns -code. */
static inline int err_set_at(struct err *e, int code, const char *what, const char *field, int sys,
                             const char *file, int line) {
  err_fill(e, code, what, field, sys, file, line);
#ifdef __clang_analyzer__
  if (code <= 0) __builtin_unreachable();
#endif
  return -code;
}

int err_http(int code); /* takes either sign */
enum err_class err_class(int code);
const char *err_name(int code);
const char *err_text(int code, bool zh);

#endif
