// Two-phase commit by XA: a transaction that is to be prepared begins by XA
// START in place of START TRANSACTION, and only XA ends it.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/mariadb/connection.h"
#include "cupel/engine/dialects/mariadb/errors.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/utf8.h"
#include "mariadb/mysqld_error.h"

namespace cupel::mariadb_internal {
namespace {

using engine::Deadline;
using engine::ErrorKind;

// A name has two parts of at most so many bytes; ours goes on in the second
// where the first is full.
constexpr size_t kMaxPart = 64;
// The server's default, in all names of ours.
constexpr int kFormat = 1;

// How long the end of a transaction waits for the session that prepared it to
// let go of it: a session that was closed ends a moment later.
constexpr absl::Duration kLetGoTime = absl::Seconds(2);
constexpr absl::Duration kLetGoPause = absl::Milliseconds(5);

// The name as SQL.
absl::StatusOr<std::string> XidOf(absl::string_view id) {
  if (id.empty() || id.size() > 2 * kMaxPart || id.find('\0') != id.npos ||
      engine::FindInvalidUtf8(id) != id.npos) {
    return MakeDriverError(
        ErrorKind::kInvalidValue,
        absl::StrCat("the name of a prepared transaction has 1 to ",
                     2 * kMaxPart, " bytes of UTF-8 without NUL"));
  }
  std::string xid =
      absl::StrCat("X'", absl::BytesToHexString(id.substr(0, kMaxPart)), "'");
  if (id.size() > kMaxPart) {
    absl::StrAppend(&xid, ",X'", absl::BytesToHexString(id.substr(kMaxPart)),
                    "'");
  }
  return xid;
}

}  // namespace

absl::Status MariadbConnection::StartXa(Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(xid_, XidOf(begin_.two_phase_id));
  if (begin_.read_only) {
    CUPEL_RETURN_IF_ERROR(
        RunControl("SET TRANSACTION READ ONLY", Phase::kExecute, deadline));
  }
  absl::Status status =
      RunControl(absl::StrCat("XA START ", xid_), Phase::kExecute, deadline);
  // What was set for it must not be for the next one.
  if (!status.ok()) session_changed_ = true;
  return status;
}

absl::Status MariadbConnection::SendCommit(Deadline deadline) {
  if (!is_xa()) return RunControl("COMMIT", Phase::kCommit, deadline);
  CUPEL_RETURN_IF_ERROR(
      RunControl(absl::StrCat("XA END ", xid_), Phase::kExecute, deadline));
  return RunControl(absl::StrCat("XA COMMIT ", xid_, " ONE PHASE"),
                    Phase::kCommit, deadline);
}

absl::Status MariadbConnection::RollbackXa(Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  // Fails where an error has ended it, or where it has been said before.
  client_.Query(absl::StrCat("XA END ", xid_), deadline);
  return RunControl(absl::StrCat("XA ROLLBACK ", xid_), Phase::kExecute,
                    deadline);
}

bool MariadbConnection::QueryRollback(Deadline deadline) {
  if (is_xa()) client_.Query(absl::StrCat("XA END ", xid_), deadline);
  if (!is_alive()) return false;
  const std::string sql =
      is_xa() ? absl::StrCat("XA ROLLBACK ", xid_) : std::string("ROLLBACK");
  if (client_.Query(sql, deadline)) return true;
  // There is nothing left to be rolled back.
  const unsigned number = client_.error().number;
  return is_alive() && (MayEndTransaction(number) || number == ER_XAER_NOTA);
}

absl::Status MariadbConnection::PrepareCommit(absl::string_view id,
                                              Deadline deadline) {
  if (!is_xa() || begin_.two_phase_id != id) {
    return MakeDriverError(ErrorKind::kMisuse,
                           "the open transaction was not begun to be prepared "
                           "under this name");
  }
  absl::Status status =
      RunControl(absl::StrCat("XA END ", xid_), Phase::kExecute, deadline);
  if (status.ok()) {
    status =
        RunControl(absl::StrCat("XA PREPARE ", xid_), Phase::kCommit, deadline);
  }
  if (!status.ok()) {
    if (in_transaction_) EndTransactionAfterError();
    return status;
  }
  is_prepared_ = true;
  in_transaction_ = false;
  return absl::OkStatus();
}

// Only a session that ends lets go of it unharmed: one that is reset does, too,
// but InnoDB refuses its later writes.
void MariadbConnection::LeavePrepared() {
  if (is_prepared_) Drop();
}

absl::Status MariadbConnection::EndPrepared(absl::string_view verb,
                                            absl::string_view id,
                                            Deadline deadline) {
  CUPEL_ASSIGN_OR_RETURN(const std::string xid, XidOf(id));
  const std::string sql = absl::StrCat(verb, " ", xid);
  const Deadline let_go = Deadline::After(kLetGoTime, deadline.clock());
  const Deadline patience =
      deadline.is_infinite() ? let_go : Deadline::Earlier(deadline, let_go);
  while (true) {
    absl::Status status = RunControl(sql, Phase::kCommit, deadline);
    if (status.ok()) {
      if (is_prepared_ && xid == xid_) is_prepared_ = false;
      return status;
    }
    const auto info = engine::GetErrorInfo(status);
    if (!info || info->native_code != absl::StrCat(ER_XAER_NOTA)) return status;
    CUPEL_ASSIGN_OR_RETURN(const std::vector<std::string> prepared,
                           PreparedTransactions(deadline));
    if (std::find(prepared.begin(), prepared.end(), id) == prepared.end()) {
      return status;
    }
    if (patience.Remaining() <= kLetGoPause) {
      engine::ErrorInfo busy = *info;
      busy.kind = ErrorKind::kBusy;
      busy.retry = engine::Retry::kAfterBackoff;
      return engine::MakeError(
          std::move(busy),
          "the session that has prepared the transaction still holds it: end "
          "it there, or close that connection");
    }
    deadline.clock().Sleep(kLetGoPause);
  }
}

absl::Status MariadbConnection::CommitPrepared(absl::string_view id,
                                               Deadline deadline) {
  return EndPrepared("XA COMMIT", id, deadline);
}

absl::Status MariadbConnection::RollbackPrepared(absl::string_view id,
                                                 Deadline deadline) {
  return EndPrepared("XA ROLLBACK", id, deadline);
}

absl::StatusOr<std::vector<std::string>>
MariadbConnection::PreparedTransactions(Deadline deadline) {
  CUPEL_RETURN_IF_ERROR(BeReady(deadline));
  CUPEL_ASSIGN_OR_RETURN(const auto rows,
                         ReadRows("XA RECOVER", Phase::kExecute, deadline));
  std::vector<std::string> names;
  for (const std::vector<std::string>& row : rows) {
    // Format, sizes of the two parts, and both parts. Others use XA, too.
    size_t first = 0;
    size_t second = 0;
    if (row.size() != 4 || row[0] != absl::StrCat(kFormat) ||
        !absl::SimpleAtoi(row[1], &first) ||
        !absl::SimpleAtoi(row[2], &second)) {
      continue;
    }
    if (second == 0 || first == kMaxPart) names.push_back(row[3]);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace cupel::mariadb_internal
