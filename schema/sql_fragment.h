// A piece of SQL inside a table's definition: a DEFAULT, the condition of a
// CHECK, an index expression, a partial index's WHERE, a computed column.
//
// It is one of
//   - a literal: a typed value, which the dialect's literal writer quotes;
//   - raw text, only where the program says so by name: SqlFragment::Text();
//   - a renderer: a function of the dialect, called when DDL is made. Typed
//     expressions of higher layers become fragments this way.
//
//   SqlFragment::Literal(engine::String(10), engine::Value::Text("it's"))
//   SqlFragment::Text("CURRENT_TIMESTAMP")

#ifndef CUPEL_SCHEMA_SQL_FRAGMENT_H_
#define CUPEL_SCHEMA_SQL_FRAGMENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/type.h"
#include "cupel/engine/value.h"

namespace cupel::engine {
class Dialect;
}  // namespace cupel::engine

namespace cupel::schema {

// Immutable after construction; copies share their content. Threads: a renderer
// may be called from several threads at once.
class SqlFragment {
 public:
  using Renderer =
      std::function<absl::StatusOr<std::string>(const engine::Dialect&)>;

  struct LiteralValue {
    engine::Type type;
    engine::Value value;
  };

  // No SQL at all: "there is no default".
  SqlFragment() = default;

  // `sql` is put into statements as it is. Never build it from untrusted data.
  static SqlFragment Text(std::string sql);

  // `value` as a literal of `type`, written by the dialect.
  static SqlFragment Literal(engine::Type type, engine::Value value);

  // What `renderer` returns for the dialect at hand, put into statements as it
  // is. Its error becomes the error of the statement.
  static SqlFragment Rendered(Renderer renderer);

  bool empty() const { return content_ == nullptr; }

  // The raw text, or null when this is not a text fragment.
  const std::string* text() const;

  // The literal, or null when this is not one.
  const LiteralValue* literal() const;

  // The SQL for `dialect`; an empty string for an empty fragment.
  //
  // Errors: what the dialect's literal writer or the renderer reports.
  absl::StatusOr<std::string> Render(const engine::Dialect& dialect) const;

 private:
  struct Content;

  explicit SqlFragment(Content content);

  std::shared_ptr<const Content> content_;  // null: empty
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_SQL_FRAGMENT_H_
