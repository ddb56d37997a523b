// The records of the API and the shapes of its answers, made by `shouwang schema --ts`.

export interface Page<T> {
  items: T[];
  next: string | null;
  total?: number;
}

export type FigureValues = { [code in Indicator]?: number };

export type HistoryEntry = {
  rev: number;
  at: string;
  actor: { id: string; name: string | null; };
  action: string;
  reason?: string;
  changes: { [name: string]: { old: unknown; new: unknown; }; };
};

export type PageSection = Label & {
  code: string;
  order: number;
  kind: string | null;
  items?: unknown[];
  more?: boolean;
  [name: string]: unknown;
};

export type Written = {
  id: string;
  rev: number;
  seq: number;
  created_at: string;
};

export type BulkItem = {
  id: string;
  title: string | null;
  rev?: number;
  state?: string | null;
  replayed?: boolean;
  problem?: Problem;
};

export type FigureHead = {
  unit: string;
  date: string;
  from?: string;
  as_known?: string;
  behind?: number;
};

export type Figures = FigureHead & {
  figures: FigureValues;
  complete: { notes: (Label & { code: string; count: number; })[]; };
};

export type FigureRow = {
  unit: (UnitRef & { kind: string; children: number; });
  figures: FigureValues;
};

export type FigureRecord = EventHead & {
  counts: number;
  records: number;
  since?: string;
  [name: string]: unknown;
};

export type IndicatorWords = Label & {
  code: string;
  definition_zh: string;
  definition_en: string;
  unit: string;
  type: "flow" | "state" | "distinct" | "derived";
};

export type IndicatorRow = IndicatorWords & {
  records: string | null;
};

export type AlarmType = Label & {
  code: string;
  severity: number;
  owner_role: string | null;
  escalate_minutes: number;
};

export type TodoItem = {
  kind: string;
  plural: string;
  id: string;
  title: string | null;
  state: string | null;
  unit: UnitRef | null;
  due: string | null;
  tone: "overdue" | "today" | "later";
  action: (Label & { name: string; }) | null;
};

export type Todo = {
  items: TodoItem[];
  next: string | null;
  counts: (Label & { kind: string; plural: string; total: number; })[];
};

export type Setting = Label & {
  name: string;
  type: "int" | "bool" | "text";
  per_operation: boolean;
  value: number | boolean | string;
  allowed?: string[];
  min?: number;
  max?: number;
  measure?: string;
};

export type OutboxChannel = Label & {
  name: string;
  to: "anybody" | "mail" | "phone" | "robot";
  usual: boolean;
  lacks: Label | null;
  robots?: string[];
  queued: number;
  oldest_queued_at: string | null;
  dead: number;
  sent_24h: number;
  last_sent_at: string | null;
  last_error: string | null;
};

export type Changes = {
  items: { kind: string; seq: number; id?: string; gone?: boolean; record?: Record<string, unknown>; }[];
  next: string;
  more: boolean;
};

export type ChangeTable = {
  kind: string;
  fields: string[];
  list?: boolean;
  rows: unknown[][];
  gone: string[];
};

export type ChangeRows = {
  unit: string | null;
  tables: ChangeTable[];
  next: string;
  more: boolean;
  full: boolean;
  now: string;
  now_ms: number;
};

export type BatchItem = {
  id?: string;
  seq?: number;
  method?: string;
  path?: string;
  body?: Record<string, unknown>;
  saw?: { state?: string | null; rev?: number; };
  at?: number | string;
  sealed?: string;
  key?: number;
};

export type BatchWritten = Written & {
  state?: string;
  replayed?: boolean;
  warnings?: FieldProblem[];
};

export type BatchHeld = {
  id: string;
  replayed?: boolean;
  code?: "quarantined";
};

export type BatchAnswer = {
  id: string | null;
  status: number;
  body: BatchWritten | BatchHeld | Problem;
};

export type DeviceFacts = DeviceSections & {
  device: { id: string; name: string; post: string | null; };
  unit: UnitRef | null;
  box_key: string;
  box_key_id: number;
  now: string;
  now_ms: number;
};

export type User = {
  id: string;
  login: string;
  name: string;
  language: "zh" | "en";
  responder: string | null;
  unit: UnitRef | null;
  roles: string[];
  must_change_password: boolean;
};

export type Session = {
  token?: string;
  csrf: string;
  user: User;
};

export type SignedIn = {
  id: string;
  user: { id: string; login: string; };
  device: string | null;
  created_at: string;
  last_seen_at: string;
  peer: string | null;
  current: boolean;
};

export type Invitation = {
  user: string;
  login: string;
  name: string;
  code: string;
  link: string;
  expires_at: string;
};

export type AuditEntry = {
  no: number;
  at: string;
  actor: { id: string; login: string; } | null;
  action: string;
  kind: string;
  id: string | null;
  unit: UnitRef | null;
  detail: Record<string, unknown> | null;
};

export type ImportReport = {
  id: string | null;
  rows: number;
  created: number;
  updated: number;
  unchanged: number;
  bad: number;
  done: boolean;
  encoding: string;
  made: (Label & { kind: string; n: number; })[];
  columns: { header: string; field: string | null; zh?: string; en?: string; }[];
  problems: FieldProblem[];
  more: boolean;
};

export type ImportUndone = {
  undone: number;
  restored: number;
  left: number;
  kept: (Label & { kind: string; id: string; title: string | null; row: number; why: "changed" | "in_use" | "rule" | "key_gone"; })[];
};

export type Ref = {
  id: string;
  title?: string | null;
};

export type UnitRef = {
  id: string;
  code: string;
  name: string;
};

export type EventHead = {
  id: string;
  rev: number;
  seq: number;
  created_at: string;
  updated_at: string;
  masked?: string[];
  destroyed?: string[];
  warnings?: FieldProblem[];
};

export type RecordHead = EventHead & {
  retired: boolean;
};

export type RefGiven = (string | Ref);

export type UnitGiven = (string | UnitRef);

export type FieldProblem = {
  field: string;
  code: ProblemCode;
  limit?: string;
  value?: string;
  other?: string;
  row?: number;
  column?: string;
  warning?: boolean;
  zh: string;
  en: string;
};

export type Problem = {
  type: string;
  title: string;
  title_zh: string;
  status: number;
  code: string;
  detail?: string;
  field?: string;
  more?: boolean;
  problems?: FieldProblem[];
  current?: Record<string, unknown>;
};

export type Label = {
  zh: string;
  en: string;
};

export type OperationHead = {
  id: string;
  code: string;
  name: string;
  timezone: string;
};

export type MetaChoice = Label & {
  value: string;
};

export type MetaState = MetaChoice & {
  tone?: "good" | "wait" | "bad";
};

export type MetaField = Label & {
  name: string;
  type: string;
  help_zh?: string;
  help_en?: string;
  required?: boolean;
  immutable?: boolean;
  read_only?: boolean;
  sealed?: boolean;
  personal?: boolean;
  filter?: boolean;
  sort?: boolean;
  sort_wide?: boolean;
  sort_with?: string;
  narrows?: boolean;
  lookup?: boolean;
  key?: boolean;
  title?: boolean;
  scope?: boolean;
  import?: boolean;
  min?: number;
  max?: number;
  scale?: number;
  mask?: string;
  initial?: string;
  ref?: string;
  choices?: MetaChoice[];
};

export type MetaAction = Label & {
  name: string;
  from: string[];
  to: string | null;
  needs: string[];
  takes: string[];
  second_person?: boolean;
  reason?: boolean;
  online?: boolean;
};

export type MetaScreen = {
  group?: string;
  order?: number;
  zh?: string;
  en?: string;
  lead_zh?: string;
  lead_en?: string;
  columns?: string[];
  section?: string[];
  sort?: string;
  quick?: string[];
  link?: string;
  hide?: string[];
  offers?: string[];
  primary?: string[];
  phone?: string[];
  phone_offers?: string[];
};

export type MetaMay = {
  read: boolean;
  names: boolean;
  create: boolean;
  update: boolean;
  retire: boolean;
  export: boolean;
  import: boolean;
  reveal: boolean;
  actions: string[];
};

export type MetaKind = Label & {
  name: string;
  plural: string;
  area: string;
  event?: boolean;
  issued?: boolean;
  merge?: boolean;
  mine?: boolean;
  global?: boolean;
  wide?: boolean;
  made_by_system?: boolean;
  title_fields: string[];
  fields: MetaField[];
  states: MetaState[];
  frozen?: { states: string[]; fields: string[]; but: string[]; }[];
  screen?: MetaScreen;
  actions: MetaAction[];
  may: MetaMay;
};

export type MetaPolicy = Label & {
  key: string;
  value: number;
  scale: number;
  measure: string;
  min: number;
  max: number;
  source_zh: string;
  source_en: string;
};

export type Meta = {
  release: string;
  now: string;
  demo?: boolean;
  operation: (OperationHead & { today: string; begins?: string; policy: MetaPolicy[]; }) | null;
  areas: (Label & { name: string; })[];
  groups: (Label & { code: string; folded?: boolean; })[];
  kinds: MetaKind[];
  indicators?: IndicatorWords[];
  rights: string[];
};

export type TreeUnit = UnitRef & {
  kind: string;
  retired: boolean;
  children: number;
};

export type PolicyValues = {
  [name: string]: number;
};

export type DayRights = {
  sign_in: boolean;
  on_behalf: boolean;
  gate: boolean;
};

export type MyDay = {
  now: string;
  today: string;
  user: User;
  operation: OperationHead | null;
  may: DayRights;
  policy: PolicyValues;
  assignments: Assignment[];
  gates: Post[];
  gates_more: boolean;
  todo: Todo;
};

export type DeviceDay = DeviceFacts & {
  today: string;
  operation: OperationHead | null;
  policy?: PolicyValues;
  policies?: { [name: string]: PolicyValues; };
  posts: Post[];
  shifts: Shift[];
  assignments: Assignment[];
};

export type PublicKey = {
  id: number;
  key: string;
};

export type PassCode = {
  code: string;
  number: string;
  class: string;
  valid_from: string;
  valid_to: string;
  svg: string;
};

export type GateCheck = {
  verdict: (Label & { code: string; });
  pass: Pass | null;
  last: { direction: "in" | "out"; happened_at: string; } | null;
  next_day: string | null;
  overdue_minutes: number;
};

export type GateHour = {
  hour: number;
  in: number;
  out: number;
  refused: number;
  abnormal: number;
  vehicles: number;
};

export type GateInside = {
  allowed_minutes: number;
  households: { pass: { id: string; number: string; } | null; household: { id: string; code: string | null; } | null; post: { id: string; title: string; } | null; since: string; minutes: number; overdue: boolean; }[];
  households_more: boolean;
  people: number;
  visitors: Visitor[];
  visitors_more: boolean;
};

export type GateSigns = {
  code: string;
  signs: { date: string; sign: number; }[];
};

export type GatePlace = {
  gate: string;
  community: string;
  now: string;
  now_ms: number;
};

export type GatePassage = GatePlace & Label & {
  direction: "in" | "out";
  verdict: string;
  go: boolean;
  again: boolean;
  at: string | null;
  class: string | null;
  sign: number | null;
};

export type Unanswered = {
  day: string;
  counts: { enterprises: number; unanswered: number; locality: number; department: number; employer: number; individual: number; };
  items: { enterprise: Enterprise; empty: ("locality" | "department" | "employer" | "individual")[]; }[];
  next: string | null;
};

export type FilingForm = {
  day: string;
  enterprise: Enterprise;
  open: Filing | null;
  choices: { checklist: Checklist; items: ChecklistItem[]; more: boolean; }[];
};

export type Shipped = {
  code: string;
  kind: string;
  name_zh: string;
  name_en: string;
  source_zh: string;
  source_en: string;
  valid_from: string | null;
  fields: number;
  boxes: number;
  checks: number;
  parameters: (Label & { name: string; what_zh: string; what_en: string; })[] | null;
};

export type ReturnValues = {
  [name: string]: number | string | boolean | null;
};

export type ReturnField = Label & {
  code: string;
  definition_zh: string;
  definition_en: string;
  group_zh: string | null;
  group_en: string | null;
  type: "count" | "text" | "bool" | "date" | "choice";
  source: "typed" | "staff_lines" | "enterprise" | "formula";
  key: string | null;
  required: boolean;
  carries: boolean;
  max?: number;
  choices?: string[];
  value: number | string | boolean | null;
};

export type ReturnCheck = Label & {
  level: "hard" | "soft";
  left: string;
  operator: "eq" | "le" | "ge";
  right: string;
};

export type ReturnForm = {
  template: string;
  version: number;
  name: string;
  name_en: string | null;
  note: string | null;
  deadline: string;
  cutoff: string;
  levels: { [name: string]: string; };
  fields: ReturnField[];
  checks: ReturnCheck[];
  yesterday: ReturnValues | null;
  before: boolean;
  return: DailyReturn | null;
};

export type ReturnPage = {
  enterprise: Enterprise;
  day: string;
  now: string;
  forms: ReturnForm[];
};

export type OwnLineGiven = {
  rev?: number;
  id?: string;
  name?: string;
  hubei?: string | null;
  left_on?: string | null;
  place?: string | null;
  back_on?: string | null;
  isolating_until?: string | null;
  at_work_on?: string | null;
  plan_back_on?: string | null;
  ended_on?: string | null;
  note?: string | null;
};

export type OwnLine = {
  id: string;
  rev: number;
  name: string | null;
  hubei: string | null;
  left_on: string | null;
  place: string | null;
  back_on: string | null;
  isolating_until: string | null;
  at_work_on: string | null;
  plan_back_on: string | null;
};

export type ReturnGiven = {
  id?: string;
  template?: string;
  day?: string;
  values?: Record<string, unknown>;
  nil?: boolean;
  no_change?: boolean;
  draft?: boolean;
  note?: string;
  dry?: boolean;
};

export type ReturnTaken = {
  id: string;
  receipt: string | null;
  version: number;
  late: boolean;
  beside: boolean;
  replayed?: boolean;
  values: ReturnValues | null;
  warnings?: FieldProblem[];
};

export type DueReturn = {
  return: DailyReturn;
  enterprise: Enterprise | null;
  chase: ChaseNote | null;
  reminders: { n: number; at: string; state: "queued" | "sent" | "dead" | "cancelled" | "unreachable"; } | null;
};

export type ClerkLink = {
  token: string;
  path: string;
  url: string;
  valid_to: string;
  svg: string;
};

export type Burden = {
  day: string;
  enterprises: number;
  due: number;
  boxes: number;
  one_tap: number;
  templates: { id: string; template: string; version: number; name: string; name_en: string | null; typed: number; counted: number; optional: number; known: number; summed: number; due: number; boxes: number; one_tap: number; }[];
  callers: { caller: Ref | null; due: number; boxes: number; }[];
};

