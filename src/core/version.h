/* The release this program says it is: in meta, /metrics, --version and backups. Constant. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H
#define SHOUWANG_VERSION "0.1.0"
#endif
