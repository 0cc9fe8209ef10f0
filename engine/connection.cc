#include "cupel/engine/connection.h"

#include <memory>
#include <stop_token>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/transaction.h"

namespace cupel::engine {

Connection::Connection(std::unique_ptr<ConnectionCore> core)
    : core_(std::move(core)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

absl::StatusOr<Statement*> Connection::Prepare(absl::string_view sql) {
  return core_->Prepare(sql);
}

absl::StatusOr<Cursor> Connection::Query(absl::string_view sql,
                                         absl::Span<const ValueView> parameters,
                                         Location origin) {
  return core_->Query(sql, parameters, origin);
}

absl::StatusOr<ExecuteResult> Connection::Execute(
    absl::string_view sql, absl::Span<const ValueView> parameters,
    Location origin) {
  return core_->Execute(sql, parameters, origin);
}

absl::Status Connection::ExecuteBatch(absl::string_view sql, BatchSource& rows,
                                      BatchSink* sink, Location origin) {
  return core_->ExecuteBatch(sql, rows, sink, origin);
}

absl::Status Connection::Begin(const TransactionOptions& options) {
  return core_->Begin(options);
}

absl::Status Connection::Commit() { return core_->Commit(); }

absl::Status Connection::Rollback() { return core_->Rollback(); }

absl::Status Connection::PrepareCommit() { return core_->PrepareCommit(); }

absl::StatusOr<Transaction> Connection::BeginTransaction(
    const TransactionOptions& options) {
  return core_->BeginTransaction(options);
}

absl::StatusOr<Transaction> Connection::BeginTransaction() {
  return core_->BeginTransaction(core_->transaction_options());
}

absl::StatusOr<Savepoint> Connection::BeginNested() {
  return core_->BeginNested();
}

bool Connection::in_transaction() const { return core_->in_transaction(); }

bool Connection::may_have_written() const { return core_->may_have_written(); }

bool Connection::in_nested_transaction() const {
  return core_->savepoint_depth() > 0;
}

int Connection::savepoint_depth() const { return core_->savepoint_depth(); }

bool Connection::is_poisoned() const { return core_->is_poisoned(); }

absl::Status Connection::poisoning_error() const {
  return core_->poisoning_error();
}

const TransactionOptions& Connection::transaction_options() const {
  return core_->transaction_options();
}

absl::Status Connection::set_transaction_options(
    const TransactionOptions& options) {
  return core_->set_transaction_options(options);
}

void Connection::set_deadline(Deadline deadline) {
  core_->set_deadline(deadline);
}

Deadline Connection::deadline() const { return core_->deadline(); }

void Connection::set_stop_token(std::stop_token token) {
  core_->set_stop_token(std::move(token));
}

void Connection::set_logging_token(absl::string_view token) {
  core_->set_logging_token(token);
}

const ExecutionOptions& Connection::options() const { return core_->options(); }

void Connection::set_options(const ExecutionOptions& options) {
  core_->set_options(options);
}

void Connection::Invalidate(absl::string_view reason) {
  core_->Invalidate(reason);
}

void Connection::Detach() { core_->Detach(); }

bool Connection::is_open() const { return core_->is_open(); }

uint64_t Connection::id() const { return core_->entry().id; }

ConnectionInfo& Connection::info() { return core_->entry().info; }

void* Connection::native_handle() {
  PoolEntry& entry = core_->entry();
  return entry.driver == nullptr ? nullptr : entry.driver->native_handle();
}

const Dialect& Connection::dialect() const { return *core_->engine()->dialect; }

}  // namespace cupel::engine
