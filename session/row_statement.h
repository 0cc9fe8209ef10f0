// RowStatement: an INSERT, UPDATE or DELETE of the rows of one table in the
// making: which columns take, or must have, which values of a row.

#ifndef CUPEL_SESSION_ROW_STATEMENT_H_
#define CUPEL_SESSION_ROW_STATEMENT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_type.h"
#include "cupel/session/row_value.h"

namespace cupel::session {

// Confined to one flush.
class RowStatement {
 public:
  enum class Verb : uint8_t { kInsert, kUpdate, kDelete };

  RowStatement(Verb verb, const schema::Table& table)
      : verb_(verb), table_(table) {}

  void Set(const schema::Column& column, const RowValue& value) {
    set_.push_back({&column, value});
  }
  void Set(const schema::Column& column, const query::Expr& expression) {
    expressions_.push_back({query::ColumnOf(column), expression});
  }
  void Where(const schema::Column& column, const RowValue& value) {
    where_.push_back({&column, value});
  }
  // The row of a level by the entity's key.
  void WhereKey(const EntityType& type, int level, RowValue::From from);
  void Return(const schema::Column& column) {
    returned_.push_back(query::ColumnOf(column));
  }
  // Columns that an UPDATE sets by itself stay as they are.
  void WithoutOnUpdate() { on_update_ = false; }

  Verb verb() const { return verb_; }
  // Whether no column is set.
  bool sets_nothing() const { return set_.empty() && expressions_.empty(); }
  // Whether SQL expressions are among what is set. The statement is then of one
  // row alone, whose values stand in it: see Build().
  bool is_of_one_row() const { return !expressions_.empty(); }

  // The parameters in the canonical order of the statement.
  std::vector<RowValue> values() const;
  // The statement with parameters, or with the values of `row`, if given.
  absl::StatusOr<query::Statement> Build(const BatchRow* row) const;

 private:
  struct Part {
    const schema::Column* column;
    RowValue value;
  };

  static absl::StatusOr<query::Expr> Value(const Part& part,
                                           const BatchRow* row);

  Verb verb_;
  const schema::Table& table_;
  std::vector<Part> set_;
  std::vector<query::Assignment> expressions_;
  std::vector<Part> where_;
  std::vector<query::Expr> returned_;
  bool on_update_ = true;
};

// The column of a level's table that holds the type's key column `k`.
inline const schema::Column& KeyColumn(const EntityType& type, int level,
                                       size_t k) {
  return *type.levels()[static_cast<size_t>(level)].key[k];
}
inline int LevelCount(const EntityType& type) {
  return static_cast<int>(type.levels().size());
}
inline const schema::Table& TableAt(const EntityType& type, int level) {
  return *type.levels()[static_cast<size_t>(level)].table;
}
inline int PropertyCount(const EntityType& type) {
  return static_cast<int>(type.properties().size());
}

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ROW_STATEMENT_H_
