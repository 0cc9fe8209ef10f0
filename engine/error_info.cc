#include "cupel/engine/error_info.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace cupel::engine {
namespace {

constexpr absl::string_view kTypeUrl = "cupel.dev/ErrorInfo";

struct KindEntry {
  ErrorKind kind;
  absl::StatusCode code;
  ErrorClass error_class;
  absl::string_view name;
};

using Code = absl::StatusCode;

// Ordered by kind.
constexpr KindEntry kKinds[] = {
    {ErrorKind::kNone, Code::kUnknown, ErrorClass::kInternal, "none"},
    {ErrorKind::kUniqueViolation, Code::kAlreadyExists, ErrorClass::kIntegrity,
     "unique_violation"},
    {ErrorKind::kForeignKeyViolation, Code::kFailedPrecondition,
     ErrorClass::kIntegrity, "foreign_key_violation"},
    {ErrorKind::kNotNullViolation, Code::kFailedPrecondition,
     ErrorClass::kIntegrity, "not_null_violation"},
    {ErrorKind::kCheckViolation, Code::kFailedPrecondition,
     ErrorClass::kIntegrity, "check_violation"},
    {ErrorKind::kExclusionViolation, Code::kFailedPrecondition,
     ErrorClass::kIntegrity, "exclusion_violation"},
    {ErrorKind::kSerializationFailure, Code::kAborted, ErrorClass::kOperational,
     "serialization_failure"},
    {ErrorKind::kDeadlock, Code::kAborted, ErrorClass::kOperational,
     "deadlock"},
    {ErrorKind::kLockTimeout, Code::kAborted, ErrorClass::kOperational,
     "lock_timeout"},
    {ErrorKind::kBusy, Code::kUnavailable, ErrorClass::kOperational, "busy"},
    {ErrorKind::kLocked, Code::kUnavailable, ErrorClass::kOperational,
     "locked"},
    {ErrorKind::kConnectionLost, Code::kUnavailable, ErrorClass::kOperational,
     "connection_lost"},
    {ErrorKind::kCannotConnect, Code::kUnavailable, ErrorClass::kOperational,
     "cannot_connect"},
    {ErrorKind::kCommitOutcomeUnknown, Code::kUnknown, ErrorClass::kOperational,
     "commit_outcome_unknown"},
    {ErrorKind::kTransactionPoisoned, Code::kFailedPrecondition,
     ErrorClass::kInterface, "transaction_poisoned"},
    {ErrorKind::kSyntax, Code::kInvalidArgument, ErrorClass::kProgramming,
     "syntax"},
    {ErrorKind::kNoSuchTable, Code::kNotFound, ErrorClass::kProgramming,
     "no_such_table"},
    {ErrorKind::kNoSuchColumn, Code::kNotFound, ErrorClass::kProgramming,
     "no_such_column"},
    {ErrorKind::kAlreadyExists, Code::kAlreadyExists, ErrorClass::kProgramming,
     "already_exists"},
    {ErrorKind::kReadOnly, Code::kPermissionDenied, ErrorClass::kOperational,
     "read_only"},
    {ErrorKind::kPermission, Code::kPermissionDenied, ErrorClass::kOperational,
     "permission"},
    {ErrorKind::kAuthentication, Code::kUnauthenticated,
     ErrorClass::kOperational, "authentication"},
    {ErrorKind::kNotADatabase, Code::kDataLoss, ErrorClass::kInternal,
     "not_a_database"},
    {ErrorKind::kCorrupt, Code::kDataLoss, ErrorClass::kInternal, "corrupt"},
    {ErrorKind::kIoError, Code::kDataLoss, ErrorClass::kOperational,
     "io_error"},
    {ErrorKind::kDiskFull, Code::kResourceExhausted, ErrorClass::kOperational,
     "disk_full"},
    {ErrorKind::kOutOfMemory, Code::kResourceExhausted,
     ErrorClass::kOperational, "out_of_memory"},
    {ErrorKind::kTooBig, Code::kOutOfRange, ErrorClass::kData, "too_big"},
    {ErrorKind::kStatementTimeout, Code::kDeadlineExceeded,
     ErrorClass::kOperational, "statement_timeout"},
    {ErrorKind::kPoolTimeout, Code::kDeadlineExceeded, ErrorClass::kOperational,
     "pool_timeout"},
    {ErrorKind::kInterrupted, Code::kCancelled, ErrorClass::kOperational,
     "interrupted"},
    {ErrorKind::kTypeMismatch, Code::kDataLoss, ErrorClass::kData,
     "type_mismatch"},
    {ErrorKind::kInvalidValue, Code::kInvalidArgument, ErrorClass::kData,
     "invalid_value"},
    {ErrorKind::kStale, Code::kAborted, ErrorClass::kOperational, "stale"},
    {ErrorKind::kNotFound, Code::kNotFound, ErrorClass::kInterface,
     "not_found"},
    {ErrorKind::kMultipleRows, Code::kFailedPrecondition,
     ErrorClass::kInterface, "multiple_rows"},
    {ErrorKind::kMisuse, Code::kFailedPrecondition, ErrorClass::kInterface,
     "misuse"},
    {ErrorKind::kUnsupported, Code::kUnimplemented, ErrorClass::kNotSupported,
     "unsupported"},
    {ErrorKind::kInternal, Code::kInternal, ErrorClass::kInternal, "internal"},
};

constexpr bool IsOrderedByKind() {
  for (size_t i = 0; i < std::size(kKinds); ++i) {
    if (kKinds[i].kind != static_cast<ErrorKind>(i)) return false;
  }
  return std::size(kKinds) == static_cast<size_t>(kLastErrorKind) + 1;
}
static_assert(IsOrderedByKind());

const KindEntry& EntryOf(ErrorKind kind) {
  return kKinds[static_cast<size_t>(kind)];
}

// Keeps the details of live payloads: absl::Status::ToString prints a payload,
// so a detail cannot be part of it. An entry lives as long as its payload.
class DetailTable {
 public:
  static DetailTable& Get() {
    static DetailTable* const table = new DetailTable;
    return *table;
  }