export type LateReturn = {
  id: string;
  return: string;
  enterprise: Ref;
  template: string;
  number: number;
  receipt: string | null;
  channel: string | null;
  at: string;
};

export type Rate = {
  part: number;
  of: number;
  permille: number | null;
};

export type StaffRate = Rate & {
  returns: number;
  silent: number;
};

export type House = {
  building: Building;
  resumed: Rate;
  returns: { due: number; missing: number; };
  gaps: { open: number; overdue: number; };
  heads: { property: BuildingHead | null; community: BuildingHead | null; };
};

export type FormName = {
  code: string;
  version: number;
  name: string;
  name_en: string | null;
};

export type NamedEnterprise = {
  id: string;
  name: string;
  address: string | null;
};

export type ReadRow = {
  n: number;
  number: number;
  text: string | null;
  name: string | null;
  status: "nothing" | "unknown" | "several" | "repeated" | "taken" | "same" | "wrong" | "check" | "ready";
  enterprise: NamedEnterprise | null;
  by: string | null;
  candidates: NamedEnterprise[];
  values: ReturnValues;
  filled: ReturnValues | null;
  stands: ReturnValues | null;
  nil: boolean;
  no_change: boolean;
  ditto: boolean;
  correction: boolean;
  note: string | null;
  unclear: string[];
  rest: string[];
  inferred: string[];
  repeated_by: number | null;
  receipt?: string;
  version?: number;
  late?: boolean;
  beside?: boolean;
  problems: FieldProblem[];
};

export type Reading = {
  day: string;
  template: string;
  fields: (Label & { code: string; type: "count" | "other"; formula: boolean; })[];
  counts: { nothing: number; unknown: number; several: number; repeated: number; taken: number; same: number; wrong: number; check: number; ready: number; };
  heading_lines: number;
  more: boolean;
  rows: ReadRow[];
  totals: { row: number; label: string; column: string; says: number; sum: number; differs: number; }[];
  problems: FieldProblem[];
};

export type TakenRow = {
  enterprise: string | null;
  n?: number;
  number?: number;
  values?: Record<string, unknown>;
  stands?: Record<string, unknown> | null;
  text?: string;
  name?: string;
  note?: string;
  nil?: boolean;
  no_change?: boolean;
  looked?: boolean;
  again?: boolean;
};

export type DeviceSections = {
  pass_keys: PublicKey[];
  gate_signs: (GateSigns & { post: string; })[];
};

export type AlarmState = "open" | "acknowledged" | "closed";

/** 报警 / Alarm */
export type Alarm = RecordHead & {
  state: AlarmState;
  /** 类别 / Type */
  code: string | null;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 已上报至 / Escalated to */
  escalated_to: UnitRef | null;
  /** 级别 / Severity */
  severity: number | null;
  /** 涉及记录种类 / Kind of subject */
  subject_kind: string | null;
  /** 涉及记录 / Subject */
  subject_id: string | null;
  /** 对象 / Subject's name */
  subject: string | null;
  /** 数值 / Value */
  value: string | null;
  /** 起因标识 / Cause */
  cause: string | null;
  /** 仍在的起因 / Standing cause */
  open_cause: string | null;
  /** 责任角色 / Owner's role */
  owner_role: string | null;
  /** 责任单位 / Owner's unit */
  owner_unit: UnitRef | null;
  /** 报警时间 / Raised at */
  raised_at: string | null;
  /** 上报时限 / Escalates at */
  due_at: string | null;
  /** 上报次数 / Escalations */
  escalations: number | null;
  /** 确认人 / Acknowledged by */
  acknowledged_by: Ref | null;
  /** 确认时间 / Acknowledged at */
  acknowledged_at: string | null;
  /** 关闭时间 / Closed at */
  closed_at: string | null;
  /** 通知时间 / Notified at */
  mailed_at: string | null;
  /** 处理说明 / Note */
  note: string | null;
};

export interface AlarmNew {
  id?: string;
}

export interface AlarmChange {
  rev?: number;
}

export interface AlarmActions {
  /** 确认 / Acknowledge */
  "acknowledge": { rev?: number; reason?: string; note?: string | null; };
  /** 关闭 / Close */
  "close": { rev?: number; reason?: string; note?: string | null; };
}

export type OutboxMessageState = "queued" | "sent" | "dead" | "cancelled";

/** 外发消息 / Outgoing message */
export type OutboxMessage = RecordHead & {
  state: OutboxMessageState;
  /** 渠道 / Channel */
  channel: string | null;
  /** 类别 / Topic */
  topic: string | null;
  /** 收件人 / Recipient */
  recipient: string | null;
  /** 标题 / Subject */
  subject: string | null;
  /** 内容 / Body */
  body: string | null;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 起因种类 / Kind of cause */
  subject_kind: string | null;
  /** 起因记录 / Cause */
  subject_id: string | null;
  /** 合并窗口（秒） / Digest window (s) */
  digest_window: number | null;
  /** 尝试次数 / Attempts */
  attempts: number | null;
  /** 下次发送 / Next attempt */
  next_at: string | null;
  /** 发出时间 / Sent at */
  sent_at: string | null;
  /** 并入 / Sent with */
  sent_with: string | null;
  /** 放弃时间 / Given up at */
  gave_up_at: string | null;
  /** 最近错误 / Last error */
  last_error: string | null;
};

export interface OutboxMessageNew {
  id?: string;
}

export interface OutboxMessageChange {
  rev?: number;
}

export interface OutboxMessageActions {
  /** 重发 / Retry */
  "retry": { rev?: number; reason?: string; };
  /** 取消 / Cancel */
  "cancel": { rev?: number; reason?: string; };
}

export type QuarantineState = "held" | "released" | "discarded";
export type QuarantineReason = "device_revoked" | "author_revoked" | "author_expired" | "author_closed" | "author_unknown" | "unreadable" | "content_changed" | "conflict";

/** 留置内容 / Quarantined item */
export type Quarantine = RecordHead & {
  state: QuarantineState;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 设备 / Device */
  device: Ref | null;
  /** 书写人 / Written by */
  account: Ref | null;
  /** 留置原因 / Held because */
  reason: QuarantineReason | null;
  /** 内容种类 / What it is */
  what: string | null;
  /** 内容 / Content */
  content: string | null;
  /** 手机序号 / The phone's number */
  device_seq: number | null;
  /** 手机上书写时间 / Written at, by the phone */
  written_at: string | null;
  /** 时钟差（毫秒） / Clock offset (ms) */
  clock_offset_ms: number | null;
  /** 说明 / Note */
  note: string | null;
  /** 办理结果 / What came of it */
  result: string | null;
};

export interface QuarantineActions {
  /** 放行 / Release */
  "release": { rev?: number; reason?: string; note?: string | null; };
  /** 作废 / Discard */
  "discard": { rev?: number; reason?: string; note: string; };
}

export type AccountState = "active" | "locked" | "disabled";
export type AccountLanguage = "zh" | "en";

/** 用户 / User */
export type Account = RecordHead & {
  state: AccountState;
  /** 登录名 / Login */
  login: string | null;
  /** 姓名 / Name */
  name: string | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 对应人员 / Person */
  responder: Ref | null;
  /** 语言 / Language */
  language: AccountLanguage | null;
  /** 须改密码 / Must change password */
  must_change_password: boolean | null;
  /** 最近使用 / Last seen */
  last_seen: string | null;
};

export interface AccountNew {
  id?: string;
  login: string;
  name: string;
  unit?: UnitGiven | null;
  responder?: RefGiven | null;
  language?: AccountLanguage | null;
}

export interface AccountChange {
  rev?: number;
  login?: string;
  name?: string;
  unit?: UnitGiven | null;
  responder?: RefGiven | null;
  language?: AccountLanguage | null;
}

export interface AccountActions {
  /** 锁定 / Lock */
  "lock": { rev?: number; reason: string; };
  /** 解锁 / Unlock */
  "unlock": { rev?: number; reason?: string; };
  /** 停用 / Disable */
  "disable": { rev?: number; reason?: string; };
  /** 启用 / Enable */
  "enable": { rev?: number; reason?: string; };
}

export type RoleGrantRole = "sysadmin" | "secadmin" | "auditor" | "city_duty" | "district_duty" | "coordinator" | "lead" | "secondee" | "store" | "books" | "clerk" | "viewer";

/** 授权 / Grant */
export type RoleGrant = RecordHead & {
  /** 用户 / User */
  account: Ref | null;
  /** 角色 / Role */
  role: RoleGrantRole | null;
  /** 范围 / Branch */
  unit: UnitRef | null;
  /** 行动 / Operation */
  operation: Ref | null;
  /** 自 / From */
  valid_from: string | null;
  /** 至 / To */
  valid_to: string | null;
};

export interface RoleGrantNew {
  id?: string;
  account: RefGiven;
  role: RoleGrantRole;
  unit?: UnitGiven | null;
  operation?: RefGiven | null;
  valid_from?: string | null;
  valid_to?: string | null;
}

export interface RoleGrantChange {
  rev?: number;
  valid_from?: string | null;
  valid_to?: string | null;
}

export type DeviceState = "active" | "revoked" | "lost";

/** 设备 / Device */
export type Device = RecordHead & {
  state: DeviceState;
  /** 设备名 / Name */
  name: string | null;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 使用人 / Owner */
  account: Ref | null;
  /** 公钥 / Public key */
  public_key: string | null;
  /** 最近使用 / Last seen */
  last_seen: string | null;
  /** 卡口 / Post */
  post: Ref | null;
  /** 应用版本 / App version */
  app_version: string | null;
  /** 最近同步 / Last sync */
  last_sync: string | null;
  /** 待发条数 / Waiting */
  waiting: number | null;
  /** 最早待发 / Oldest waiting */
  oldest_waiting_at: string | null;
  /** 时钟差（毫秒） / Clock offset (ms) */
  clock_offset_ms: number | null;
  /** 已收到的最大序号 / Highest number received */
  seq_seen: number | null;
  /** 未收到的序号 / Numbers that never arrived */
  missing: string | null;
  /** 最近一条的时间 / Its last entry was of */
  last_item_at: string | null;
};

export interface DeviceNew {
  id?: string;
  name: string;
  unit?: UnitGiven | null;
  account?: RefGiven | null;
  public_key?: string | null;
  post?: RefGiven | null;
}

export interface DeviceChange {
  rev?: number;
  name?: string;
  unit?: UnitGiven | null;
  account?: RefGiven | null;
  public_key?: string | null;
  post?: RefGiven | null;
}

export interface DeviceActions {
  /** 注销 / Revoke */
  "revoke": { rev?: number; reason?: string; };
  /** 报失 / Report lost */
  "report-lost": { rev?: number; reason?: string; };
  /** 找回 / Found again */
  "found": { rev?: number; reason?: string; };
}

export type ImportRunState = "running" | "done" | "broken_off" | "undone";

/** 导入记录 / Import */
export type ImportRun = RecordHead & {
  state: ImportRunState;
  /** 类别 / Kind */
  kind: string | null;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 文件名 / File */
  filename: string | null;
  /** 行数 / Rows */
  rows: number | null;
  /** 新增 / Created */
  created: number | null;
  /** 更新 / Updated */
  updated: number | null;
  /** 未变 / Unchanged */
  unchanged: number | null;
  /** 有误 / With problems */
  bad: number | null;
};

export interface ImportRunActions {
  /** 完成 / Finish */
  "finish": { rev?: number; reason?: string; };
  /** 中断 / Break off */
  "break-off": { rev?: number; reason?: string; };
  /** 撤销 / Undo */
  "mark-undone": { rev?: number; reason?: string; };
}

export type ReturnTemplateState = "draft" | "published" | "withdrawn";

/** 报表模板 / Return template */
export type ReturnTemplate = RecordHead & {
  state: ReturnTemplateState;
  /** 编号 / Code */
  code: string | null;
  /** 版本 / Version */
  version: number | null;
  /** 名称 / Name */
  name: string | null;
  /** 英文名称 / Name in English */
  name_en: string | null;
  /** 发布单位 / Issued by */
  unit: UnitRef | null;
  /** 启用日期 / Valid from */
  valid_from: string | null;
  /** 停用日期 / Valid to */
  valid_to: string | null;
  /** 报送时限 / Deadline */
  deadline: string | null;
  /** 统计截止时点 / Statistical cut-off */
  cutoff: string | null;
  /** 催报时刻 / Reminder at */
  remind_at: string | null;
  /** 上报上级时刻 / Up one level at */
  escalate_at: string | null;
  /** 填报日（周一为1） / Days of the week (Monday is 1) */
  weekdays: string | null;
  /** 填报说明 / Instructions */
  note: string | null;
};

export interface ReturnTemplateNew {
  id?: string;
  code: string;
  version?: number | null;
  name: string;
  name_en?: string | null;
  unit: UnitGiven;
  valid_from: string;
  valid_to?: string | null;
  deadline?: string | null;
  cutoff?: string | null;
  remind_at?: string | null;
  escalate_at?: string | null;
  weekdays?: string | null;
  note?: string | null;
}

export interface ReturnTemplateChange {
  rev?: number;
  name?: string;
  name_en?: string | null;
  valid_from?: string;
  valid_to?: string | null;
  deadline?: string;
  cutoff?: string;
  remind_at?: string | null;
  escalate_at?: string | null;
  weekdays?: string;
  note?: string | null;
}

export interface ReturnTemplateActions {
  /** 发布 / Publish */
  "publish": { rev?: number; reason?: string; };
  /** 停用 / Withdraw */
  "withdraw": { rev?: number; reason?: string; valid_to: string; };
}

export type TemplateFieldType = "count" | "text" | "bool" | "date" | "choice";
export type TemplateFieldSource = "typed" | "staff_lines" | "enterprise" | "formula";

/** 模板字段 / Template field */
export type TemplateField = RecordHead & {
  /** 模板 / Template */
  template: Ref | null;
  /** 发布单位 / Issued by */
  unit: UnitRef | null;
  /** 字段代码 / Code */
  code: string | null;
  /** 次序 / Place */
  place: number | null;
  /** 分组 / Group */
  group_zh: string | null;
  /** 分组（英文） / Group in English */
  group_en: string | null;
  /** 名称 / Label */
  label_zh: string | null;
  /** 英文名称 / Label in English */
  label_en: string | null;
  /** 口径 / Definition */
  definition_zh: string | null;
  /** 口径（英文） / Definition in English */
  definition_en: string | null;
  /** 类型 / Type */
  type: TemplateFieldType | null;
  /** 选项 / Choices */
  choices: string[] | null;
  /** 来源 / Source */
  source: TemplateFieldSource | null;
  /** 对应数据项（或公式） / Known as (or formula) */
  key: string | null;
  /** 必填 / Required */
  required: boolean | null;
  /** 沿用前一日 / Carried over */
  carries: boolean | null;
  /** 上限 / At most */
  most: number | null;
  /** 停填日期 / Not asked after */
  valid_to: string | null;
};

