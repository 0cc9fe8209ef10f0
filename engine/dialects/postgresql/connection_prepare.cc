// How statements of a connection are prepared, and closed.

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/connection.h"
#include "cupel/engine/dialects/postgresql/errors.h"
#include "cupel/engine/dialects/postgresql/oids.h"
#include "cupel/engine/dialects/postgresql/result.h"
#include "cupel/engine/dialects/postgresql/sql_text.h"
#include "cupel/engine/dialects/postgresql/statement.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "libpq-fe.h"

namespace cupel::postgresql_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;
using engine::TransactionState;

// Around what may fail without harm to a transaction.
constexpr char kSavepoint[] = "cupel_prepare";
// Statements that are closed together.
constexpr size_t kForgottenTogether = 16;

}  // namespace

absl::Status PostgresqlConnection::CloseForgotten(const Deadline& deadline) {
  if (forgotten_.size() < kForgottenTogether || !link_->is_alive() ||
      has_failed() || reader_ != nullptr) {
    return absl::OkStatus();
  }
  // Somebody else may have closed them all: an error that harms nobody.
  const bool saves = in_transaction();
  std::vector<std::string> texts;
  if (saves) texts.push_back(absl::StrCat("SAVEPOINT ", kSavepoint));
  for (const std::string& name : forgotten_) {
    texts.push_back(absl::StrCat("DEALLOCATE ", name));
  }
  if (saves) texts.push_back(absl::StrCat("RELEASE ", kSavepoint));
  forgotten_.clear();
  absl::Status status = RunAll(texts, deadline);
  if (!status.ok() && saves) {
    status = BackToSavepoint(std::move(status), deadline);
  }
  return link_->is_alive() && !has_failed() ? absl::OkStatus() : status;
}

bool PostgresqlConnection::SendControl(const char* sql) {
  return PQsendQueryParams(handle(), sql, 0, nullptr, nullptr, nullptr, nullptr,
                           0) != 0;
}

absl::Status PostgresqlConnection::BackToSavepoint(absl::Status error,
                                                   const Deadline& deadline) {
  if (!link_->is_alive() || !in_transaction()) return error;
  CUPEL_RETURN_IF_ERROR(RunAll({absl::StrCat("ROLLBACK TO ", kSavepoint),
                                absl::StrCat("RELEASE ", kSavepoint)},
                               deadline));
  auto info = engine::GetErrorInfo(error);
  if (info) {
    info->transaction_state = TransactionState::kActive;
    error = engine::WithErrorInfo(std::move(error), *info);
  }
  return error;
}

absl::StatusOr<Result> PostgresqlConnection::Describe(
    const std::string& name, absl::string_view sql,
    const std::vector<TypeId>& types, bool harmless, const Deadline& deadline) {
  CUPEL_RETURN_IF_ERROR(CheckSqlText(sql));
  CUPEL_RETURN_IF_ERROR(CloseForgotten(deadline));
  CUPEL_RETURN_IF_ERROR(Start(Phase::kPrepare, sql, deadline));
  const bool saves =
      harmless && PQtransactionStatus(handle()) == PQTRANS_INTRANS;
  PQenterPipelineMode(handle());
  if ((saves && !SendControl(absl::StrCat("SAVEPOINT ", kSavepoint).c_str())) ||
      PQsendPrepare(handle(), name.c_str(), sql_.c_str(),
                    static_cast<int>(types.size()), types.data()) == 0 ||
      PQsendDescribePrepared(handle(), name.c_str()) == 0 ||
      (saves && !SendControl(absl::StrCat("RELEASE ", kSavepoint).c_str())) ||
      PQpipelineSync(handle()) == 0) {
    link_->Drop();
    return SendFailed();
  }
  std::vector<Result> results;
  absl::Status status =
      ReadAll([&](Result result) { results.push_back(std::move(result)); });
  if (!status.ok()) {
    return saves ? BackToSavepoint(std::move(status), deadline) : status;
  }
  // Of the preparation, and the description; of the savepoint around them.
  const size_t description = saves ? 2 : 1;
  if (results.size() <= description) {
    link_->Drop();
    return engine::MakeError(ErrorKind::kInternal,
                             "the server did not describe the statement");
  }
  return std::move(results[description]);
}

bool PostgresqlConnection::IsEnum(TypeId type) const {
  const auto found = enums_.find(type);
  return found != enums_.end() && found->second;
}

absl::Status PostgresqlConnection::LookUpEnums(absl::Span<const TypeId> types,
                                               const Deadline& deadline) {
  std::string list;
  for (const TypeId type : types) {
    if (type < kFirstMadeId || enums_.contains(type)) continue;
    absl::StrAppend(&list, list.empty() ? "" : ", ", type);
  }
  if (list.empty()) return absl::OkStatus();
  CUPEL_ASSIGN_OR_RETURN(
      const std::vector<std::string> found,
      SelectTexts(absl::StrCat("SELECT oid FROM pg_catalog.pg_type "
                               "WHERE typtype = 'e' AND oid IN (",
                               list, ")"),
                  deadline));
  for (const TypeId type : types) enums_.emplace(type, false);
  for (const std::string& text : found) {
    TypeId type = kUnspecifiedId;
    if (absl::SimpleAtoi(text, &type)) enums_[type] = true;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<engine::DriverStatement>>
PostgresqlConnection::Prepare(absl::string_view sql, Deadline deadline) {
  auto statement =
      std::make_unique<PostgresqlStatement>(this, std::string(sql));
  CUPEL_RETURN_IF_ERROR(statement->Prepare(deadline));
  return statement;
}

}  // namespace cupel::postgresql_internal
