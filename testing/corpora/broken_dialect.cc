#include "cupel/testing/corpora/broken_dialect.h"

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/testing/dialects/default_dialect.h"

namespace cupel::testing {
namespace {

using engine::BatchSink;
using engine::BatchSource;
using engine::Deadline;
using engine::DriverConnection;
using engine::DriverStatement;
using engine::ValueKind;
using engine::ValueView;
using Parameters = absl::Span<const ValueView>;

bool IsText(const ValueView& value) {
  return value.kind() == ValueKind::kText || value.kind() == ValueKind::kJson;
}

// `sql` with its placeholders replaced; those in quotes are none.
std::string Inlined(absl::string_view sql, const std::vector<std::string>& by) {
  std::string out;
  char quote = 0;
  size_t next = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    const bool marks = quote == 0 && (c == '?' || c == '$');
    if (quote == c) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"' || c == '`')) {
      quote = c;
    }
    if (!marks) {
      out.push_back(c);
      continue;
    }
    size_t end = i + 1;
    while (end < sql.size() && absl::ascii_isdigit(sql[end])) ++end;
    size_t number = 0;
    if (!absl::SimpleAtoi(sql.substr(i + 1, end - i - 1), &number)) {
      number = ++next;
    }
    if (number <= by.size()) absl::StrAppend(&out, by[number - 1]);
    i = end - 1;
  }
  return out;
}

class BrokenStatement final : public DriverStatement {
 public:
  BrokenStatement(std::unique_ptr<DriverStatement> base,
                  DriverConnection& connection, absl::string_view sql,
                  const engine::Dialect& dialect, const Breakage& breakage)
      : base_(std::move(base)),
        connection_(connection),
        sql_(sql),
        dialect_(dialect),
        breakage_(breakage),
        parameter_count_(base_->parameter_count()) {}

  int parameter_count() const override { return parameter_count_; }
  absl::Span<const engine::ColumnInfo> columns() const override {
    return running().columns();
  }
  absl::Status Execute(Parameters parameters, Deadline deadline) override {
    if (breakage_.literal) return ExecuteInlined(parameters, deadline);
    Break(parameters);
    return base_->Execute(broken_, deadline);
  }
  absl::StatusOr<bool> Next(Deadline deadline) override {
    return running().Next(deadline);
  }
  Parameters row() const override { return running().row(); }
  engine::ExecuteResult result() const override { return running().result(); }
  void Reset() override { running().Reset(); }
  absl::Status ExecuteBatch(BatchSource& rows, BatchSink* sink,
                            Deadline deadline) override {
    return base_->ExecuteBatch(rows, sink, deadline);
  }

 private:
  // Views of texts that stay until the next execution.
  void Break(Parameters parameters) {
    broken_.assign(parameters.begin(), parameters.end());
    texts_.assign(parameters.size(), "");
    if (!breakage_.parameter) return;
    for (size_t i = 0; i < broken_.size(); ++i) {
      if (!IsText(broken_[i])) continue;
      texts_[i] = breakage_.parameter(broken_[i].bytes());
      broken_[i] = ValueView::Text(texts_[i]);
    }
  }
  absl::Status ExecuteInlined(Parameters parameters, Deadline deadline) {
    std::vector<std::string> literals;
    for (const ValueView& value : parameters) {
      literals.emplace_back();
      if (IsText(value)) {
        literals.back() = breakage_.literal(value.bytes());
      } else {
        CUPEL_RETURN_IF_ERROR(
            dialect_.AppendLiteral(engine::Type(), value, &literals.back()));
      }
    }
    inlined_ = nullptr;
    CUPEL_ASSIGN_OR_RETURN(
        inlined_, connection_.Prepare(Inlined(sql_, literals), deadline));
    return inlined_->Execute({}, deadline);
  }
  DriverStatement& running() const {
    return inlined_ != nullptr ? *inlined_ : *base_;
  }

  const std::unique_ptr<DriverStatement> base_;
  std::unique_ptr<DriverStatement> inlined_;
  DriverConnection& connection_;
  const std::string sql_;
  const engine::Dialect& dialect_;
  const Breakage& breakage_;
  const int parameter_count_;
  std::vector<std::string> texts_;
  std::vector<ValueView> broken_;
};

class BrokenConnection final : public DriverConnection {
 public:
  BrokenConnection(std::unique_ptr<DriverConnection> base,
                   const engine::Dialect& dialect, const Breakage& breakage)
      : base_(std::move(base)), dialect_(dialect), breakage_(breakage) {}