export interface TemplateFieldNew {
  id?: string;
  template: RefGiven;
  code: string;
  place: number;
  group_zh?: string | null;
  group_en?: string | null;
  label_zh: string;
  label_en: string;
  definition_zh: string;
  definition_en: string;
  type?: TemplateFieldType | null;
  choices?: string[] | null;
  source?: TemplateFieldSource | null;
  key?: string | null;
  required?: boolean | null;
  carries?: boolean | null;
  most?: number | null;
  valid_to?: string | null;
}

export interface TemplateFieldChange {
  rev?: number;
  place?: number;
  group_zh?: string | null;
  group_en?: string | null;
  label_zh?: string;
  label_en?: string;
  definition_zh?: string;
  definition_en?: string;
  type?: TemplateFieldType;
  choices?: string[] | null;
  source?: TemplateFieldSource;
  key?: string | null;
  required?: boolean | null;
  carries?: boolean | null;
  most?: number | null;
  valid_to?: string | null;
}

export type TemplateCheckLevel = "hard" | "soft";
export type TemplateCheckOperator = "eq" | "le" | "ge";

/** 平衡关系 / Equation */
export type TemplateCheck = RecordHead & {
  /** 模板 / Template */
  template: Ref | null;
  /** 发布单位 / Issued by */
  unit: UnitRef | null;
  /** 要求 / Level */
  level: TemplateCheckLevel | null;
  /** 左边 / Left side */
  left_side: string | null;
  /** 关系 / Relation */
  operator: TemplateCheckOperator | null;
  /** 右边 / Right side */
  right_side: string | null;
  /** 说明 / Words */
  words_zh: string | null;
  /** 说明（英文） / Words in English */
  words_en: string | null;
};

export interface TemplateCheckNew {
  id?: string;
  template: RefGiven;
  level?: TemplateCheckLevel | null;
  left_side: string;
  operator?: TemplateCheckOperator | null;
  right_side: string;
  words_zh: string;
  words_en: string;
}

export interface TemplateCheckChange {
  rev?: number;
  level?: TemplateCheckLevel;
  left_side?: string;
  operator?: TemplateCheckOperator;
  right_side?: string;
  words_zh?: string;
  words_en?: string;
}

export type TemplateLevelLevel = "community" | "subdistrict" | "district" | "city";

/** 各级汇总时限 / Cut-off of a level */
export type TemplateLevel = RecordHead & {
  /** 模板 / Template */
  template: Ref | null;
  /** 发布单位 / Issued by */
  unit: UnitRef | null;
  /** 层级 / Level */
  level: TemplateLevelLevel | null;
  /** 汇总上报时限 / Consolidated by */
  due_at: string | null;
};

export interface TemplateLevelNew {
  id?: string;
  template: RefGiven;
  level: TemplateLevelLevel;
  due_at: string;
}

export interface TemplateLevelChange {
  rev?: number;
  due_at?: string;
}

export type UnitState = "active" | "merged" | "closed";
export type UnitKind = "city" | "district" | "subdistrict" | "community" | "compound" | "federation" | "union_institution" | "union" | "service_station" | "office" | "bureau" | "agency" | "institution" | "enterprise" | "property" | "hospital" | "volunteers" | "other";

/** 单位 / Unit */
export type Unit = RecordHead & {
  state: UnitState;
  /** 内部号 / Number */
  no: UnitRef | null;
  /** 编码 / Code */
  code: string | null;
  /** 名称 / Name */
  name: string | null;
  /** 类别 / Kind */
  kind: UnitKind | null;
  /** 上级 / Parent */
  parent: UnitRef | null;
  /** 上级编码 / Parent code */
  parent_code: string | null;
  /** 别名 / Aliases */
  aliases: string[] | null;
  /** 有效自 / Valid from */
  valid_from: string | null;
  /** 有效至 / Valid to */
  valid_to: string | null;
  /** 地址 / Address */
  address: string | null;
  /** 单位电话 / Office phone */
  phone: string | null;
  /** 变更生效日 / Change takes effect */
  effective_on: string | null;
  /** 并入 / Merged into */
  merged_into: UnitRef | null;
  /** 路径 / Path */
  path: string | null;
  /** 备注 / Remark */
  remark: string | null;
};

export interface UnitNew {
  id?: string;
  code: string;
  name: string;
  kind: UnitKind;
  parent?: UnitGiven | null;
  parent_code?: string | null;
  aliases?: string[] | null;
  valid_from?: string | null;
  valid_to?: string | null;
  address?: string | null;
  phone?: string | null;
  remark?: string | null;
}

export interface UnitChange {
  rev?: number;
  name?: string;
  kind?: UnitKind;
  aliases?: string[] | null;
  valid_from?: string | null;
  address?: string | null;
  phone?: string | null;
  remark?: string | null;
}

export interface UnitActions {
  /** 调整上级 / Move */
  "move": { rev?: number; reason: string; parent: UnitGiven; effective_on: string; };
  /** 并入 / Merge */
  "merge": { rev?: number; reason: string; effective_on: string; merged_into: UnitGiven; };
  /** 撤销 / Close */
  "close": { rev?: number; reason: string; valid_to: string; };
  /** 恢复 / Reopen */
  "reopen": { rev?: number; reason: string; };
}

export type OperationState = "open" | "closed";

/** 行动 / Operation */
export type Operation = RecordHead & {
  state: OperationState;
  /** 序号 / Number */
  no: number | null;
  /** 代号 / Code */
  code: string | null;
  /** 名称 / Name */
  name: string | null;
  /** 时区 / Time zone */
  timezone: string | null;
  /** 开始 / Begins */
  begins: string | null;
  /** 结束 / Ends */
  ends: string | null;
  /** 说明 / Remark */
  remark: string | null;
};

export interface OperationNew {
  id?: string;
  code: string;
  name: string;
  timezone?: string | null;
  begins: string;
  ends?: string | null;
  remark?: string | null;
}

export interface OperationChange {
  rev?: number;
  name?: string;
  begins?: string;
  ends?: string | null;
  remark?: string | null;
}

export interface OperationActions {
  /** 结束行动 / Close */
  "close": { rev?: number; reason: string; ends: string; };
  /** 重新开启 / Reopen */
  "reopen": { rev?: number; reason: string; };
}


/** 政策规则 / Policy rule */
export type PolicyRule = RecordHead & {
  /** 行动 / Operation */
  operation: Ref | null;
  /** 规则 / Rule */
  key: string | null;
  /** 自何日起 / Effective from */
  effective_from: string | null;
  /** 数值 / Value */
  value: number | null;
  /** 依据文件 / Source */
  source: string | null;
};

export interface PolicyRuleNew {
  id?: string;
  operation: RefGiven;
  key: string;
  effective_from: string;
  value: number;
  source?: string | null;
}

export interface PolicyRuleChange {
  rev?: number;
  effective_from?: string;
  value?: number;
  source?: string | null;
}

export type ResponderState = "active" | "inactive";
export type ResponderSex = "female" | "male";
export type ResponderIdType = "citizen_id" | "hk_macao" | "taiwan" | "passport" | "none";
export type ResponderCategory = "union_cadre" | "social_worker" | "staff" | "official" | "community_worker" | "volunteer" | "other";
export type ResponderPolitical = "member" | "probationary" | "league" | "other_party" | "none";

/** 下沉人员 / Responder */
export type Responder = RecordHead & {
  state: ResponderState;
  /** 姓名 / Name */
  name: string | null;
  /** 性别 / Sex */
  sex: ResponderSex | null;
  /** 证件类型 / Document */
  id_type: ResponderIdType | null;
  /** 证件号码 / Document number */
  id_number: string | null;
  /** 手机 / Mobile */
  phone: string | null;
  /** 工作单位 / Employer */
  employer: UnitRef | null;
  /** 现服务单位 / Serving at */
  serving: UnitRef | null;
  /** 居住地社区 / Home community */
  home_community: UnitRef | null;
  /** 人员类别 / Category */
  category: ResponderCategory | null;
  /** 职务 / Position */
  position: string | null;
  /** 政治面貌 / Political status */
  political: ResponderPolitical | null;
  /** 特长 / Skills */
  skills: string[] | null;
  /** 可服务自 / Available from */
  available_from: string | null;
  /** 可服务至 / Available until */
  available_to: string | null;
  /** 健康承诺 / Health declared */
  health_declared: boolean | null;
  /** 健康说明 / Health note */
  health_note: string | null;
  /** 紧急联系人 / Emergency contact */
  emergency_name: string | null;
  /** 紧急联系电话 / Emergency phone */
  emergency_phone: string | null;
  /** 退休日期 / Retires on */
  retires_on: string | null;
  /** 备注 / Remark */
  remark: string | null;
};

export interface ResponderNew {
  id?: string;
  name: string;
  sex?: ResponderSex | null;
  id_type?: ResponderIdType | null;
  id_number?: string | null;
  phone: string;
  employer: UnitGiven;
  home_community?: UnitGiven | null;
  category: ResponderCategory;
  position?: string | null;
  political?: ResponderPolitical | null;
  skills?: string[] | null;
  available_from?: string | null;
  available_to?: string | null;
  health_declared?: boolean | null;
  health_note?: string | null;
  emergency_name?: string | null;
  emergency_phone?: string | null;
  retires_on?: string | null;
  remark?: string | null;
}

export interface ResponderChange {
  rev?: number;
  name?: string;
  sex?: ResponderSex | null;
  id_type?: ResponderIdType | null;
  id_number?: string | null;
  phone?: string;
  employer?: UnitGiven;
  home_community?: UnitGiven | null;
  category?: ResponderCategory;
  position?: string | null;
  political?: ResponderPolitical | null;
  skills?: string[] | null;
  available_from?: string | null;
  available_to?: string | null;
  health_declared?: boolean | null;
  health_note?: string | null;
  emergency_name?: string | null;
  emergency_phone?: string | null;
  retires_on?: string | null;
  remark?: string | null;
}

export interface ResponderActions {
  /** 停用 / Deactivate */
  "deactivate": { rev?: number; reason: string; };
  /** 启用 / Activate */
  "activate": { rev?: number; reason?: string; };
}

export type BatchState = "planned" | "dispatched" | "closed" | "cancelled";

/** 批次 / Batch */
export type Batch = RecordHead & {
  state: BatchState;
  /** 名称 / Name */
  name: string | null;
  /** 批次 / Number */
  number: number | null;
  /** 派出单位 / Sending unit */
  sender: UnitRef | null;
  /** 计划人数 / Planned strength */
  planned: number | null;
  /** 开始 / Starts */
  starts: string | null;
  /** 结束 / Ends */
  ends: string | null;
  /** 接收单位 / Receiving units */
  receivers: string[] | null;
  /** 派出日期 / Dispatched on */
  dispatched_on: string | null;
  /** 备注 / Remark */
  remark: string | null;
};

export interface BatchNew {
  id?: string;
  name: string;
  number: number;
  sender: UnitGiven;
  planned: number;
  starts: string;
  ends?: string | null;
  receivers?: string[] | null;
  remark?: string | null;
}

export interface BatchChange {
  rev?: number;
  name?: string;
  number?: number;
  planned?: number;
  starts?: string;
  ends?: string | null;
  receivers?: string[] | null;
  remark?: string | null;
}

export interface BatchActions {
  /** 派出 / Dispatch */
  "dispatch": { rev?: number; reason?: string; dispatched_on: string; };
  /** 结束 / Close */
  "close": { rev?: number; reason?: string; ends: string; };
  /** 取消 / Cancel */
  "cancel": { rev?: number; reason: string; };
  /** 更正 / Correct */
  "correct": { rev?: number; reason: string; dispatched_on?: string | null; };
}

export type PairingState = "active" | "ended";

/** 对口支援 / Paired support */
export type Pairing = RecordHead & {
  state: PairingState;
  /** 支援单位 / Supporting unit */
  sender: UnitRef | null;
  /** 受援单位 / Supported unit */
  receiver: UnitRef | null;
  /** 开始 / Starts */
  starts: string | null;
  /** 结束 / Ends */
  ends: string | null;
  /** 备注 / Remark */
  remark: string | null;
};

export interface PairingNew {
  id?: string;
  sender: UnitGiven;
  receiver: UnitGiven;
  starts: string;
  ends?: string | null;
  remark?: string | null;
}

export interface PairingChange {
  rev?: number;
  starts?: string;
  ends?: string | null;
  remark?: string | null;
}

export interface PairingActions {
  /** 结束 / End */
  "end": { rev?: number; reason?: string; ends: string; };
}

export type DeploymentState = "planned" | "reported" | "released" | "cancelled";
export type DeploymentRoute = "organised" | "dual_checkin" | "volunteer";
export type DeploymentDuties = "gate" | "screening" | "disinfection" | "errands" | "publicity" | "building_head" | "visits" | "patrol" | "supplies" | "employers" | "other";
export type DeploymentReleaseReason = "rotation" | "end" | "illness" | "recalled" | "family" | "retired" | "other";

/** 下沉派驻 / Deployment */
export type Deployment = RecordHead & {
  state: DeploymentState;
  /** 人员 / Responder */
  responder: Ref | null;
  /** 接收单位 / Receiving unit */
  unit: UnitRef | null;
  /** 派出单位 / Sending unit */
  sender: UnitRef | null;
  /** 报到方式 / Route */
  route: DeploymentRoute | null;
  /** 批次 / Batch */
  batch: Ref | null;
  /** 对口支援 / Pairing */
  pairing: Ref | null;
  /** 报到单编号 / Report slip */
  slip_no: string | null;
  /** 小组 / Group */
  team: string | null;
  /** 任务 / Duties */
  duties: DeploymentDuties[] | null;
  /** 计划开始 / Planned from */
  planned_from: string | null;
  /** 计划结束 / Planned to */
  planned_to: string | null;
  /** 报到日期 / Reported on */
  reported_on: string | null;
  /** 离岗日期 / Released on */
  released_on: string | null;
  /** 离岗原因 / Release reason */
  release_reason: DeploymentReleaseReason | null;
  /** 社区评价 / Community's feedback */
  feedback: string | null;
  /** 反馈单位日期 / Feedback given on */
  feedback_on: string | null;
  /** 备注 / Remark */
  remark: string | null;
};

export interface DeploymentNew {
  id?: string;
  responder: RefGiven;
  unit: UnitGiven;
  sender?: UnitGiven | null;
  route: DeploymentRoute;
  batch?: RefGiven | null;
  pairing?: RefGiven | null;
  slip_no?: string | null;
  team?: string | null;
  duties?: DeploymentDuties[] | null;
  planned_from?: string | null;
  planned_to?: string | null;
  remark?: string | null;
}

export interface DeploymentChange {
  rev?: number;
  route?: DeploymentRoute;
  batch?: RefGiven | null;
  pairing?: RefGiven | null;
  slip_no?: string | null;
  team?: string | null;
  duties?: DeploymentDuties[] | null;
  planned_from?: string | null;
  planned_to?: string | null;
  remark?: string | null;
}

