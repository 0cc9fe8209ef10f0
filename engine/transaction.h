// Scopes of a transaction and of a savepoint: they roll back when they end
// without Commit().
//
//   CUPEL_ASSIGN_OR_RETURN(Transaction transaction,
//                          connection.BeginTransaction());
//   CUPEL_RETURN_IF_ERROR(connection.Execute("...").status());  // rolls back
//   return transaction.Commit();

#ifndef CUPEL_ENGINE_TRANSACTION_H_
#define CUPEL_ENGINE_TRANSACTION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "cupel/engine/attachment.h"

namespace cupel::engine {

// Movable; confined to its connection, which it may outlive: then it has
// ended. Ended scopes do nothing in their destructor.
class Transaction : private Attachment {
 public:
  Transaction(Transaction&&) noexcept = default;
  Transaction& operator=(Transaction&& other) noexcept;
  // Rolls back unless it has ended. An error closes the connection.
  ~Transaction();

  // As of Connection. kFailedPrecondition when the scope has ended.
  absl::Status Commit();
  // OK when it has ended.
  absl::Status Rollback();

  // Still open: neither committed nor rolled back, here or on the connection.
  bool is_active() const;

 private:
  friend class ConnectionCore;
  Transaction(ConnectionCore* core, uint64_t serial);

  uint64_t serial_ = 0;
};

// Movable; confined to its connection. Savepoints nest: ending one ends those
// set after it.
class Savepoint : private Attachment {
 public:
  Savepoint(Savepoint&&) noexcept = default;
  Savepoint& operator=(Savepoint&& other) noexcept;
  // Rolls back to it unless it has ended.
  ~Savepoint();

  // Keeps the work done since, as part of the enclosing transaction. Errors:
  // kFailedPrecondition (kTransactionPoisoned) when a statement has failed
  // since: roll back instead; kMisuse when it has ended.
  absl::Status Commit();

  // Undoes the work done since, and heals the transaction from an error that
  // came since. OK when the savepoint or the whole transaction has ended
  // already. Errors: kTransactionPoisoned when the database has ended the whole
  // transaction.
  absl::Status Rollback();

  bool is_active() const;

  // "cupel_savepoint_1": the name says how deep it is nested, so savepoints
  // that follow one another share theirs, and their prepared statements.
  std::string name() const;

 private:
  friend class ConnectionCore;
  Savepoint(ConnectionCore* core, uint64_t serial, int number, int depth);

  // The name of savepoints `depth` levels deep.
  static std::string NameAt(int depth);

  uint64_t serial_ = 0;
  int number_ = 0;
  int depth_ = 0;
};

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_TRANSACTION_H_
