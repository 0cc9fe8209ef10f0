// Values that the program supplies for a column that a statement leaves out:
// `Column::client_default` for INSERT, `Column::client_on_update` for UPDATE.
// This header holds the data and the calling convention; the layer that builds
// INSERT and UPDATE statements calls it.
//
//   {.name = "id", .type = engine::UuidType(),
//    .client_default = ClientDefault::Function([] {
//      return engine::Value::Uuid(engine::Uuid::Random());
//    })}

#ifndef CUPEL_SCHEMA_CLIENT_DEFAULT_H_
#define CUPEL_SCHEMA_CLIENT_DEFAULT_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "cupel/engine/value.h"
#include "cupel/schema/sql_fragment.h"

namespace cupel::schema {

class Column;

// What a context function sees of the row that is being written.
class DefaultContext {
 public:
  virtual ~DefaultContext() = default;

  // The column whose value is asked for; its table is column().table().
  virtual const Column& column() const = 0;

  // The logical value given for `column` in this row, or nullopt when the
  // statement leaves it out (its own default may not have run yet: defaults run
  // in the order of the table's columns). The view lives until the function
  // returns.
  virtual std::optional<engine::ValueView> Parameter(
      const Column& column) const = 0;

  // True in an UPDATE, false in an INSERT.
  virtual bool is_update() const = 0;
};

// Immutable; copies share their content. Its functions may be called from
// several threads at once.
class ClientDefault {
 public:
  using ValueFunction = std::function<engine::Value()>;
  using ContextFunction =
      std::function<absl::StatusOr<engine::Value>(const DefaultContext&)>;

  // There is no default.
  ClientDefault() = default;

  // The same value for every row.
  static ClientDefault Constant(engine::Value value);

  // Called once for each row; returns a logical value of the column's type.
  static ClientDefault Function(ValueFunction function);

  // Called once for each row with what is known of it; may fail, which fails
  // the statement before it is sent.
  static ClientDefault WithContext(ContextFunction function);

  // SQL that stands in the statement in place of a bound value.
  static ClientDefault Sql(SqlFragment sql);

  bool empty() const { return content_ == nullptr; }

  // The SQL, or null when the default is a value that Evaluate() gives.
  const SqlFragment* sql() const;

  // The value for one row.
  //
  // Requires: not empty() and no sql().
  // Errors: kFailedPrecondition if that is violated; what the function reports.
  absl::StatusOr<engine::Value> Evaluate(const DefaultContext& context) const;

 private:
  struct Content;

  explicit ClientDefault(Content content);

  std::shared_ptr<const Content> content_;  // null: empty
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_CLIENT_DEFAULT_H_