export interface DeploymentActions {
  /** 报到 / Report */
  "report": { rev?: number; reason?: string; slip_no?: string | null; team?: string | null; duties?: DeploymentDuties[] | null; reported_on: string; };
  /** 离岗 / Release */
  "release": { rev?: number; reason?: string; released_on: string; release_reason: DeploymentReleaseReason; remark?: string | null; };
  /** 评价反馈 / Give feedback */
  "feedback": { rev?: number; reason?: string; feedback: string; feedback_on: string; };
  /** 取消 / Cancel */
  "cancel": { rev?: number; reason: string; };
  /** 更正 / Correct */
  "correct": { rev?: number; reason: string; reported_on?: string | null; released_on?: string | null; release_reason?: DeploymentReleaseReason | null; feedback?: string | null; feedback_on?: string | null; };
}

export type PostState = "open" | "closed";
export type PostKind = "gate" | "office" | "patrol" | "store";

/** 值勤点 / Post */
export type Post = RecordHead & {
  state: PostState;
  /** 名称 / Name */
  name: string | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 类别 / Kind */
  kind: PostKind | null;
  /** 位置 / Place */
  place: string | null;
  /** 每班应到人数 / Required per shift */
  required: number | null;
  /** 带班人 / Lead */
  lead: Ref | null;
  /** 需拍在岗照 / On-duty photo */
  photo_required: boolean | null;
  /** 所需特长 / Skills needed */
  skills: string[] | null;
  /** 备注 / Remark */
  remark: string | null;
  /** 卡口码序号 / Serial of the gate's code */
  code_serial: number | null;
  /** 停用时间 / Closed at */
  closed_at: string | null;
};

export interface PostNew {
  id?: string;
  name: string;
  unit: UnitGiven;
  kind: PostKind;
  place?: string | null;
  required?: number | null;
  lead?: RefGiven | null;
  photo_required?: boolean | null;
  skills?: string[] | null;
  remark?: string | null;
}

export interface PostChange {
  rev?: number;
  name?: string;
  kind?: PostKind;
  place?: string | null;
  required?: number | null;
  lead?: RefGiven | null;
  photo_required?: boolean | null;
  skills?: string[] | null;
  remark?: string | null;
}

export interface PostActions {
  /** 停用 / Close */
  "close": { rev?: number; reason: string; };
  /** 启用 / Reopen */
  "reopen": { rev?: number; reason?: string; };
  /** 更换卡口码 / Renew the gate's code */
  "renew-code": { rev?: number; reason?: string; };
}

export type ShiftTemplateWeekdays = "1" | "2" | "3" | "4" | "5" | "6" | "7";

/** 班次模板 / Shift template */
export type ShiftTemplate = RecordHead & {
  /** 值勤点 / Post */
  post: Ref | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 班次名称 / Name */
  name: string | null;
  /** 上岗 / Start */
  start: string | null;
  /** 下岗 / End */
  end_at: string | null;
  /** 应到人数 / Required */
  required: number | null;
  /** 星期 / Weekdays */
  weekdays: ShiftTemplateWeekdays[] | null;
  /** 自 / From */
  valid_from: string | null;
  /** 至 / To */
  valid_to: string | null;
  /** 24小时值守 / Round the clock */
  cover: boolean | null;
};

export interface ShiftTemplateNew {
  id?: string;
  post: RefGiven;
  name: string;
  start: string;
  end_at: string;
  required: number;
  weekdays?: ShiftTemplateWeekdays[] | null;
  valid_from?: string | null;
  valid_to?: string | null;
  cover?: boolean | null;
}

export interface ShiftTemplateChange {
  rev?: number;
  name?: string;
  start?: string;
  end_at?: string;
  required?: number;
  weekdays?: ShiftTemplateWeekdays[] | null;
  valid_from?: string | null;
  valid_to?: string | null;
  cover?: boolean | null;
}

export type ShiftState = "open" | "cancelled";

/** 班次 / Shift */
export type Shift = RecordHead & {
  state: ShiftState;
  /** 值勤点 / Post */
  post: Ref | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 日期 / Date */
  date: string | null;
  /** 上岗 / Start */
  start: string | null;
  /** 下岗 / End */
  end_at: string | null;
  /** 开始时间 / Starts at */
  starts_at: string | null;
  /** 结束时间 / Ends at */
  ends_at: string | null;
  /** 应到人数 / Required */
  required: number | null;
  /** 班次模板 / Template */
  template: Ref | null;
  /** 备注 / Remark */
  remark: string | null;
  /** 24小时值守 / Round the clock */
  cover: boolean | null;
};

export interface ShiftNew {
  id?: string;
  post: RefGiven;
  date: string;
  start: string;
  end_at: string;
  required: number;
  template?: RefGiven | null;
  remark?: string | null;
  cover?: boolean | null;
}

export interface ShiftChange {
  rev?: number;
  start?: string;
  end_at?: string;
  required?: number;
  template?: RefGiven | null;
  remark?: string | null;
  cover?: boolean | null;
}

export interface ShiftActions {
  /** 取消 / Cancel */
  "cancel": { rev?: number; reason: string; };
}

export type AssignmentState = "due" | "present" | "late" | "excused" | "absent" | "cancelled";
export type AssignmentExcuse = "leave" | "temperature" | "replaced" | "other";

/** 排班 / Assignment */
export type Assignment = RecordHead & {
  state: AssignmentState;
  /** 班次 / Shift */
  shift: Ref | null;
  /** 人员 / Responder */
  responder: Ref | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 值勤点 / Post */
  post: Ref | null;
  /** 日期 / Date */
  date: string | null;
  /** 开始时间 / Starts at */
  starts_at: string | null;
  /** 结束时间 / Ends at */
  ends_at: string | null;
  /** 带班 / Shift lead */
  lead: boolean | null;
  /** 签到时间 / Signed in at */
  signed_in_at: string | null;
  /** 签退时间 / Signed out at */
  signed_out_at: string | null;
  /** 未到岗原因 / Excuse */
  excuse: AssignmentExcuse | null;
  /** 最近联系 / Last heard from */
  heard_at: string | null;
  /** 超规则决定 / Decision to break a rule */
  decision: string | null;
};

export interface AssignmentNew {
  id?: string;
  shift: RefGiven;
  responder: RefGiven;
  lead?: boolean | null;
  decision?: string | null;
}

export interface AssignmentChange {
  rev?: number;
  lead?: boolean | null;
  decision?: string | null;
}

export interface AssignmentActions {
  /** 请假 / Excuse */
  "excuse": { rev?: number; reason?: string; excuse: AssignmentExcuse; };
  /** 记缺勤 / Mark absent */
  "mark-absent": { rev?: number; reason?: string; };
  /** 撤销缺勤或请假 / Take back */
  "unmark": { rev?: number; reason: string; };
  /** 撤下 / Take off */
  "cancel": { rev?: number; reason?: string; };
  /** 签到 / Arrive */
  "arrive": { rev?: number; reason?: string; signed_in_at?: string | null; heard_at?: string | null; };
  /** 迟到 / Arrive late */
  "arrive-late": { rev?: number; reason?: string; signed_in_at?: string | null; heard_at?: string | null; };
  /** 体温异常 / Keep off */
  "keep-off": { rev?: number; reason?: string; excuse?: AssignmentExcuse | null; heard_at?: string | null; };
}

export type SignInPhase = "in" | "out";
export type SignInOutcome = "on_post" | "kept_off" | "signed_out";
export type SignInMethod = "self" | "on_behalf" | "paper";

/** 签到 / Sign-in */
export type SignIn = EventHead & {
  /** 排班 / Assignment */
  assignment: Ref | null;
  /** 所属单位 / Unit */
  unit: UnitRef | null;
  /** 值勤点 / Post */
  post: Ref | null;
  /** 人员 / Responder */
  responder: Ref | null;
  /** 签到签退 / In or out */
  phase: SignInPhase | null;
  /** 体温 / Temperature */
  temperature: number | null;
  /** 结果 / Outcome */
  outcome: SignInOutcome | null;
  /** 方式 / Method */
  method: SignInMethod | null;
  /** 在岗照 / On-duty photo */
  photo: string | null;
  /** 手机时间 / Device time */
  device_at: string | null;
  /** 时间 / Time */
  at: string | null;
  /** 日期 / Day */
  day: string | null;
  /** 备注 / Remark */
  remark: string | null;
  /** 时钟存疑 / Clock doubtful */
  clock_doubtful: boolean | null;
};

export interface SignInNew {
  id?: string;
  assignment: RefGiven;
  phase?: SignInPhase | null;
  temperature?: number | null;
  method?: SignInMethod | null;
  photo?: string | null;
  device_at?: string | null;
  remark?: string | null;
}


/** 小区 / Compound */
export type Compound = RecordHead & {
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 小区 / Compound */
  name: string | null;
  /** 小区号 / Estate number */
  estate: number | null;
  /** 地址 / Address */
  address: string | null;
  /** 备注 / Note */
  note: string | null;
};

export interface CompoundNew {
  id?: string;
  unit: UnitGiven;
  name: string;
  address?: string | null;
  note?: string | null;
}

export interface CompoundChange {
  rev?: number;
  name?: string;
  address?: string | null;
  note?: string | null;
}

export type BuildingKind = "residential" | "office" | "park" | "other";

/** 楼栋 / Building */
export type Building = RecordHead & {
  /** 小区 / Compound */
  compound: Ref | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 楼 / Building */
  name: string | null;
  /** 楼码 / Building code */
  code: string | null;
  /** 楼栋类型 / Kind of building */
  kind: BuildingKind | null;
  /** 层数 / Floors */
  floors: number | null;
  /** 单元数 / Stairwells */
  stairwells: number | null;
  /** 物业 / Property manager */
  manager: string | null;
  /** 备注 / Note */
  note: string | null;
};

export interface BuildingNew {
  id?: string;
  compound?: RefGiven | null;
  unit?: UnitGiven | null;
  name: string;
  kind?: BuildingKind | null;
  floors?: number | null;
  stairwells?: number | null;
  manager?: string | null;
  note?: string | null;
}

export interface BuildingChange {
  rev?: number;
  name?: string;
  kind?: BuildingKind | null;
  floors?: number | null;
  stairwells?: number | null;
  manager?: string | null;
  note?: string | null;
}

export type BuildingHeadSide = "property" | "community";

/** 楼长 / Building head */
export type BuildingHead = RecordHead & {
  /** 楼栋 / Building */
  building: Ref | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 单元 / Stairwell */
  stairwell: string | null;
  /** 下沉人员 / Responder */
  responder: Ref | null;
  /** 姓名 / Name */
  name: string | null;
  /** 电话 / Phone */
  phone: string | null;
  /** 自 / From */
  starts: string | null;
  /** 至 / Until */
  ends: string | null;
  /** 备注 / Note */
  note: string | null;
  /** 哪一方 / Of which side */
  side: BuildingHeadSide | null;
};

export interface BuildingHeadNew {
  id?: string;
  building: RefGiven;
  stairwell?: string | null;
  responder?: RefGiven | null;
  name?: string | null;
  phone?: string | null;
  starts: string;
  ends?: string | null;
  note?: string | null;
  side?: BuildingHeadSide | null;
}

export interface BuildingHeadChange {
  rev?: number;
  stairwell?: string | null;
  responder?: RefGiven | null;
  name?: string | null;
  phone?: string | null;
  starts?: string;
  ends?: string | null;
  note?: string | null;
  side?: BuildingHeadSide | null;
}

export type HouseholdTenure = "own" | "rent" | "other";
export type HouseholdOccupied = "occupied" | "vacant" | "away";

/** 户 / Household */
export type Household = RecordHead & {
  /** 楼栋 / Building */
  building: Ref | null;
  /** 小区 / Compound */
  compound: Ref | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 单元 / Stairwell */
  stairwell: string | null;
  /** 门牌 / Door */
  door: string | null;
  /** 户 / Household */
  code: string | null;
  /** 房屋性质 / Tenure */
  tenure: HouseholdTenure | null;
  /** 居住情况 / Occupied */
  occupied: HouseholdOccupied | null;
  /** 备注 / Note */
  note: string | null;
  /** 登记日期 / Registered on */
  since: string | null;
};

export interface HouseholdNew {
  id?: string;
  building: RefGiven;
  stairwell?: string | null;
  door: string;
  tenure?: HouseholdTenure | null;
  occupied?: HouseholdOccupied | null;
  note?: string | null;
}

export interface HouseholdChange {
  rev?: number;
  stairwell?: string | null;
  door?: string;
  tenure?: HouseholdTenure | null;
  occupied?: HouseholdOccupied | null;
  note?: string | null;
}

export type ResidentSex = "female" | "male";
export type ResidentLiving = "living" | "away" | "moved_out";
export type ResidentCare = "elderly_alone" | "elderly" | "disabled" | "chronic" | "pregnant" | "bedridden" | "child" | "low_income" | "other";

/** 居民 / Resident */
export type Resident = RecordHead & {
  /** 户 / Household */
  household: Ref | null;
  /** 小区 / Compound */
  compound: Ref | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 姓名 / Name */
  name: string | null;
  /** 性别 / Sex */
  sex: ResidentSex | null;
  /** 出生日期 / Born on */
  birth: string | null;
  /** 身份证号 / Citizen ID */
  citizen_id: string | null;
  /** 电话 / Phone */
  phone: string | null;
  /** 与户主关系 / Relation to the head of the household */
  relation: string | null;
  /** 是否在住 / Living here */
  living: ResidentLiving | null;
  /** 无智能手机 / Without a smartphone */
  no_phone: boolean | null;
  /** 关爱类别 / Care */
  care: ResidentCare[] | string | null;
  /** 工作单位 / Employer */
  employer: string | null;
  /** 户籍地 / Registered at */
  hukou: string | null;
  /** 登记日期 / Registered on */
  since: string | null;
  /** 搬出日期 / Moved out on */
  left_on: string | null;
};

export interface ResidentNew {
  id?: string;
  household: RefGiven;
  name: string;
  sex?: ResidentSex | null;
  birth?: string | null;
  citizen_id?: string | null;
  phone?: string | null;
  relation?: string | null;
  living?: ResidentLiving | null;
  no_phone?: boolean | null;
  care?: ResidentCare[] | null;
  employer?: string | null;
  hukou?: string | null;
}

export interface ResidentChange {
  rev?: number;
  household?: RefGiven;
  name?: string;
  sex?: ResidentSex | null;
  birth?: string | null;
  citizen_id?: string | null;
  phone?: string | null;
  relation?: string | null;
  living?: ResidentLiving | null;
  no_phone?: boolean | null;
  care?: ResidentCare[] | null;
  employer?: string | null;
  hukou?: string | null;
}

