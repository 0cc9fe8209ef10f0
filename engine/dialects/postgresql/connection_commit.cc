// How transactions of a connection end, in one phase and in two.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::CommitOutcome;
using engine::Deadline;
using engine::ErrorKind;

// The server's limit for the name of a prepared transaction.
constexpr size_t kMaxPreparedName = 199;

constexpr absl::string_view kNumberQuery =
    "SELECT pg_catalog.pg_current_xact_id_if_assigned()::text";
constexpr absl::string_view kPreparedQuery =
    "SELECT gid FROM pg_catalog.pg_prepared_xacts "
    "WHERE database = current_database() ORDER BY gid";

// `verb` and the name as a literal.
absl::StatusOr<std::string> WithName(absl::string_view verb,
                                     absl::string_view id) {
  if (id.empty() || id.size() > kMaxPreparedName || id.find('\0') != id.npos ||
      engine::FindInvalidUtf8(id) != id.npos) {
    return engine::MakeError(
        ErrorKind::kInvalidValue,
        absl::StrCat("the name of a prepared transaction "
                     "has 1 to ",
                     kMaxPreparedName, " bytes of UTF-8 without NUL"));
  }
  return absl::StrCat(verb, " ", QuoteLiteral(id));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> PostgresqlConnection::SelectTexts(
    absl::string_view sql, const Deadline& deadline) {
  std::vector<std::string> texts;
  CUPEL_RETURN_IF_ERROR(Run(Phase::kControl, sql, deadline, [&](Result result) {
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      texts.emplace_back(PQgetvalue(result.get(), i, 0));
    }
  }));
  return texts;
}

absl::Status PostgresqlConnection::EndBy(absl::string_view sql,
                                         absl::string_view tag,
                                         const Deadline& deadline) {
  std::string answer;
  absl::Status status = Run(Phase::kCommit, sql, deadline, [&](Result result) {
    answer = PQcmdStatus(result.get());
  });
  if (status.ok() && answer == tag) return status;
  NoteUndone();
  if (!status.ok()) return status;
  // The transaction had failed: the server says so by the tag alone.
  engine::ErrorInfo info;
  info.kind = ErrorKind::kTransactionPoisoned;
  info.dialect = "postgresql";
  info.statement = std::string(sql);
  info.transaction_state = engine::TransactionState::kRolledBack;
  info.retry = engine::Retry::kTransaction;
  return engine::MakeError(std::move(info),
                           "the transaction had failed before, and COMMIT has "
                           "rolled it back");
}

absl::Status PostgresqlConnection::Commit(Deadline deadline) {
  std::string token;
  if (takes_tokens_ && wrote_in_transaction_ && link_->is_alive() &&
      PQtransactionStatus(handle()) == PQTRANS_INTRANS) {
    CUPEL_ASSIGN_OR_RETURN(const std::vector<std::string> numbers,
                           SelectTexts(kNumberQuery, deadline));
    if (!numbers.empty()) token = numbers[0];
  }
  absl::Status status = EndBy("COMMIT", "COMMIT", deadline);
  if (engine::KindOf(status) != ErrorKind::kCommitOutcomeUnknown ||
      token.empty()) {
    return status;
  }
  engine::ErrorInfo info = *engine::GetErrorInfo(status);
  info.commit_token = std::move(token);
  return engine::WithErrorInfo(std::move(status), info);
}

absl::StatusOr<CommitOutcome> PostgresqlConnection::ResolveCommit(
    absl::string_view token, Deadline deadline) {
  const bool is_number =
      !token.empty() && token.size() < 20 &&
      std::all_of(token.begin(), token.end(),
                  [](unsigned char c) { return absl::ascii_isdigit(c); });
  if (!is_number) {
    return engine::MakeError(ErrorKind::kInvalidValue,
                             "the token of a commit is a number");
  }
  CUPEL_ASSIGN_OR_RETURN(
      const std::vector<std::string> states,
      SelectTexts(
          absl::StrCat("SELECT pg_catalog.pg_xact_status('", token, "'::xid8)"),
          deadline));
  const std::string state = states.empty() ? "" : states[0];
  if (state == "committed") return CommitOutcome::kCommitted;
  if (state == "aborted") return CommitOutcome::kRolledBack;
  if (state == "in progress") return CommitOutcome::kInProgress;
  return CommitOutcome::kForgotten;
}

absl::Status PostgresqlConnection::PrepareCommit(absl::string_view id,
                                                 Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(const std::string sql,
                         WithName("PREPARE TRANSACTION", id));
  return EndBy(sql, "PREPARE TRANSACTION", deadline);
}

absl::Status PostgresqlConnection::CommitPrepared(absl::string_view id,
                                                  Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(const std::string sql,
                         WithName("COMMIT PREPARED", id));
  return EndBy(sql, "COMMIT PREPARED", deadline);
}

absl::Status PostgresqlConnection::RollbackPrepared(absl::string_view id,
                                                    Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(const std::string sql,
                         WithName("ROLLBACK PREPARED", id));
  return EndBy(sql, "ROLLBACK PREPARED", deadline);
}

absl::StatusOr<std::vector<std::string>>
PostgresqlConnection::PreparedTransactions(Deadline deadline) {
  return SelectTexts(kPreparedQuery, deadline);
}

}  // namespace cupel::postgresql_internal
