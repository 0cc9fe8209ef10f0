// The table that a foreign key points to: given by name, or by a function for a
// table that is defined elsewhere and perhaps later.
//
//   TableReference("user")            // in the referring table's schema
//   TableReference("app", "user")     // in schema "app"
//   TableReference(&UserTable)        // const Table& UserTable();

#ifndef CUPEL_SCHEMA_TABLE_REFERENCE_H_
#define CUPEL_SCHEMA_TABLE_REFERENCE_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace cupel::schema {

class Table;

// Immutable.
class TableReference {
 public:
  using Getter = std::function<const Table&()>;

  // Refers to nothing; a foreign key with it is refused.
  TableReference() = default;

  // The table `name` in the schema of the referring table.
  TableReference(const char* name) : name_(name) {}  // NOLINT: implicit
  TableReference(std::string name) : name_(std::move(name)) {}  // NOLINT

  // The table `name` in `schema`.
  TableReference(std::string schema, std::string name)
      : schema_(std::move(schema)), name_(std::move(name)) {}

  // The table that `getter` returns, which must outlive all users. It is not
  // called while tables are built, so tables may refer to each other.
  TableReference(Getter getter) : getter_(std::move(getter)) {}  // NOLINT
  TableReference(const Table& (*getter)()) : getter_(getter) {}  // NOLINT

  bool empty() const { return name_.empty() && getter_ == nullptr; }
  bool by_name() const { return getter_ == nullptr; }

  // Schema and name as given; both empty when not by_name(). An empty schema
  // stands for the referring table's.
  const std::string& schema() const { return schema_; }
  const std::string& name() const { return name_; }

  // The table when it is known without a MetaData, else null.
  const Table* table() const { return getter_ ? &getter_() : nullptr; }

 private:
  std::string schema_;
  std::string name_;
  Getter getter_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_TABLE_REFERENCE_H_