export type GateEventDirection = "in" | "out";
export type GateEventWhoKind = "resident" | "visitor" | "courier" | "worker" | "other";
export type GateEventOutcome = "admitted" | "remeasured" | "refused" | "fever_clinic";
export type GateEventHow = "free" | "scan" | "photo" | "number" | "reverse";
export type GateEventVerdict = "ok" | "ok_unlisted" | "malformed" | "oversized" | "forged" | "unknown_key" | "expired" | "not_yet" | "other_estate" | "void" | "just_used" | "used" | "unknown_number" | "bad_number";

/** 进出登记 / Gate event */
export type GateEvent = EventHead & {
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 卡口 / Gate */
  post: Ref | null;
  /** 进出 / In or out */
  direction: GateEventDirection | null;
  /** 人员类别 / Who */
  who_kind: GateEventWhoKind | null;
  /** 姓名 / Name */
  who: string | null;
  /** 楼门 / Building and door */
  door: string | null;
  /** 车牌 / Plate */
  vehicle: string | null;
  /** 体温 / Temperature */
  temperature: number | null;
  /** 首次体温 / First reading */
  first_temperature: number | null;
  /** 处置 / Outcome */
  outcome: GateEventOutcome | null;
  /** 事由 / Reason */
  reason: string | null;
  /** 手机时间 / Device time */
  device_at: string | null;
  /** 日期 / Day */
  day: string | null;
  /** 体温异常 / Abnormal */
  abnormal: boolean | null;
  /** 更正哪一条 / Takes back */
  corrects: Ref | null;
  /** 出入证 / Pass */
  pass: Ref | null;
  /** 住户 / Household */
  household: Ref | null;
  /** 访客 / Visitor */
  visitor: Ref | null;
  /** 登记方式 / How */
  how: GateEventHow | null;
  /** 验证结果 / Verdict shown */
  verdict: GateEventVerdict | null;
  /** 手机 / Phone */
  device: string | null;
  /** 手机内序号 / Number on the phone */
  device_seq: number | null;
  /** 断网时登记 / Written offline */
  offline: boolean | null;
  /** 手机钟差（毫秒） / Server's clock less the phone's (ms) */
  clock_offset: number | null;
  /** 发生时间 / Happened at */
  happened_at: string | null;
  /** 戴口罩 / Mask worn */
  mask_worn: boolean | null;
  /** 按规定未测温 / Not measured, by policy */
  skipped_temperature: boolean | null;
  /** 证内编号 / Serial in the code */
  pass_serial: number | null;
  /** 时钟存疑 / Clock doubtful */
  clock_doubtful: boolean | null;
};

export interface GateEventNew {
  id?: string;
  post: RefGiven;
  direction: GateEventDirection;
  who_kind?: GateEventWhoKind | null;
  who?: string | null;
  door?: string | null;
  vehicle?: string | null;
  temperature?: number | null;
  first_temperature?: number | null;
  outcome: GateEventOutcome;
  reason?: string | null;
  device_at?: string | null;
  corrects?: RefGiven | null;
  pass?: RefGiven | null;
  visitor?: RefGiven | null;
  how?: GateEventHow | null;
  verdict?: GateEventVerdict | null;
  offline?: boolean | null;
  mask_worn?: boolean | null;
  skipped_temperature?: boolean | null;
  pass_serial?: number | null;
}

export type PassState = "active" | "lost" | "revoked" | "replaced";
export type PassClass = "person" | "household" | "vehicle" | "visitor";
export type PassVoidReason = "lost" | "moved" | "misuse" | "hold" | "expired" | "replaced" | "other";

/** 出入证 / Pass */
export type Pass = RecordHead & {
  state: PassState;
  /** 证号 / Number */
  number: string | null;
  /** 码内编号 / Serial in the code */
  serial: number | null;
  /** 类别 / Class */
  class: PassClass | null;
  /** 小区 / Compound */
  compound: Ref | null;
  /** 小区编号 / Estate number */
  estate: number | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 住户 / Household */
  household: Ref | null;
  /** 居民 / Resident */
  resident: Ref | null;
  /** 车牌 / Plate */
  plate: string | null;
  /** 访客 / Visitor */
  visitor: Ref | null;
  /** 有效期自 / Valid from */
  valid_from: string | null;
  /** 有效期至 / Valid to */
  valid_to: string | null;
  /** 签发密钥号 / Key number */
  key_id: number | null;
  /** 制卡时间 / Printed at */
  printed_at: string | null;
  /** 失效原因 / Why void */
  void_reason: PassVoidReason | null;
  /** 换发为 / Replaced by */
  replaced_by: Ref | null;
};

export interface PassNew {
  id?: string;
  class: PassClass;
  compound?: RefGiven | null;
  household?: RefGiven | null;
  resident?: RefGiven | null;
  plate?: string | null;
  visitor?: RefGiven | null;
  valid_from: string;
  valid_to: string;
}

export interface PassChange {
  rev?: number;
  plate?: string | null;
}

export interface PassActions {
  /** 挂失 / Report lost */
  "report-lost": { rev?: number; reason?: string; };
  /** 停用 / Revoke */
  "revoke": { rev?: number; reason: string; void_reason: PassVoidReason; };
  /** 恢复 / Reinstate */
  "reinstate": { rev?: number; reason: string; };
  /** 换发 / Replace */
  "replace": { rev?: number; reason?: string; };
  /** 更正 / Correct */
  "correct": { rev?: number; reason: string; void_reason?: PassVoidReason | null; };
}

export type VisitorState = "expected" | "inside" | "left" | "refused" | "withdrawn";
export type VisitorSex = "female" | "male";
export type VisitorOutcome = "admitted" | "refused";

/** 访客 / Visitor */
export type Visitor = RecordHead & {
  state: VisitorState;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 卡口 / Gate */
  post: Ref | null;
  /** 被访户 / Host household */
  household: Ref | null;
  /** 姓名 / Name */
  name: string | null;
  /** 性别 / Sex */
  sex: VisitorSex | null;
  /** 电话 / Phone */
  phone: string | null;
  /** 身份证号 / ID number */
  citizen_id: string | null;
  /** 车牌 / Plate */
  plate: string | null;
  /** 人数 / People */
  party: number | null;
  /** 从何处来 / Comes from */
  from_where: string | null;
  /** 14天内到过疫情地区 / In an epidemic area within 14 days */
  been_epidemic: boolean | null;
  /** 接触过确诊或疑似病例 / Contact with a case */
  close_contact: boolean | null;
  /** 有发热咳嗽等症状 / Fever, cough or other symptoms */
  symptoms: boolean | null;
  /** 事由 / Reason */
  reason: string | null;
  /** 与户主关系 / Relation to the host */
  relation: string | null;
  /** 体温 / Temperature */
  temperature: number | null;
  /** 处置 / Outcome */
  outcome: VisitorOutcome | null;
  /** 来访日期 / Day of the visit */
  day: string | null;
  /** 进入时间 / Arrived at */
  arrived_at: string | null;
  /** 离开时间 / Left at */
  left_at: string | null;
  /** 手机时间 / Device time */
  device_at: string | null;
  /** 备注 / Remark */
  remark: string | null;
  /** 时钟存疑 / Clock doubtful */
  clock_doubtful: boolean | null;
};

export interface VisitorNew {
  id?: string;
  post?: RefGiven | null;
  household?: RefGiven | null;
  name: string;
  sex?: VisitorSex | null;
  phone?: string | null;
  citizen_id?: string | null;
  plate?: string | null;
  party?: number | null;
  from_where?: string | null;
  been_epidemic?: boolean | null;
  close_contact?: boolean | null;
  symptoms?: boolean | null;
  reason?: string | null;
  relation?: string | null;
  temperature?: number | null;
  outcome?: VisitorOutcome | null;
  day?: string | null;
  device_at?: string | null;
  remark?: string | null;
}

export interface VisitorChange {
  rev?: number;
  household?: RefGiven | null;
  name?: string;
  sex?: VisitorSex | null;
  phone?: string | null;
  citizen_id?: string | null;
  plate?: string | null;
  party?: number | null;
  from_where?: string | null;
  been_epidemic?: boolean | null;
  close_contact?: boolean | null;
  symptoms?: boolean | null;
  reason?: string | null;
  relation?: string | null;
  temperature?: number | null;
  outcome?: VisitorOutcome | null;
  day?: string | null;
  remark?: string | null;
}

export interface VisitorActions {
  /** 放行进入 / Let in */
  "arrive": { rev?: number; reason?: string; post: RefGiven; plate?: string | null; party?: number | null; from_where?: string | null; been_epidemic?: boolean | null; close_contact?: boolean | null; symptoms?: boolean | null; temperature?: number | null; device_at?: string | null; remark?: string | null; };
  /** 离开 / Leaves */
  "leave": { rev?: number; reason?: string; device_at?: string | null; remark?: string | null; };
  /** 劝返 / Refuse */
  "refuse": { rev?: number; reason?: string; post?: RefGiven | null; from_where?: string | null; been_epidemic?: boolean | null; close_contact?: boolean | null; symptoms?: boolean | null; temperature?: number | null; device_at?: string | null; remark?: string | null; };
  /** 撤销离开 / Take the leaving back */
  "undo-leave": { rev?: number; reason?: string; };
  /** 撤销登记 / Take the entry back */
  "take-back": { rev?: number; reason?: string; device_at?: string | null; remark?: string | null; };
}


/** 交接班 / Handover */
export type Handover = EventHead & {
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 值勤点 / Post */
  post: Ref | null;
  /** 日期 / Day */
  day: string | null;
  /** 交班人 / Hands over */
  outgoing: Ref | null;
  /** 接班人 / Takes over */
  incoming: Ref | null;
  /** 所交班次 / Shift that ends */
  shift: Ref | null;
  /** 在内访客人数 / Visitors still inside */
  inside: number | null;
  /** 外出未归的出入证号 / Passes still out */
  overdue: string | null;
  /** 未办完的事 / In hand */
  in_hand: string | null;
  /** 钥匙 / Keys */
  keys: string | null;
  /** 物资 / Stock */
  stock: string | null;
  /** 备注 / Remarks */
  remarks: string | null;
  /** 交班确认时间 / Handed over at */
  outgoing_at: string | null;
  /** 接班确认时间 / Taken over at */
  incoming_at: string | null;
  /** 手机时间 / Device time */
  device_at: string | null;
  /** 由纸质记录补录 / Copied from paper */
  paper: boolean | null;
  /** 双方已确认 / Confirmed by both */
  confirmed: boolean | null;
  /** 交班账号 / Account handing over */
  outgoing_by: Ref | null;
  /** 接班账号 / Account taking over */
  incoming_by: Ref | null;
  /** 交班凭证（不保存） / Proof of handing over (never kept) */
  outgoing_proof: string | null;
  /** 接班凭证（不保存） / Proof of taking over (never kept) */
  incoming_proof: string | null;
  /** 时钟存疑 / Clock doubtful */
  clock_doubtful: boolean | null;
};

export interface HandoverNew {
  id?: string;
  post: RefGiven;
  outgoing?: RefGiven | null;
  incoming?: RefGiven | null;
  shift?: RefGiven | null;
  inside?: number | null;
  overdue?: string | null;
  in_hand?: string | null;
  keys?: string | null;
  stock?: string | null;
  remarks?: string | null;
  outgoing_at?: string | null;
  incoming_at?: string | null;
  device_at?: string | null;
  paper?: boolean | null;
  outgoing_proof?: string | null;
  incoming_proof?: string | null;
}


/** 出入证密钥 / Pass key */
export type PassKey = RecordHead & {
  /** 密钥号 / Key number */
  key_id: number | null;
  /** 公钥 / Public key */
  public_key: string | null;
  /** 启用日期 / Made on */
  made_on: string | null;
  /** 停止签发日期 / No longer signs since */
  retired_on: string | null;
};

export type ClashState = "open" | "resolved" | "cleared";
export type ClashType = "double_use" | "second_exit" | "revoked_used" | "clock_wrong" | "overdue";
export type ClashOutcome = "mistake" | "misuse" | "explained" | "other" | "late_data" | "returned";

/** 卡口冲突 / Clash */
export type Clash = RecordHead & {
  state: ClashState;
  /** 类别 / Type */
  type: ClashType | null;
  /** 社区 / Community */
  unit: UnitRef | null;
  /** 卡口 / Gate */
  post: Ref | null;
  /** 出入证 / Pass */
  pass: Ref | null;
  /** 户 / Household */
  household: Ref | null;
  /** 前一次 / First passage */
  first_event: Ref | null;
  /** 后一次 / Second passage */
  second_event: Ref | null;
  /** 前一次时间 / First at */
  first_at: string | null;
  /** 后一次时间 / Second at */
  second_at: string | null;
  /** 设备 / Device */
  device: string | null;
  /** 说明 / Detail */
  detail: string | null;
  /** 日期 / Day */
  day: string | null;
  /** 发现时间 / Found at */
  found_at: string | null;
  /** 起因标识 / Cause */
  cause: string | null;
  /** 核实结果 / What it was */
  outcome: ClashOutcome | null;
  /** 核实情况 / Note */
  note: string | null;
};

export interface ClashNew {
  id?: string;
}

export interface ClashChange {
  rev?: number;
}

export interface ClashActions {
  /** 核实处理 / Resolve */
  "resolve": { rev?: number; reason?: string; outcome: ClashOutcome; note: string; };
  /** 重新核实 / Look at it again */
  "reopen": { rev?: number; reason: string; };
  /** 自行消除 / Clear */
  "clear": { rev?: number; reason?: string; };
  /** 再次出现 / There again */
  "again": { rev?: number; reason?: string; };
}

export type HazardState = "found" | "fixing" | "fixed" | "verified";
export type HazardKind = "unregistered" | "masks" | "spacing" | "disinfection" | "supplies" | "isolation" | "fire" | "electricity" | "gas" | "other";

/** 隐患 / Hazard */
export type Hazard = RecordHead & {
  state: HazardState;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 楼宇（园区） / Building or park */
  building: Ref | null;
  /** 发现的企业（未登记时填写） / Enterprise found (where not registered) */
  found_name: string | null;
  /** 类别 / Kind */
  kind: HazardKind | null;
  /** 隐患（盲点） / What is lacking */
  what: string | null;
  /** 发现日期 / Found on */
  found_on: string | null;
  /** 整改责任人 / Who closes it */
  owner: string | null;
  /** 整改期限 / Due on */
  due_on: string | null;
  /** 整改日期 / Closed on */
  fixed_on: string | null;
  /** 责任人（本系统人员） / Whose task it is */
  responder: Ref | null;
  /** 临时防护措施 / Protection meanwhile */
  interim: string | null;
};

export interface HazardNew {
  id?: string;
  unit: UnitGiven;
  enterprise?: RefGiven | null;
  building?: RefGiven | null;
  found_name?: string | null;
  kind: HazardKind;
  what: string;
  found_on: string;
  owner?: string | null;
  due_on?: string | null;
  fixed_on?: string | null;
  responder?: RefGiven | null;
  interim?: string | null;
}