  uint64_t Add(std::string detail) {
    absl::MutexLock lock(&mutex_);
    details_[++last_id_] = std::move(detail);
    return last_id_;
  }

  void Remove(uint64_t id) {
    absl::MutexLock lock(&mutex_);
    details_.erase(id);
  }

  std::string Find(uint64_t id) {
    absl::MutexLock lock(&mutex_);
    auto it = details_.find(id);
    return it == details_.end() ? std::string() : it->second;
  }

 private:
  absl::Mutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<uint64_t, std::string> details_ ABSL_GUARDED_BY(mutex_);
};

// A payload is lines of "name=value", values C-escaped, defaults left out.
void AppendField(absl::string_view name, absl::string_view value,
                 std::string* out) {
  if (value.empty()) return;
  absl::StrAppend(out, name, "=", absl::CHexEscape(value), "\n");
}

template <typename Enum>
void AppendEnum(absl::string_view name, Enum value, std::string* out) {
  if (value == Enum{}) return;
  absl::StrAppend(out, name, "=", static_cast<int>(value), "\n");
}

std::string SerializePublicFields(const ErrorInfo& info) {
  std::string text;
  AppendField("kind", ErrorKindName(info.kind), &text);
  AppendField("dialect", info.dialect, &text);
  AppendField("native_code", info.native_code, &text);
  AppendField("constraint", info.constraint, &text);
  AppendField("table", info.table, &text);
  AppendField("column", info.column, &text);
  AppendField("statement", info.statement, &text);
  AppendField("commit_token", info.commit_token, &text);
  if (info.kind == ErrorKind::kCommitOutcomeUnknown) {
    AppendField("commit_outcome", "unknown", &text);
  }
  AppendEnum("transaction_state", info.transaction_state, &text);
  AppendEnum("connection_state", info.connection_state, &text);
  AppendEnum("retry", info.retry, &text);
  if (info.attempts != 1) absl::StrAppend(&text, "attempts=", info.attempts);
  return text;
}

absl::Cord MakePayload(const ErrorInfo& info) {
  std::string text = SerializePublicFields(info);
  if (info.detail.empty()) return absl::Cord(text);
  uint64_t id = DetailTable::Get().Add(info.detail);
  // On the heap until the last copy of the cord goes.
  auto* owned = new std::string(absl::StrCat("detail=", id, "\n", text));
  return absl::MakeCordFromExternal(*owned, [owned, id] {
    DetailTable::Get().Remove(id);
    delete owned;
  });
}

ErrorKind KindFromName(absl::string_view name) {
  for (const KindEntry& entry : kKinds) {
    if (entry.name == name) return entry.kind;
  }
  return ErrorKind::kNone;
}

template <typename Enum>
void ParseEnum(absl::string_view text, Enum last, Enum* out) {
  int value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= 0 &&
      value <= static_cast<int>(last)) {
    *out = static_cast<Enum>(value);
  }
}

