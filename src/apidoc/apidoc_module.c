#include "apidoc/apidoc_module.h"
#include "apidoc/openapi.h"
#include "apidoc/rows.h"

static int openapi_get(struct rq *rq, struct jw *w, struct err *e) {
  (void)rq, (void)e;
  openapi_write(w->b);
  return 0;
}

static const struct route routes[] = {
    {HTTP_GET, "/api/v1/meta", NULL, .flags = ROUTE_SIGNED_IN | ROUTE_SHORT, .answer = api_meta,
     .zh = "说明", .en = "kinds, indicators and what this user may", .query = "phone?:int",
     .gives = "Meta"},
    {HTTP_GET, "/api/v1/openapi.json", NULL, .flags = ROUTE_PUBLIC | ROUTE_SHORT,
     .answer = openapi_get, .zh = "接口说明", .en = "this document", .gives = "(object)"},
    {0}};

static const struct shape shapes[] = {
    {"Ref", "id:id title?:text|null"},
    {"UnitRef", "id:id code name"},
    {"EventHead", "id:id rev:int seq:int created_at:moment updated_at:moment masked?:text[] "
                  "destroyed?:text[] warnings?:FieldProblem[]"},
    {"RecordHead", "...EventHead retired:bool"},
    {"RefGiven", "(id|Ref)"},
    {"UnitGiven", "(text|UnitRef)"},
    {"FieldProblem",
     "field code:ProblemCode limit? value? other? row?:int column? warning?:bool zh en"},
    {"Problem", "type title title_zh status:int code detail? field? more?:bool "
                "problems?:FieldProblem[] current?:object"},
    {"Label", "zh en"},
    {"OperationHead", "id:id code name timezone"},
    {"MetaChoice", "...Label value"},
    {"MetaState", "...MetaChoice tone?:'good'|'wait'|'bad'"},
    {"MetaField", "...Label name type help_zh? help_en? required?:bool immutable?:bool "
                  "read_only?:bool sealed?:bool personal?:bool filter?:bool sort?:bool "
                  "sort_wide?:bool sort_with? narrows?:bool "
                  "lookup?:bool key?:bool title?:bool scope?:bool import?:bool min?:int max?:int "
                  "scale?:int mask? initial? ref? choices?:MetaChoice[]"},
    {"MetaAction", "...Label name from:text[] to:text|null needs:text[] takes:text[] "
                   "second_person?:bool reason?:bool online?:bool"},
    {"MetaScreen",
     "group? order?:int zh? en? lead_zh? lead_en? columns?:text[] section?:text[] sort? "
     "quick?:text[] link? hide?:text[] offers?:text[] primary?:text[] phone?:text[] "
     "phone_offers?:text[]"},
    {"MetaMay", "read:bool names:bool create:bool update:bool retire:bool export:bool import:bool "
                "reveal:bool actions:text[]"},
    {"MetaKind",
     "...Label name plural area event?:bool issued?:bool merge?:bool mine?:bool "
     "global?:bool wide?:bool made_by_system?:bool title_fields:text[] fields:MetaField[] "
     "states:MetaState[] frozen?:{states:text[] fields:text[] but:text[]}[] "
     "screen?:MetaScreen actions:MetaAction[] may:MetaMay"},
    {"MetaPolicy", "...Label key value:int scale:int measure min:int max:int source_zh source_en"},
    {"Meta", "release now:moment demo?:bool operation:{...OperationHead today:date begins?:date "
             "policy:MetaPolicy[]}|null areas:{...Label name}[] groups:{...Label code "
             "folded?:bool}[] kinds:MetaKind[] indicators?:IndicatorWords[] rights:text[]"},
    {0}};

const struct module apidoc_module = {MODULE("apidoc", "接口说明", "Description of the API"),
                                     .shapes = shapes, .routes = routes, .rows = rows_check};