export interface HazardChange {
  rev?: number;
  unit?: UnitGiven;
  enterprise?: RefGiven | null;
  building?: RefGiven | null;
  found_name?: string | null;
  kind?: HazardKind;
  what?: string;
  found_on?: string;
  owner?: string | null;
  due_on?: string | null;
  responder?: RefGiven | null;
  interim?: string | null;
}

export interface HazardActions {
  /** 开始整改 / Begin */
  "begin": { rev?: number; reason?: string; owner?: string | null; due_on?: string | null; responder?: RefGiven | null; interim?: string | null; };
  /** 整改完成 / Fixed */
  "fix": { rev?: number; reason?: string; enterprise?: RefGiven | null; fixed_on: string; };
  /** 复查通过 / Verify */
  "verify": { rev?: number; reason?: string; };
  /** 复查未通过 / Not closed */
  "reopen": { rev?: number; reason: string; owner?: string | null; due_on?: string | null; responder?: RefGiven | null; interim?: string | null; };
}

export type EnterpriseState = "open" | "planned" | "filed" | "checked" | "resumed" | "suspended" | "closed";
export type EnterpriseIndustry = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "I" | "J" | "K" | "L" | "M" | "N" | "O" | "P" | "Q" | "R" | "S" | "T";
export type EnterpriseUnionStatus = "own" | "joint" | "none";

/** 企业 / Enterprise */
export type Enterprise = RecordHead & {
  state: EnterpriseState;
  /** 企业名称 / Enterprise */
  name: string | null;
  /** 统一社会信用代码 / Credit code */
  credit_code: string | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 楼宇（园区） / Building or park */
  building: Ref | null;
  /** 房号 / Room */
  room: string | null;
  /** 注册地址 / Registered address */
  registered_address: string | null;
  /** 经营地址 / Business address */
  address: string | null;
  /** 经营面积（平方米） / Floor area (m²) */
  area_m2: number | null;
  /** 所属行业 / Industry */
  industry: EnterpriseIndustry | null;
  /** 职工总数 / Staff */
  headcount: number | null;
  /** 联系人 / Contact */
  contact: string | null;
  /** 联系电话 / Phone */
  phone: string | null;
  /** 联络人（打电话的人） / Caller */
  caller: Ref | null;
  /** 建会情况 / Union */
  union_status: EnterpriseUnionStatus | null;
  /** 纳入台账日期 / On the register since */
  registered_on: string | null;
  /** 拟复工日期 / Planned opening */
  planned_on: string | null;
  /** 实际复工日期 / Resumed on */
  resumed_on: string | null;
  /** 首次指导日期 / First guided on */
  guided_on: string | null;
  /** 注销（迁出）日期 / Closed or gone on */
  closed_on: string | null;
  /** 变更生效日 / Change takes effect */
  effective_on: string | null;
  /** 填报链接序号 / Link serial */
  link_serial: number | null;
  /** 备注 / Note */
  note: string | null;
  /** 简称（别名） / Short names */
  short_names: string[] | null;
};

export interface EnterpriseNew {
  id?: string;
  name: string;
  credit_code?: string | null;
  unit: UnitGiven;
  building?: RefGiven | null;
  room?: string | null;
  registered_address?: string | null;
  address?: string | null;
  area_m2?: number | null;
  industry?: EnterpriseIndustry | null;
  headcount?: number | null;
  contact?: string | null;
  phone?: string | null;
  caller?: RefGiven | null;
  union_status?: EnterpriseUnionStatus | null;
  registered_on?: string | null;
  planned_on?: string | null;
  resumed_on?: string | null;
  effective_on?: string | null;
  note?: string | null;
  short_names?: string[] | null;
}

export interface EnterpriseChange {
  rev?: number;
  name?: string;
  credit_code?: string | null;
  unit?: UnitGiven;
  building?: RefGiven | null;
  room?: string | null;
  registered_address?: string | null;
  address?: string | null;
  area_m2?: number | null;
  industry?: EnterpriseIndustry | null;
  headcount?: number | null;
  contact?: string | null;
  phone?: string | null;
  caller?: RefGiven | null;
  union_status?: EnterpriseUnionStatus | null;
  planned_on?: string | null;
  effective_on?: string | null;
  note?: string | null;
  short_names?: string[] | null;
}

export interface EnterpriseActions {
  /** 登记计划 / Plan */
  "plan": { rev?: number; reason?: string; planned_on: string; effective_on?: string | null; };
  /** 备案 / File */
  "file": { rev?: number; reason?: string; planned_on?: string | null; effective_on?: string | null; };
  /** 现场核查通过 / Check passed */
  "check": { rev?: number; reason?: string; effective_on?: string | null; };
  /** 复工 / Resume */
  "resume": { rev?: number; reason?: string; resumed_on: string; };
  /** 暂停 / Suspend */
  "suspend": { rev?: number; reason: string; effective_on?: string | null; };
  /** 恢复开工 / Back at work */
  "restart": { rev?: number; reason: string; resumed_on: string; };
  /** 注销或迁出 / Close */
  "close": { rev?: number; reason: string; closed_on: string; };
  /** 重新纳入 / Put back on the register */
  "reopen": { rev?: number; reason?: string; effective_on?: string | null; };
  /** 更换填报链接 / Renew the link */
  "renew-link": { rev?: number; reason?: string; };
  /** 更正 / Correct */
  "correct": { rev?: number; reason: string; resumed_on?: string | null; closed_on?: string | null; };
}

export type EnterpriseContactRole = "legal_person" | "epidemic_head" | "epidemic_officer" | "union_chair" | "contact" | "clerk";
export type EnterpriseContactRemindBy = "sms" | "mail" | "none";
export type EnterpriseContactLanguage = "zh" | "en";

/** 企业联系人 / Enterprise contact */
export type EnterpriseContact = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 职责 / Role */
  role: EnterpriseContactRole | null;
  /** 姓名 / Name */
  name: string | null;
  /** 电话 / Phone */
  phone: string | null;
  /** 起 / From */
  from_on: string | null;
  /** 止 / To */
  to_on: string | null;
  /** 备注 / Note */
  note: string | null;
  /** 电子邮箱 / E-mail */
  email: string | null;
  /** 催报提醒方式 / Reminded by */
  remind_by: EnterpriseContactRemindBy | null;
  /** 提醒语言 / Language of reminders */
  language: EnterpriseContactLanguage | null;
};

export interface EnterpriseContactNew {
  id?: string;
  enterprise: RefGiven;
  role: EnterpriseContactRole;
  name: string;
  phone?: string | null;
  from_on?: string | null;
  to_on?: string | null;
  note?: string | null;
  email?: string | null;
  remind_by?: EnterpriseContactRemindBy | null;
  language?: EnterpriseContactLanguage | null;
}

export interface EnterpriseContactChange {
  rev?: number;
  role?: EnterpriseContactRole;
  name?: string;
  phone?: string | null;
  from_on?: string | null;
  to_on?: string | null;
  note?: string | null;
  email?: string | null;
  remind_by?: EnterpriseContactRemindBy | null;
  language?: EnterpriseContactLanguage | null;
}

export type ResumptionStepStep = "registered" | "planned" | "filed" | "checked" | "guided" | "resumed" | "suspended" | "moved" | "closed" | "reopened" | "erased";

/** 复工进程 / Resumption step */
export type ResumptionStep = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 原街道（社区） / Former place */
  from_unit: UnitRef | null;
  /** 步骤 / Step */
  step: ResumptionStepStep | null;
  /** 日期 / Day */
  day: string | null;
  /** 原状态 / Former state */
  from_state: string | null;
  /** 状态 / State */
  to_state: string | null;
  /** 此前已指导 / Guided before */
  was_guided: boolean | null;
  /** 已指导 / Guided */
  guided: boolean | null;
  /** 原因 / Reason */
  reason: string | null;
};


/** 复工条件清单 / Checklist */
export type Checklist = RecordHead & {
  /** 编号 / Code */
  code: string | null;
  /** 名称 / Name */
  name: string | null;
  /** 英文名称 / Name in English */
  name_en: string | null;
  /** 适用范围 / In force within */
  unit: UnitRef | null;
  /** 施行日期 / In force from */
  valid_from: string | null;
  /** 废止日期 / In force to */
  valid_to: string | null;
  /** 依据 / Source */
  source: string | null;
};

export interface ChecklistNew {
  id?: string;
  code: string;
  name: string;
  name_en?: string | null;
  unit: UnitGiven;
  valid_from: string;
  valid_to?: string | null;
  source?: string | null;
}

export interface ChecklistChange {
  rev?: number;
  name?: string;
  name_en?: string | null;
  valid_from?: string;
  valid_to?: string | null;
  source?: string | null;
}

export type ChecklistItemType = "yes" | "number" | "text";
export type ChecklistItemFilingField = "attendance" | "area_per_person" | "spacing" | "stock_days";

/** 清单条目 / Checklist item */
export type ChecklistItem = RecordHead & {
  /** 清单 / Checklist */
  checklist: Ref | null;
  /** 适用范围 / In force within */
  unit: UnitRef | null;
  /** 代码 / Code */
  code: string | null;
  /** 次序 / Place */
  place: number | null;
  /** 条件 / Condition */
  label_zh: string | null;
  /** 条件（英文） / Condition in English */
  label_en: string | null;
  /** 类型 / Type */
  type: ChecklistItemType | null;
  /** 不低于 / At least */
  least: number | null;
  /** 不高于 / At most */
  most: number | null;
  /** 必须满足 / Required */
  required: boolean | null;
  /** 口径 / Definition in Chinese */
  definition_zh: string | null;
  /** 口径（英文） / Definition in English */
  definition_en: string | null;
  /** 取自 / Taken from */
  filing_field: ChecklistItemFilingField | null;
  /** 停用日期 / Asked until */
  valid_to: string | null;
};

export interface ChecklistItemNew {
  id?: string;
  checklist: RefGiven;
  code: string;
  place: number;
  label_zh: string;
  label_en: string;
  type?: ChecklistItemType | null;
  least?: number | null;
  most?: number | null;
  required?: boolean | null;
  definition_zh?: string | null;
  definition_en?: string | null;
  filing_field?: ChecklistItemFilingField | null;
  valid_to?: string | null;
}

export interface ChecklistItemChange {
  rev?: number;
  place?: number;
  label_zh?: string;
  label_en?: string;
  type?: ChecklistItemType;
  least?: number | null;
  most?: number | null;
  required?: boolean | null;
  definition_zh?: string | null;
  definition_en?: string | null;
  filing_field?: ChecklistItemFilingField | null;
  valid_to?: string | null;
}

export type FilingState = "draft" | "filed" | "returned" | "first_check" | "checked" | "accepted" | "refused";
export type FilingMeals = "staggered" | "boxed" | "own" | "outside" | "none";
export type FilingWorkMode = "on_site" | "shifts" | "from_home";

/** 复工备案 / Filing */
export type Filing = RecordHead & {
  state: FilingState;
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 复工条件清单 / Checklist */
  checklist: Ref | null;
  /** 拟复工日期 / Planned opening */
  planned_on: string | null;
  /** 首批返岗人数 / People in the first batch */
  first_batch: number | null;
  /** 条件落实情况 / Answers */
  answers: Record<string, unknown> | null;
  /** 备案日期 / Filed on */
  filed_on: string | null;
  /** 核查日期 / Checked on */
  checked_on: string | null;
  /** 核查情况 / Findings on the spot */
  findings: string | null;
  /** 批复日期 / Decided on */
  decided_on: string | null;
  /** 备注 / Note */
  note: string | null;
  /** 到岗率（%） / Attendance (%) */
  attendance: number | null;
  /** 人均面积（平方米） / Area per person (m²) */
  area_per_person: number | null;
  /** 工位间距（米） / Spacing of work places (m) */
  spacing: number | null;
  /** 防疫物资可用天数 / Days for which supplies last */
  stock_days: number | null;
  /** 用餐方式 / Meals */
  meals: FilingMeals | null;
  /** 办公方式 / Way of working */
  work_mode: FilingWorkMode | null;
  /** 退回原因 / Returned for */
  returned_for: string | null;
  /** 逐项核查 / Found, by condition */
  found: Record<string, unknown> | null;
  /** 第一核查人 / First checker */
  first_checker: Ref | null;
  /** 第二核查人 / Second checker */
  second_checker: Ref | null;
  /** 第二人意见 / What the second says */
  second_findings: string | null;
};

export interface FilingNew {
  id?: string;
  enterprise: RefGiven;
  checklist?: RefGiven | null;
  planned_on: string;
  first_batch?: number | null;
  answers?: Record<string, unknown> | null;
  note?: string | null;
  attendance?: number | null;
  area_per_person?: number | null;
  spacing?: number | null;
  stock_days?: number | null;
  meals?: FilingMeals | null;
  work_mode?: FilingWorkMode | null;
}

export interface FilingChange {
  rev?: number;
  checklist?: RefGiven | null;
  planned_on?: string;
  first_batch?: number | null;
  answers?: Record<string, unknown> | null;
  note?: string | null;
  attendance?: number | null;
  area_per_person?: number | null;
  spacing?: number | null;
  stock_days?: number | null;
  meals?: FilingMeals | null;
  work_mode?: FilingWorkMode | null;
}

export interface FilingActions {
  /** 提交备案 / File */
  "file": { rev?: number; reason?: string; checklist?: RefGiven | null; planned_on?: string | null; first_batch?: number | null; answers?: Record<string, unknown> | null; note?: string | null; attendance?: number | null; area_per_person?: number | null; spacing?: number | null; stock_days?: number | null; meals?: FilingMeals | null; work_mode?: FilingWorkMode | null; };
  /** 退回补正 / Return */
  "send-back": { rev?: number; reason: string; };
  /** 现场核查（第一人） / Check on the spot (first) */
  "check-first": { rev?: number; reason?: string; findings?: string | null; found: Record<string, unknown>; };
  /** 第二人确认：通过 / Second confirms: passed */
  "check-second": { rev?: number; reason?: string; second_findings?: string | null; };
  /** 第二人确认：不通过 / Second confirms: not passed */
  "fail-check": { rev?: number; reason?: string; second_findings?: string | null; };
  /** 两人意见不一，重新核查 / The two disagree: check again */
  "disagree": { rev?: number; reason: string; };
  /** 同意复工 / Accept */
  "accept": { rev?: number; reason?: string; };
  /** 不同意 / Refuse */
  "refuse": { rev?: number; reason: string; };
}


/** 复工指导 / Guidance */
export type Guidance = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 日期 / Day */
  day: string | null;
  /** 会同部门 / With which departments */
  departments: string[] | null;
  /** 依据（上级部署） / Under which directive */
  directive: string | null;
  /** 指导内容 / What was advised */
  advice: string | null;
  /** 指导人 / Given by */
  given_by: Ref | null;
};

