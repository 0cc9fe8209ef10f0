#include "cupel/engine/transaction.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/connection_core.h"
#include "cupel/engine/error_info.h"

namespace cupel::engine {

Transaction::Transaction(ConnectionCore* core, uint64_t serial)
    : serial_(serial) {
  AttachTo(core, &core->scopes_);
}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this == &other) return *this;
  Rollback().IgnoreError();
  Attachment::operator=(std::move(other));
  serial_ = other.serial_;
  return *this;
}

Transaction::~Transaction() { Rollback().IgnoreError(); }

bool Transaction::is_active() const {
  return core() != nullptr && core()->in_transaction() &&
         core()->serial() == serial_;
}

absl::Status Transaction::Commit() {
  if (!is_active()) {
    return MakeError(ErrorKind::kMisuse,
                     "the transaction has ended: it was committed or rolled "
                     "back already, or its connection was returned");
  }
  return core()->Commit();
}

absl::Status Transaction::Rollback() {
  return is_active() ? core()->Rollback() : absl::OkStatus();
}

std::string Savepoint::NameAt(int depth) {
  return absl::StrCat("cupel_savepoint_", depth);
}

Savepoint::Savepoint(ConnectionCore* core, uint64_t serial, int number,
                     int depth)
    : serial_(serial), number_(number), depth_(depth) {
  AttachTo(core, &core->scopes_);
}

Savepoint& Savepoint::operator=(Savepoint&& other) noexcept {
  if (this == &other) return *this;
  Rollback().IgnoreError();
  Attachment::operator=(std::move(other));
  serial_ = other.serial_;
  number_ = other.number_;
  depth_ = other.depth_;
  return *this;
}

Savepoint::~Savepoint() { Rollback().IgnoreError(); }

bool Savepoint::is_active() const {
  return core() != nullptr && core()->in_transaction() &&
         core()->serial() == serial_ && core()->SavepointDepth(number_) > 0;
}

absl::Status Savepoint::Commit() {
  if (core() != nullptr && core()->serial() == serial_) {
    return core()->ReleaseSavepoint(number_);
  }
  return MakeError(ErrorKind::kMisuse,
                   "the savepoint's transaction has ended already");
}

absl::Status Savepoint::Rollback() {
  return is_active() ? core()->RollbackToSavepoint(number_) : absl::OkStatus();
}

std::string Savepoint::name() const { return NameAt(depth_); }

}  // namespace cupel::engine
