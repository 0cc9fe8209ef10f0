#include "cupel/engine/driver.h"

#include "cupel/engine/error_info.h"

namespace cupel::engine {
namespace {

absl::Status NoTwoPhaseCommit() {
  return MakeError(ErrorKind::kUnsupported,
                   "the database has no two-phase commit");
}

}  // namespace

absl::Status DriverConnection::PrepareCommit(absl::string_view, Deadline) {
  return NoTwoPhaseCommit();
}

absl::Status DriverConnection::CommitPrepared(absl::string_view, Deadline) {
  return NoTwoPhaseCommit();
}

absl::Status DriverConnection::RollbackPrepared(absl::string_view, Deadline) {
  return NoTwoPhaseCommit();
}

absl::StatusOr<std::vector<std::string>> DriverConnection::PreparedTransactions(
    Deadline) {
  return NoTwoPhaseCommit();
}

absl::StatusOr<CommitOutcome> DriverConnection::ResolveCommit(absl::string_view,
                                                              Deadline) {
  return MakeError(
      ErrorKind::kUnsupported,
      "the database cannot tell what became of a commit: write a row with a "
      "key of your own in the transaction and look for it");
}

}  // namespace cupel::engine