export interface GuidanceNew {
  id?: string;
  enterprise: RefGiven;
  day: string;
  departments: string[];
  directive: string;
  advice?: string | null;
  given_by?: RefGiven | null;
}

export interface GuidanceChange {
  rev?: number;
  day?: string;
  departments?: string[];
  directive?: string;
  advice?: string | null;
  given_by?: RefGiven | null;
}

export type ResponsibilityParty = "locality" | "department" | "employer" | "individual";

/** 四方责任 / Responsibility */
export type Responsibility = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 责任方 / Party */
  party: ResponsibilityParty | null;
  /** 单位 / Body */
  body: string | null;
  /** 责任人 / Person */
  person: string | null;
  /** 电话 / Phone */
  phone: string | null;
  /** 职责 / Duty */
  duty: string | null;
  /** 起 / From */
  from_on: string | null;
  /** 止 / To */
  to_on: string | null;
};

export interface ResponsibilityNew {
  id?: string;
  enterprise: RefGiven;
  party: ResponsibilityParty;
  body: string;
  person?: string | null;
  phone?: string | null;
  duty: string;
  from_on?: string | null;
  to_on?: string | null;
}

export interface ResponsibilityChange {
  rev?: number;
  party?: ResponsibilityParty;
  body?: string;
  person?: string | null;
  phone?: string | null;
  duty?: string;
  from_on?: string | null;
  to_on?: string | null;
}

export type DailyReturnState = "missing" | "draft" | "submitted" | "late" | "returned" | "accepted" | "exempt";
export type DailyReturnChannel = "phone" | "qq" | "wechat" | "mail" | "link";
export type DailyReturnPrevention = "good" | "partly" | "gap";

/** 企业日报 / Daily return */
export type DailyReturn = RecordHead & {
  state: DailyReturnState;
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 模板 / Template */
  template: Ref | null;
  /** 报表 / Return */
  template_code: string | null;
  /** 日期 / Day */
  day: string | null;
  /** 企业名称 / Enterprise's name */
  name: string | null;
  /** 版次 / Version */
  version: number | null;
  /** 报送渠道 / Channel */
  channel: DailyReturnChannel | null;
  /** 记录人 / Taken by */
  taker: Ref | null;
  /** 填报内容 / Values */
  content: Record<string, unknown> | null;
  /** 零报告 / Nil return */
  nil: boolean | null;
  /** 与前一日相同 / No change */
  no_change: boolean | null;
  /** 迟报 / Late */
  late: boolean | null;
  /** 回执号 / Receipt */
  receipt: string | null;
  /** 报送时间 / Submitted at */
  submitted_at: string | null;
  /** 已提醒防疫要求 / Reminder given */
  reminder_given: boolean | null;
  /** 企业工会防疫工作 / The union's prevention work */
  prevention: DailyReturnPrevention | null;
  /** 困难与诉求、说明 / Difficulties and notes */
  note: string | null;
  /** 职工总数 / Staff */
  staff_total: number | null;
  /** 湖北籍职工 / Of Hubei origin */
  staff_hubei: number | null;
  /** 离京未返 / Away */
  staff_away: number | null;
  /** 当日返京 / Back that day */
  staff_returned_today: number | null;
  /** 到岗 / At work */
  staff_present: number | null;
  /** 楼宇（园区） / Building or park */
  building: Ref | null;
  /** 联络人 / Caller */
  caller: Ref | null;
  /** 退回原因 / Returned because */
  returned_for: string | null;
};

export interface DailyReturnActions {
  /** 暂存 / Save */
  "save": { rev?: number; reason?: string; };
  /** 报送 / Submit */
  "submit": { rev?: number; reason?: string; };
  /** 迟报 / Submit late */
  "submit-late": { rev?: number; reason?: string; };
  /** 退回更正 / Return for correction */
  "send-back": { rev?: number; reason: string; };
  /** 审核通过 / Accept */
  "accept": { rev?: number; reason?: string; };
  /** 撤销报送 / Take back */
  "withdraw": { rev?: number; reason?: string; };
  /** 免报 / Exempt */
  "exempt": { rev?: number; reason?: string; };
  /** 恢复应报 / Due again */
  "due-again": { rev?: number; reason?: string; };
}

export type ReturnVersionChannel = "phone" | "qq" | "wechat" | "mail" | "link";
export type ReturnVersionPrevention = "good" | "partly" | "gap";

/** 日报版次 / Version of a return */
export type ReturnVersion = RecordHead & {
  /** 日报 / Return */
  daily_return: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 版次 / Version */
  number: number | null;
  /** 日期 / Day */
  day: string | null;
  /** 报送渠道 / Channel */
  channel: ReturnVersionChannel | null;
  /** 记录人 / Taken by */
  taker: Ref | null;
  /** 填报内容 / Values */
  content: Record<string, unknown> | null;
  /** 零报告 / Nil return */
  nil: boolean | null;
  /** 与前一日相同 / No change */
  no_change: boolean | null;
  /** 迟报 / Late */
  late: boolean | null;
  /** 锁定后更正 / After the lock */
  beside: boolean | null;
  /** 回执号 / Receipt */
  receipt: string | null;
  /** 企业工会防疫工作 / The union's prevention work */
  prevention: ReturnVersionPrevention | null;
  /** 困难与诉求、说明 / Difficulties and notes */
  note: string | null;
  /** 已撤销 / Taken back */
  withdrawn: boolean | null;
};

export type StaffLineHubei = "no" | "yes";

/** 人员明细 / Staff line */
export type StaffLine = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 姓名 / Name */
  name: string | null;
  /** 湖北籍（只用于计数） / Of Hubei origin (only counted) */
  hubei: StaffLineHubei | string | null;
  /** 离京日期 / Left on */
  left_on: string | null;
  /** 所在地（省市） / Where (province, city) */
  place: string | null;
  /** 计划返京日期 / Plans to return on */
  plan_back_on: string | null;
  /** 返京日期 / Back on */
  back_on: string | null;
  /** 观察至 / Observed until */
  isolating_until: string | null;
  /** 返岗日期 / At work since */
  at_work_on: string | null;
  /** 结束跟踪日期 / Not followed since */
  ended_on: string | null;
  /** 备注 / Note */
  note: string | null;
};

export interface StaffLineNew {
  id?: string;
  enterprise: RefGiven;
  name: string;
  hubei?: StaffLineHubei | null;
  left_on?: string | null;
  place?: string | null;
  plan_back_on?: string | null;
  back_on?: string | null;
  isolating_until?: string | null;
  at_work_on?: string | null;
  ended_on?: string | null;
  note?: string | null;
}

export interface StaffLineChange {
  rev?: number;
  name?: string;
  hubei?: StaffLineHubei | null;
  left_on?: string | null;
  place?: string | null;
  plan_back_on?: string | null;
  back_on?: string | null;
  isolating_until?: string | null;
  at_work_on?: string | null;
  ended_on?: string | null;
  note?: string | null;
}

export type ChaseNoteOutcome = "reached" | "promised" | "reported" | "no_answer" | "busy" | "wrong_number" | "refused";

/** 催报记录 / Chase note */
export type ChaseNote = RecordHead & {
  /** 企业 / Enterprise */
  enterprise: Ref | null;
  /** 所在街道（社区） / Place */
  unit: UnitRef | null;
  /** 日期 / Day */
  day: string | null;
  /** 结果 / Outcome */
  outcome: ChaseNoteOutcome | null;
  /** 约定时间 / Promised for */
  promise_at: string | null;
  /** 说了什么 / What was said */
  note: string | null;
  /** 谁打的电话 / Who rang */
  called_by: Ref | null;
};

export interface ChaseNoteNew {
  id?: string;
  enterprise: RefGiven;
  day: string;
  outcome: ChaseNoteOutcome;
  promise_at?: string | null;
  note?: string | null;
  called_by?: RefGiven | null;
}

export interface ChaseNoteChange {
  rev?: number;
  outcome?: ChaseNoteOutcome;
  promise_at?: string | null;
  note?: string | null;
  called_by?: RefGiven | null;
}

export type ConsolidationState = "open" | "checked" | "accepted" | "locked";

/** 日报汇总 / Consolidation */
export type Consolidation = RecordHead & {
  state: ConsolidationState;
  /** 单位 / Unit */
  unit: UnitRef | null;
  /** 报表 / Return */
  template_code: string | null;
  /** 日期 / Day */
  day: string | null;
  /** 锁定时的数字 / Figures at the lock */
  totals: Record<string, unknown> | null;
  /** 锁定时间 / Locked at */
  locked_at: string | null;
  /** 说明 / Note */
  note: string | null;
  /** 本级时限 / Due by */
  due_at: string | null;
  /** 超过本级时限 / After the level's cut-off */
  late: boolean | null;
};

export interface ConsolidationNew {
  id?: string;
  unit: UnitGiven;
  template_code: string;
  day: string;
  note?: string | null;
}

export interface ConsolidationChange {
  rev?: number;
  note?: string | null;
}

export interface ConsolidationActions {
  /** 核对 / Check */
  "check": { rev?: number; reason?: string; };
  /** 退回 / Return for correction */
  "send-back": { rev?: number; reason: string; };
  /** 通过 / Accept */
  "accept": { rev?: number; reason?: string; };
  /** 锁定 / Lock */
  "lock": { rev?: number; reason?: string; };
  /** 解锁 / Unlock */
  "unlock": { rev?: number; reason: string; };
}

/** The records behind /api/v1/{plural}. */
export interface Kinds {
  "alarms": Alarm;
  "outbox-messages": OutboxMessage;
  "quarantines": Quarantine;
  "users": Account;
  "grants": RoleGrant;
  "devices": Device;
  "imports": ImportRun;
  "return-templates": ReturnTemplate;
  "template-fields": TemplateField;
  "template-checks": TemplateCheck;
  "template-levels": TemplateLevel;
  "units": Unit;
  "operations": Operation;
  "policy-rules": PolicyRule;
  "responders": Responder;
  "batches": Batch;
  "pairings": Pairing;
  "deployments": Deployment;
  "posts": Post;
  "shift-templates": ShiftTemplate;
  "shifts": Shift;
  "assignments": Assignment;
  "sign-ins": SignIn;
  "compounds": Compound;
  "buildings": Building;
  "building-heads": BuildingHead;
  "households": Household;
  "residents": Resident;
  "gate-events": GateEvent;
  "passes": Pass;
  "visitors": Visitor;
  "handovers": Handover;
  "pass-keys": PassKey;
  "clashes": Clash;
  "hazards": Hazard;
  "enterprises": Enterprise;
  "enterprise-contacts": EnterpriseContact;
  "resumption-steps": ResumptionStep;
  "checklists": Checklist;
  "checklist-items": ChecklistItem;
  "filings": Filing;
  "guidances": Guidance;
  "responsibilities": Responsibility;
  "daily-returns": DailyReturn;
  "return-versions": ReturnVersion;
  "staff-lines": StaffLine;
  "chase-notes": ChaseNote;
  "consolidations": Consolidation;
}

/** What the other routes answer. */
export interface Answers {
  "get /api/v1/figures": Figures;
  "get /api/v1/figures/children": (FigureHead & { rows: FigureRow[]; });
  "get /api/v1/figures/series": (FigureHead & { indicator: string; days: { date: string; value: number; }[]; });
  "get /api/v1/figures/records": (FigureHead & { indicator: string; kind: string; derived_from?: string[]; items: FigureRecord[]; figure: number; hidden: number; total: number; now?: number; next: string | null; });
  "get /api/v1/indicators": { items: IndicatorRow[]; };
  "get /api/v1/alarm-types": { items: AlarmType[]; };
  "get /api/v1/todo": Todo;
  "get /api/v1/settings": { items: Setting[]; };
  "patch /api/v1/settings/:name": { items: Setting[]; };
  "get /api/v1/outbox/channels": { items: OutboxChannel[]; file_trouble: string | null; file_line: number; };
  "get /healthz": { status: "ok"; };
  "get /readyz": { status: "ready"; queued: number; };
  "get /api/v1/changes": (Changes | ChangeRows);
  "post /api/v1/batch": { items: BatchAnswer[]; };
  "post /api/v1/devices/register": (DeviceFacts & { id: string; token: string; });
  "post /api/v1/devices/:id/authors": { author: string; expires_at: string; account: string; responder: string | null; name: string; };
  "delete /api/v1/devices/:id/authors/:account": { ended: number; };
  "post /api/v1/sessions": Session;
  "get /api/v1/sessions": { items: SignedIn[]; more: boolean; };
  "get /api/v1/sessions/current": Session;
  "post /api/v1/invitations": { items: Invitation[]; };
  "post /api/v1/invitations/look": { login: string; name: string; unit: string | null; expires_at: string; };
  "post /api/v1/invitations/accept": Session;
  "get /api/v1/audit": { items: AuditEntry[]; next: string | null; without?: "create"; };
  "get /api/v1/rights": { roles: { name: string; zh: string; en: string; }[]; rights: { [name: string]: string[]; }; };
  "post /api/v1/imports": ImportReport;
  "post /api/v1/imports/:id/undo": ImportUndone;
  "get /api/v1/meta": Meta;
  "get /api/v1/openapi.json": (Record<string, unknown>);
  "get /api/v1/units/tree": { unit: TreeUnit; path: TreeUnit[]; children: TreeUnit[]; };
  "get /api/v1/rosters/board": { unit: UnitRef; from: string; to: string; posts: Post[]; shifts: Shift[]; assignments: Assignment[]; people: Responder[]; };
  "get /api/v1/me/day": MyDay;
  "get /api/v1/device/day": DeviceDay;
  "post /api/v1/shifts/generate": { made: number; there: number; };
  "post /api/v1/batches/:id/accounts": { people: number; made: number; missing: number; ready: number; out_of_scope: number; users: string[]; };
  "post /api/v1/photos": { id: string; };
  "post /api/v1/passes/issue": { made: number; there: number; held: number; refused: number; };
  "post /api/v1/passes/void-household": { changed: number; };
  "post /api/v1/passes/reinstate-household": { changed: number; };
  "get /api/v1/passes/:id/code": PassCode;
  "get /api/v1/pass-keys/current": { current: number | null; keys: PublicKey[]; };
  "post /api/v1/pass-keys": PassKey;
  "post /api/v1/gate/check": GateCheck;
  "get /api/v1/gate/hours": { hours: GateHour[]; };
  "get /api/v1/gate/inside": GateInside;
  "get /api/v1/posts/:id/signs": GateSigns;
  "get /api/v1/gate-codes/:code": GatePlace;
  "post /api/v1/gate-codes/:code/pass": GatePassage;
  "get /api/v1/enterprises/unanswered": Unanswered;
  "post /api/v1/hazards/:id/register": { enterprise: string; gap: string; state: string; warnings?: FieldProblem[]; };
  "post /api/v1/prevention-gaps/:id/register": { enterprise: string; gap: string; state: string; warnings?: FieldProblem[]; };
  "get /api/v1/filings/form": FilingForm;
  "get /api/v1/shipped": { items: Shipped[]; };
  "post /api/v1/shipped/:code/take": { id: string; kind: string; };
  "get /api/v1/enterprises/due": { items: DueReturn[]; next: string | null; total?: number; };
  "get /api/v1/enterprises/:id/return": (ReturnPage & { lines: StaffLine[]; });
  "post /api/v1/enterprises/:id/link": ClerkLink;
  "post /api/v1/daily-returns": ReturnTaken;
  "get /api/v1/return-templates/burden": Burden;
  "get /api/v1/consolidations/beside": { day: string; total: number; items: LateReturn[]; next: string | null; };
  "get /api/v1/enterprises/rates": { day: string; enterprises: Rate; buildings: Rate; staff: StaffRate; };
  "get /api/v1/enterprises/buildings": { day: string; items: House[]; next: string | null; };
  "get /api/v1/daily-returns/forms": { items: FormName[]; };
  "post /api/v1/daily-returns/paste": Reading;
  "post /api/v1/daily-returns/sheet": Reading;
  "post /api/v1/daily-returns/take": (Reading & { import?: string | null; taken?: number; again?: number; refused?: number; });
  "get /api/v1/returns/:token": (ReturnPage & { lines: OwnLine[]; });
  "post /api/v1/returns/:token": ReturnTaken;
  "post /api/v1/returns/:token/lines": { id: string; rev: number; };
  "patch /api/v1/returns/:token/lines/:id": { id: string; rev: number; };
  "post /api/v1/:plural/bulk/:action": { preview: boolean; matched: number; done: BulkItem[]; refused: BulkItem[]; };
}

