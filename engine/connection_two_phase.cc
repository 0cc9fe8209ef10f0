// Two-phase commit of a connection.

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/events.h"
#include "cupel/engine/status_macros.h"

namespace cupel::engine {
namespace {

// The connection was lost while the database prepared the transaction, or ended
// what was prepared: it keeps that for whoever asks.
absl::Status UnknownError(ErrorInfo info, absl::string_view what,
                          const absl::Status& cause) {
  info.kind = ErrorKind::kCommitOutcomeUnknown;
  info.transaction_state = TransactionState::kUnknown;
  info.connection_state = ConnectionState::kDead;
  info.retry = Retry::kOnlyIfIdempotent;
  return MakeError(
      std::move(info),
      absl::StrCat("the connection was lost; ", what,
                   " (see Engine::PreparedTransactions): ", cause.message()));
}

}  // namespace

absl::Status ConnectionCore::PrepareCommit() {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  if (is_poisoned()) return PoisonedError();
  if (is_prepared()) return PreparedError();
  if (!in_transaction() || two_phase_id_.empty()) {
    return MakeError(ErrorKind::kMisuse,
                     "no transaction to prepare: begin one with "
                     "TransactionOptions::two_phase_id");
  }
  CutCursors("a prepared commit");
  const absl::Status status = Control(TransactionAction::kPrepare, "", [this] {
    return entry_->driver->PrepareCommit(two_phase_id_, StatementDeadline());
  });
  if (!status.ok()) {
    absl::Status failed = Failed(status, "PREPARE");
    ErrorInfo info = GetErrorInfo(failed).value_or(ErrorInfo());
    if (info.kind != ErrorKind::kCommitOutcomeUnknown) return failed;
    outcome_unknown_ = true;
    first_error_ =
        UnknownError(std::move(info),
                     "the transaction may be prepared or rolled back", status);
    return first_error_;
  }
  savepoints_.clear();
  phase_ = Phase::kPrepared;
  return absl::OkStatus();
}

absl::Status ConnectionCore::EndPrepared(TransactionAction action) {
  const bool commits = action == TransactionAction::kCommit;
  absl::Status status = Control(action, "", [this, commits] {
    return commits ? entry_->driver->CommitPrepared(two_phase_id_,
                                                    StatementDeadline())
                   : entry_->driver->RollbackPrepared(two_phase_id_,
                                                      CleanUpDeadline());
  });
  if (status.ok()) {
    EndTransaction();
    return status;
  }
  ErrorInfo info = GetErrorInfo(status).value_or(ErrorInfo());
  info.dialect = engine_->dialect->name();
  if (!MeansLost(info)) return WithErrorInfo(std::move(status), info);
  // Nothing is lost with the connection: the database keeps what is prepared.
  const std::string id = two_phase_id_;
  EndTransaction();
  engine_->pool->Invalidate(*entry_, "lost with a prepared transaction");
  return UnknownError(std::move(info),
                      "unless it has ended, the transaction is prepared still",
                      status);
}

absl::StatusOr<CommitOutcome> ConnectionCore::ResolveCommit(
    absl::string_view token) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  absl::StatusOr<CommitOutcome> outcome =
      entry_->driver->ResolveCommit(token, StatementDeadline());
  if (!outcome.ok()) return Failed(outcome.status(), "");
  return outcome;
}

absl::StatusOr<std::vector<std::string>>
ConnectionCore::PreparedTransactions() {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  absl::StatusOr<std::vector<std::string>> names =
      entry_->driver->PreparedTransactions(StatementDeadline());
  if (!names.ok()) return Failed(names.status(), "");
  return names;
}

absl::Status ConnectionCore::EndPreparedTransaction(absl::string_view id,
                                                    TransactionAction action) {
  InUse use(*this);
  if (!use.ok()) return BusyError();
  absl::Status status = Control(action, "", [&] {
    return action == TransactionAction::kCommit
               ? entry_->driver->CommitPrepared(id, StatementDeadline())
               : entry_->driver->RollbackPrepared(id, StatementDeadline());
  });
  return status.ok() ? status : Failed(std::move(status), "");
}

absl::Status ConnectionCore::PreparedError() const {
  return MakeError(ErrorKind::kMisuse,
                   "the transaction is prepared: commit it or roll it back");
}

}  // namespace cupel::engine
