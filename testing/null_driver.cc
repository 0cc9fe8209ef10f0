#include "cupel/testing/null_driver.h"

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace cupel::testing {
namespace {

using engine::BatchSink;
using engine::BatchSource;
using engine::Canceller;
using engine::ColumnInfo;
using engine::Deadline;
using engine::DriverConnection;
using engine::DriverStatement;
using engine::ValueView;

class NullStatement : public DriverStatement {
 public:
  int parameter_count() const override { return 0; }
  absl::Span<const ColumnInfo> columns() const override { return {}; }
  absl::Status Execute(absl::Span<const ValueView>, Deadline) override {
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Next(Deadline) override { return false; }
  absl::Span<const ValueView> row() const override { return {}; }
  engine::ExecuteResult result() const override { return {}; }
  void Reset() override {}
  absl::Status ExecuteBatch(BatchSource&, BatchSink*, Deadline) override {
    return absl::OkStatus();
  }
};

class NullCanceller : public Canceller {
 public:
  void Cancel() override {}
};

class NullConnection : public DriverConnection {
 public:
  absl::StatusOr<std::unique_ptr<DriverStatement>> Prepare(absl::string_view,
                                                           Deadline) override {
    return std::make_unique<NullStatement>();
  }
  absl::Status ExecuteSimple(absl::string_view, Deadline) override {
    return absl::OkStatus();
  }
  absl::Status Begin(const engine::TransactionOptions&, Deadline) override {
    in_transaction_ = true;
    return absl::OkStatus();
  }
  absl::Status Commit(Deadline) override { return End(); }
  absl::Status Rollback(Deadline) override { return End(); }
  bool in_transaction() const override { return in_transaction_; }
  absl::Status Ping(Deadline) override { return absl::OkStatus(); }
  absl::Status Reset(Deadline) override { return absl::OkStatus(); }
  std::unique_ptr<Canceller> canceller() override {
    return std::make_unique<NullCanceller>();
  }
  bool is_alive() const override { return true; }
  void Close() override {}
  void Abandon() override {}
  void* native_handle() override { return nullptr; }

 private:
  absl::Status End() {
    in_transaction_ = false;
    return absl::OkStatus();
  }

  bool in_transaction_ = false;
};

class NullDriver : public engine::Driver {
 public:
  absl::StatusOr<std::unique_ptr<DriverConnection>> Open(
      const engine::Url&, const engine::ConnectOptions&, Deadline) override {
    return std::make_unique<NullConnection>();
  }
};

class NullDialectClass : public engine::Dialect {
 public:
  NullDialectClass()
      : Dialect("null", engine::Capabilities(), engine::Syntax()) {}
  engine::Driver& driver() const override { return driver_; }
  // Nothing here reflects.
  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return nullptr;
  }

 private:
  mutable NullDriver driver_;
};

}  // namespace

std::shared_ptr<const engine::Dialect> NullDialect() {
  return std::make_shared<NullDialectClass>();
}

}  // namespace cupel::testing
