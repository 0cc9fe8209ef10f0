// Transactions: how they begin and end, and what an error does to them.

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorInfo;
using engine::ErrorKind;
using engine::IsolationLevel;
using engine::TransactionState;

absl::string_view LevelName(IsolationLevel level) {
  switch (level) {
    case IsolationLevel::kReadUncommitted:
      return "READ UNCOMMITTED";
    case IsolationLevel::kReadCommitted:
      return "READ COMMITTED";
    case IsolationLevel::kRepeatableRead:
      return "REPEATABLE READ";
    case IsolationLevel::kSerializable:
      return "SERIALIZABLE";
    default:
      return "";
  }
}

}  // namespace

absl::Status MariadbConnection::Begin(const engine::TransactionOptions& options,
                                      Deadline deadline) {
  if (options.isolation == IsolationLevel::kAutocommit) {
    return absl::OkStatus();
  }
  if (in_transaction_) {
    return MakeDriverError(ErrorKind::kMisuse, "a transaction is open");
  }
  LeavePrepared();
  ended_by_error_ = false;
  has_work_ = false;
  begin_ = options;
  return SendBegin(deadline);
}

absl::Status MariadbConnection::SendBegin(Deadline deadline) {
  const engine::TransactionOptions& options = begin_;
  const absl::string_view level = LevelName(options.isolation);
  if (!level.empty()) {
    CUPEL_RETURN_IF_ERROR(
        RunControl(absl::StrCat("SET TRANSACTION ISOLATION LEVEL ", level),
                   Phase::kExecute, deadline));
  }
  if (!options.two_phase_id.empty()) return StartXa(deadline);
  xid_.clear();
  return RunControl(
      options.read_only ? "START TRANSACTION READ ONLY" : "START TRANSACTION",
      Phase::kExecute, deadline);
}

absl::Status MariadbConnection::Commit(Deadline deadline) {
  if (ended_by_error_) {
    ended_by_error_ = false;
    return EndedByError();
  }
  if (!in_transaction_) return absl::OkStatus();
  absl::Status status = SendCommit(deadline);
  if (status.ok() || !is_alive()) return status;
  auto info = engine::GetErrorInfo(status).value_or(ErrorInfo());
  if (in_transaction_) EndTransactionAfterError();
  ended_by_error_ = false;
  info.transaction_state = TransactionState::kRolledBack;
  return engine::WithErrorInfo(std::move(status), info);
}

absl::Status MariadbConnection::Rollback(Deadline deadline) {
  ended_by_error_ = false;
  if (!in_transaction_) return absl::OkStatus();
  absl::Status status = is_xa()
                            ? RollbackXa(deadline)
                            : RunControl("ROLLBACK", Phase::kExecute, deadline);
  // A cluster may answer by a conflict, with the transaction gone.
  if (!status.ok() && is_alive() && !in_transaction_) {
    ended_by_error_ = false;
    return absl::OkStatus();
  }
  return status;
}

absl::Status MariadbConnection::EndedByError() {
  ErrorInfo info;
  info.kind = ErrorKind::kTransactionPoisoned;
  info.dialect = "mariadb";
  info.transaction_state = TransactionState::kRolledBack;
  info.retry = engine::Retry::kTransaction;
  return engine::MakeError(std::move(info),
                           "an error has rolled the transaction back, nothing "
                           "of it is stored: run it again");
}

// After a deadlock the server's transaction is gone, but the flag of the last
// answer says that it is open: a rollback makes both agree.
void MariadbConnection::EndTransactionAfterError() {
  ended_by_error_ = true;
  if (stream_ == nullptr && QueryRollback(Deadline::After(kCleanUpTime))) {
    in_transaction_ = false;
    return;
  }
  Drop();
}

void MariadbConnection::BeginAgain() {
  begins_again_ = false;
  in_transaction_ = false;
  // Without one, what follows would be done statement by statement: better no
  // connection, which the next call tells.
  if (!SendBegin(Deadline::After(kCleanUpTime)).ok()) Drop();
}

}  // namespace cupel::mariadb_internal