  absl::StatusOr<std::unique_ptr<DriverStatement>> Prepare(
      absl::string_view sql, Deadline deadline) override {
    const std::string broken =
        breakage_.sql ? breakage_.sql(sql) : std::string(sql);
    CUPEL_ASSIGN_OR_RETURN(auto statement, base_->Prepare(broken, deadline));
    return std::make_unique<BrokenStatement>(std::move(statement), *base_,
                                             broken, dialect_, breakage_);
  }
  absl::Status ExecuteSimple(absl::string_view sql,
                             Deadline deadline) override {
    return base_->ExecuteSimple(sql, deadline);
  }
  absl::Status Begin(const engine::TransactionOptions& options,
                     Deadline deadline) override {
    return base_->Begin(options, deadline);
  }
  absl::Status Commit(Deadline deadline) override {
    return base_->Commit(deadline);
  }
  absl::Status Rollback(Deadline deadline) override {
    return base_->Rollback(deadline);
  }
  bool in_transaction() const override { return base_->in_transaction(); }
  absl::Status Ping(Deadline deadline) override {
    return base_->Ping(deadline);
  }
  absl::Status Reset(Deadline deadline) override {
    return base_->Reset(deadline);
  }
  std::unique_ptr<engine::Canceller> canceller() override {
    return base_->canceller();
  }
  bool is_alive() const override { return base_->is_alive(); }
  void Close() override { base_->Close(); }
  void Abandon() override { base_->Abandon(); }
  void* native_handle() override { return base_->native_handle(); }

 private:
  const std::unique_ptr<DriverConnection> base_;
  const engine::Dialect& dialect_;
  const Breakage& breakage_;
};

class Broken final : public engine::Dialect, private engine::Driver {
 public:
  Broken(std::shared_ptr<const engine::Dialect> base, Breakage breakage)
      : Dialect(base->name(), base->capabilities(), base->syntax()),
        base_(std::move(base)),
        breakage_(std::move(breakage)) {}

  engine::Driver& driver() const override { return const_cast<Broken&>(*this); }
  absl::StatusOr<std::string> TypeName(
      const engine::Type& type,
      const engine::TypeContext& context) const override {
    return base_->TypeName(type, context);
  }
  absl::StatusOr<engine::Type> ParseTypeName(
      absl::string_view declared) const override {
    return base_->ParseTypeName(declared);
  }
  const engine::Codec* CodecFor(const engine::Type& type) const override {
    return base_->CodecFor(type);
  }
  absl::Status AppendLiteral(const engine::Type& type, const ValueView& logical,
                             std::string* out) const override {
    if (breakage_.ddl_literal && IsText(logical)) {
      absl::StrAppend(out, breakage_.ddl_literal(logical.bytes()));
      return absl::OkStatus();
    }
    if (breakage_.bare_negatives && logical.kind() == ValueKind::kInt64) {
      absl::StrAppend(out, logical.int64_value());
      return absl::OkStatus();
    }
    return base_->AppendLiteral(type, logical, out);
  }
  absl::StatusOr<std::string> CreateEnum(
      absl::string_view schema, const engine::Type& type) const override {
    return base_->CreateEnum(schema, type);
  }
  absl::StatusOr<std::string> DropEnum(
      absl::string_view schema, const engine::Type& type) const override {
    return base_->DropEnum(schema, type);
  }
  std::unique_ptr<engine::Catalog> MakeCatalog() const override {
    return base_->MakeCatalog();
  }

 private:
  absl::StatusOr<std::unique_ptr<DriverConnection>> Open(
      const engine::Url& url, const engine::ConnectOptions& options,
      Deadline deadline) override {
    CUPEL_ASSIGN_OR_RETURN(auto connection,
                           base_->driver().Open(url, options, deadline));
    if (!breakage_.on_connect.empty()) {
      CUPEL_RETURN_IF_ERROR(
          connection->ExecuteSimple(breakage_.on_connect, deadline));
    }
    return std::make_unique<BrokenConnection>(std::move(connection), *base_,
                                              breakage_);
  }

  const std::shared_ptr<const engine::Dialect> base_;
  const Breakage breakage_;
};

}  // namespace

std::shared_ptr<const engine::Dialect> BrokenDialect(Breakage breakage) {
  return std::make_shared<Broken>(DefaultDialect(), std::move(breakage));
}

}  // namespace cupel::testing