export type Indicator =
  | "people.seconded"
  | "people.seconded_dual"
  | "people.seconded_other"
  | "people.received"
  | "people.due"
  | "people.present"
  | "people.late"
  | "people.excused"
  | "people.absent"
  | "people.unheard"
  | "people.upcoming"
  | "deploy.batches"
  | "deploy.person_times"
  | "deploy.planned"
  | "deploy.subdistricts"
  | "deploy.communities"
  | "deploy.agencies"
  | "residents.households"
  | "residents.living"
  | "gate.in"
  | "gate.out"
  | "gate.abnormal"
  | "gate.refused"
  | "gate.vehicles"
  | "gate.inside"
  | "gate.visitors"
  | "gate.visitors_refused"
  | "gate.clashes"
  | "hazards.found"
  | "hazards.closed"
  | "hazards.open"
  | "hazards.overdue"
  | "enterprises.total"
  | "enterprises.planned"
  | "enterprises.guided"
  | "enterprises.resumed"
  | "enterprises.resumption_permille"
  | "daily.due"
  | "daily.submitted"
  | "daily.missing"
  | "daily.nil"
  | "daily.late"
  | "daily.by_phone"
  | "daily.by_qq"
  | "daily.by_wechat"
  | "daily.by_mail"
  | "daily.by_link"
  | "staff.total"
  | "staff.hubei"
  | "staff.away"
  | "staff.returned_today"
  | "staff.present";

export type Right =
  | "alarm.read"
  | "alarm.names"
  | "alarm.create"
  | "alarm.update"
  | "alarm.retire"
  | "alarm.export"
  | "alarm.import"
  | "alarm.reveal"
  | "outbox_message.read"
  | "outbox_message.names"
  | "outbox_message.create"
  | "outbox_message.update"
  | "outbox_message.retire"
  | "outbox_message.export"
  | "outbox_message.import"
  | "outbox_message.reveal"
  | "quarantine.read"
  | "quarantine.names"
  | "quarantine.create"
  | "quarantine.update"
  | "quarantine.retire"
  | "quarantine.export"
  | "quarantine.import"
  | "quarantine.reveal"
  | "account.read"
  | "account.names"
  | "account.create"
  | "account.update"
  | "account.retire"
  | "account.export"
  | "account.import"
  | "account.reveal"
  | "role_grant.read"
  | "role_grant.names"
  | "role_grant.create"
  | "role_grant.update"
  | "role_grant.retire"
  | "role_grant.export"
  | "role_grant.import"
  | "role_grant.reveal"
  | "device.read"
  | "device.names"
  | "device.create"
  | "device.update"
  | "device.retire"
  | "device.export"
  | "device.import"
  | "device.reveal"
  | "import_run.read"
  | "import_run.names"
  | "import_run.create"
  | "import_run.update"
  | "import_run.retire"
  | "import_run.export"
  | "import_run.import"
  | "import_run.reveal"
  | "return_template.read"
  | "return_template.names"
  | "return_template.create"
  | "return_template.update"
  | "return_template.retire"
  | "return_template.export"
  | "return_template.import"
  | "return_template.reveal"
  | "unit.read"
  | "unit.names"
  | "unit.create"
  | "unit.update"
  | "unit.retire"
  | "unit.export"
  | "unit.import"
  | "unit.reveal"
  | "operation.read"
  | "operation.names"
  | "operation.create"
  | "operation.update"
  | "operation.retire"
  | "operation.export"
  | "operation.import"
  | "operation.reveal"
  | "policy_rule.read"
  | "policy_rule.names"
  | "policy_rule.create"
  | "policy_rule.update"
  | "policy_rule.retire"
  | "policy_rule.export"
  | "policy_rule.import"
  | "policy_rule.reveal"
  | "responder.read"
  | "responder.names"
  | "responder.create"
  | "responder.update"
  | "responder.retire"
  | "responder.export"
  | "responder.import"
  | "responder.reveal"
  | "batch.read"
  | "batch.names"
  | "batch.create"
  | "batch.update"
  | "batch.retire"
  | "batch.export"
  | "batch.import"
  | "batch.reveal"
  | "pairing.read"
  | "pairing.names"
  | "pairing.create"
  | "pairing.update"
  | "pairing.retire"
  | "pairing.export"
  | "pairing.import"
  | "pairing.reveal"
  | "deployment.read"
  | "deployment.names"
  | "deployment.create"
  | "deployment.update"
  | "deployment.retire"
  | "deployment.export"
  | "deployment.import"
  | "deployment.reveal"
  | "post.read"
  | "post.names"
  | "post.create"
  | "post.update"
  | "post.retire"
  | "post.export"
  | "post.import"
  | "post.reveal"
  | "shift_template.read"
  | "shift_template.names"
  | "shift_template.create"
  | "shift_template.update"
  | "shift_template.retire"
  | "shift_template.export"
  | "shift_template.import"
  | "shift_template.reveal"
  | "shift.read"
  | "shift.names"
  | "shift.create"
  | "shift.update"
  | "shift.retire"
  | "shift.export"
  | "shift.import"
  | "shift.reveal"
  | "assignment.read"
  | "assignment.names"
  | "assignment.create"
  | "assignment.update"
  | "assignment.retire"
  | "assignment.export"
  | "assignment.import"
  | "assignment.reveal"
  | "sign_in.read"
  | "sign_in.names"
  | "sign_in.create"
  | "sign_in.update"
  | "sign_in.retire"
  | "sign_in.export"
  | "sign_in.import"
  | "sign_in.reveal"
  | "compound.read"
  | "compound.names"
  | "compound.create"
  | "compound.update"
  | "compound.retire"
  | "compound.export"
  | "compound.import"
  | "compound.reveal"
  | "building.read"
  | "building.names"
  | "building.create"
  | "building.update"
  | "building.retire"
  | "building.export"
  | "building.import"
  | "building.reveal"
  | "building_head.read"
  | "building_head.names"
  | "building_head.create"
  | "building_head.update"
  | "building_head.retire"
  | "building_head.export"
  | "building_head.import"
  | "building_head.reveal"
  | "household.read"
  | "household.names"
  | "household.create"
  | "household.update"
  | "household.retire"
  | "household.export"
  | "household.import"
  | "household.reveal"
  | "resident.read"
  | "resident.names"
  | "resident.create"
  | "resident.update"
  | "resident.retire"
  | "resident.export"
  | "resident.import"
  | "resident.reveal"
  | "gate_event.read"
  | "gate_event.names"
  | "gate_event.create"
  | "gate_event.update"
  | "gate_event.retire"
  | "gate_event.export"
  | "gate_event.import"
  | "gate_event.reveal"
  | "pass.read"
  | "pass.names"
  | "pass.create"
  | "pass.update"
  | "pass.retire"
  | "pass.export"
  | "pass.import"
  | "pass.reveal"
  | "visitor.read"
  | "visitor.names"
  | "visitor.create"
  | "visitor.update"
  | "visitor.retire"
  | "visitor.export"
  | "visitor.import"
  | "visitor.reveal"
  | "handover.read"
  | "handover.names"
  | "handover.create"
  | "handover.update"
  | "handover.retire"
  | "handover.export"
  | "handover.import"
  | "handover.reveal"
  | "pass_key.read"
  | "pass_key.names"
  | "pass_key.create"
  | "pass_key.update"
  | "pass_key.retire"
  | "pass_key.export"
  | "pass_key.import"
  | "pass_key.reveal"
  | "clash.read"
  | "clash.names"
  | "clash.create"
  | "clash.update"
  | "clash.retire"
  | "clash.export"
  | "clash.import"
  | "clash.reveal"
  | "hazard.read"
  | "hazard.names"
  | "hazard.create"
  | "hazard.update"
  | "hazard.retire"
  | "hazard.export"
  | "hazard.import"
  | "hazard.reveal"
  | "enterprise.read"
  | "enterprise.names"
  | "enterprise.create"
  | "enterprise.update"
  | "enterprise.retire"
  | "enterprise.export"
  | "enterprise.import"
  | "enterprise.reveal"
  | "enterprise_contact.read"
  | "enterprise_contact.names"
  | "enterprise_contact.create"
  | "enterprise_contact.update"
  | "enterprise_contact.retire"
  | "enterprise_contact.export"
  | "enterprise_contact.import"
  | "enterprise_contact.reveal"
  | "resumption_step.read"
  | "resumption_step.names"
  | "resumption_step.create"
  | "resumption_step.update"
  | "resumption_step.retire"
  | "resumption_step.export"
  | "resumption_step.import"
  | "resumption_step.reveal"
  | "checklist.read"
  | "checklist.names"
  | "checklist.create"
  | "checklist.update"
  | "checklist.retire"
  | "checklist.export"
  | "checklist.import"
  | "checklist.reveal"
  | "filing.read"
  | "filing.names"
  | "filing.create"
  | "filing.update"
  | "filing.retire"
  | "filing.export"
  | "filing.import"
  | "filing.reveal"
  | "guidance.read"
  | "guidance.names"
  | "guidance.create"
  | "guidance.update"
  | "guidance.retire"
  | "guidance.export"
  | "guidance.import"
  | "guidance.reveal"
  | "responsibility.read"
  | "responsibility.names"
  | "responsibility.create"
  | "responsibility.update"
  | "responsibility.retire"
  | "responsibility.export"
  | "responsibility.import"
  | "responsibility.reveal"
  | "daily_return.read"
  | "daily_return.names"
  | "daily_return.create"
  | "daily_return.update"
  | "daily_return.retire"
  | "daily_return.export"
  | "daily_return.import"
  | "daily_return.reveal"
  | "staff_line.read"
  | "staff_line.names"
  | "staff_line.create"
  | "staff_line.update"
  | "staff_line.retire"
  | "staff_line.export"
  | "staff_line.import"
  | "staff_line.reveal"
  | "chase_note.read"
  | "chase_note.names"
  | "chase_note.create"
  | "chase_note.update"
  | "chase_note.retire"
  | "chase_note.export"
  | "chase_note.import"
  | "chase_note.reveal"
  | "consolidation.read"
  | "consolidation.names"
  | "consolidation.create"
  | "consolidation.update"
  | "consolidation.retire"
  | "consolidation.export"
  | "consolidation.import"
  | "consolidation.reveal"
  | "audit.read"
  | "session.read"
  | "session.revoke"
  | "invitation.create"
  | "keys.manage"
  | "account.lock"
  | "account.disable"
  | "device.revoke"
  | "give.sysadmin"
  | "give.secadmin"
  | "give.auditor"
  | "give.city_duty"
  | "give.district_duty"
  | "give.coordinator"
  | "give.lead"
  | "give.secondee"
  | "give.store"
  | "give.books"
  | "give.clerk"
  | "give.viewer"
  | "setting.manage"
  | "metrics.see"
  | "figure.read"
  | "alarm.acknowledge"
  | "alarm.close"
  | "outbox_message.retry"
  | "change.read"
  | "quarantine.release"
  | "import_run.undo"
  | "import_run.by_import"
  | "unit.move"
  | "operation.close"
  | "sign_in.on_behalf"
  | "roster.read"
  | "photo.read"
  | "figures.read"
  | "deployment.report"
  | "assignment.by_sign_in"
  | "pass.print"
  | "clash.follow"
  | "clash.resolve"
  | "hazard.verify"
  | "enterprise.link"
  | "filing.file"
  | "filing.check"
  | "filing.accept"
  | "return_template.publish"
  | "daily_return.by_system"
  | "daily_return.review"
  | "consolidation.check"
  | "consolidation.accept"
  | "consolidation.lock";

export type ProblemCode =
  | "required"
  | "unknown_field"
  | "wrong_type"
  | "too_long"
  | "too_short"
  | "too_small"
  | "too_large"
  | "too_many"
  | "too_many_match"
  | "preview_first"
  | "bad_format"
  | "bad_date"
  | "bad_moment"
  | "bad_utf8"
  | "not_in_list"
  | "bad_check_digit"
  | "check_digit_warning"
  | "bad_id_number"
  | "id_lost_digits"
  | "not_found_near"
  | "not_found"
  | "retired"
  | "out_of_scope"
  | "duplicate"
  | "duplicate_elsewhere"
  | "duplicate_suggested"
  | "masked"
  | "twice"
  | "duplicate_in_file"
  | "differs_from"
  | "dates_reversed"
  | "in_future"
  | "cycle"
  | "overlap"
  | "term_overlap"
  | "not_theirs"
  | "read_only"
  | "not_signed_in"
  | "outside_shift"
  | "by_action"
  | "frozen"
  | "online_only"
  | "no_operation"
  | "corrects_nothing"
  | "wrong_state"
  | "same_person"
  | "too_hot"
  | "remeasure"
  | "weak_password"
  | "usual_password"
  | "wrong_password"
  | "role_apart"
  | "role_not_yours"
  | "empty_file"
  | "bad_file"
  | "bad_encoding"
  | "missing_column"
  | "unknown_column"
  | "ambiguous"
  | "several"
  | "content_changed"
  | "not_filterable"
  | "sort_wide"
  | "in_use"
  | "held"
  | "quota"
  | "passes_void"
  | "pass_expired"
  | "other_household"
  | "unbalanced"
  | "refused"
  | "rule";