void ParseField(absl::string_view name, absl::string_view text,
                ErrorInfo* info) {
  std::string value;
  if (!absl::CUnescape(text, &value)) return;
  if (name == "kind") {
    info->kind = KindFromName(value);
  } else if (name == "dialect") {
    info->dialect = std::move(value);
  } else if (name == "native_code") {
    info->native_code = std::move(value);
  } else if (name == "constraint") {
    info->constraint = std::move(value);
  } else if (name == "table") {
    info->table = std::move(value);
  } else if (name == "column") {
    info->column = std::move(value);
  } else if (name == "statement") {
    info->statement = std::move(value);
  } else if (name == "commit_token") {
    info->commit_token = std::move(value);
  } else if (name == "detail") {
    uint64_t id = 0;
    if (absl::SimpleAtoi(value, &id)) {
      info->detail = DetailTable::Get().Find(id);
    }
  } else if (name == "transaction_state") {
    ParseEnum(value, TransactionState::kUnknown, &info->transaction_state);
  } else if (name == "connection_state") {
    ParseEnum(value, ConnectionState::kDead, &info->connection_state);
  } else if (name == "retry") {
    ParseEnum(value, Retry::kOnlyIfIdempotent, &info->retry);
  } else if (name == "attempts") {
    (void)absl::SimpleAtoi(value, &info->attempts);
  }
}

}  // namespace

absl::StatusCode CodeOf(ErrorKind kind) { return EntryOf(kind).code; }

ErrorClass ClassOf(ErrorKind kind) { return EntryOf(kind).error_class; }

absl::string_view ErrorKindName(ErrorKind kind) { return EntryOf(kind).name; }

absl::Status MakeError(ErrorInfo info, absl::string_view message) {
  absl::Status status(CodeOf(info.kind), message);
  status.SetPayload(kTypeUrl, MakePayload(info));
  return status;
}

absl::Status MakeError(ErrorKind kind, absl::string_view message) {
  ErrorInfo info;
  info.kind = kind;
  return MakeError(std::move(info), message);
}

std::optional<ErrorInfo> GetErrorInfo(const absl::Status& status) {
  std::optional<absl::Cord> payload = status.GetPayload(kTypeUrl);
  if (!payload.has_value()) return std::nullopt;
  ErrorInfo info;
  std::string text(*payload);
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits('=', 1));
    ParseField(field.first, field.second, &info);
  }
  return info;
}

ErrorKind KindOf(const absl::Status& status) {
  std::optional<ErrorInfo> info = GetErrorInfo(status);
  return info.has_value() ? info->kind : ErrorKind::kNone;
}

absl::Status WithErrorInfo(absl::Status status, const ErrorInfo& info) {
  if (!status.ok()) status.SetPayload(kTypeUrl, MakePayload(info));
  return status;
}

absl::Status WithContext(const absl::Status& status,
                         absl::string_view context) {
  if (status.ok()) return status;
  absl::Status result(status.code(),
                      absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload(
      [&result](absl::string_view type_url, const absl::Cord& payload) {
        result.SetPayload(type_url, payload);
      });
  return result;
}

}  // namespace cupel::engine
