// Renders the statements that create, alter and drop the elements of a schema.
//
//   DdlCompiler compiler(dialect, &metadata);
//   CUPEL_ASSIGN_OR_RETURN(std::string sql, compiler.CreateTable(*table));
//
// All text passes the dialect's hooks: identifiers, type names, literals. What
// the dialect lacks is kUnimplemented, naming the element.

#ifndef CUPEL_SCHEMA_DDL_COMPILER_H_
#define CUPEL_SCHEMA_DDL_COMPILER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::engine {
class Dialect;
}  // namespace cupel::engine

namespace cupel::schema {

class MetaData;

struct CreateTableOptions {
  bool if_not_exists = false;
  // Foreign keys to leave out, to be added by AddConstraint().
  absl::Span<const ForeignKey* const> without;
};

// Immutable, refers to its dialect and MetaData; cheap to make. Thread-safe.
class DdlCompiler {
 public:
  // `metadata` names constraints and finds referred tables; without it names
  // follow the default convention, and a foreign key by name is rendered as
  // given.
  explicit DdlCompiler(const engine::Dialect& dialect,
                       const MetaData* metadata = nullptr)
      : dialect_(dialect), metadata_(metadata) {}

  absl::StatusOr<std::string> CreateTable(
      const Table& table, const CreateTableOptions& options = {}) const;
  absl::StatusOr<std::string> DropTable(const Table& table,
                                        bool if_exists = false) const;
  // Deletes all rows.
  absl::StatusOr<std::string> EmptyTable(const Table& table) const;

  // The column as it stands in CREATE TABLE.
  absl::StatusOr<std::string> ColumnText(const Column& column) const;
  absl::StatusOr<std::string> AddColumn(const Column& column) const;
  absl::StatusOr<std::string> DropColumn(const Column& column) const;

  // The constraint as it stands in CREATE TABLE; "" when the dialect needs none
  // (the check of an enum that is a type of the database).
  absl::StatusOr<std::string> ConstraintText(
      const Constraint& constraint) const;
  absl::StatusOr<std::string> AddConstraint(const Constraint& constraint) const;
  // Errors: kFailedPrecondition when the constraint has no name.
  absl::StatusOr<std::string> DropConstraint(
      const Constraint& constraint) const;

  absl::StatusOr<std::string> CreateIndex(const Index& index,
                                          bool if_not_exists = false) const;
  absl::StatusOr<std::string> DropIndex(const Index& index,
                                        bool if_exists = false) const;

  absl::StatusOr<std::string> CreateSchema(absl::string_view name,
                                           bool if_not_exists = false) const;
  absl::StatusOr<std::string> DropSchema(absl::string_view name,
                                         bool if_exists = false) const;

  absl::StatusOr<std::string> CreateSequence(const Sequence& sequence,
                                             bool if_not_exists = false) const;
  absl::StatusOr<std::string> DropSequence(const Sequence& sequence,
                                           bool if_exists = false) const;
  // The expression that takes its next value.
  absl::StatusOr<std::string> NextValue(const Sequence& sequence) const;

  // `query` is the text of a SELECT.
  absl::StatusOr<std::string> CreateView(absl::string_view schema,
                                         absl::string_view name,
                                         const SqlFragment& query,
                                         bool if_not_exists = false) const;
  absl::StatusOr<std::string> DropView(absl::string_view schema,
                                       absl::string_view name,
                                       bool if_exists = false) const;

  // COMMENT ON statements for the table, its columns and constraints; none
  // where the dialect has no comments or has them in CREATE TABLE.
  absl::StatusOr<std::vector<std::string>> Comments(const Table& table) const;

  // The names that the database gets, shortened to its limit; "" for none.
  //
  // Errors: kInvalidArgument when a given name is too long.
  absl::StatusOr<std::string> NameOf(const Constraint& constraint) const;
  absl::StatusOr<std::string> NameOf(const Index& index) const;

 private:
  absl::Status AppendName(absl::string_view name, std::string* out) const;
  absl::Status AppendQualified(absl::string_view schema, absl::string_view name,
                               std::string* out) const;
  absl::Status AppendTable(const Table& table, std::string* out) const;
  absl::Status AppendColumnNames(absl::Span<const Column* const> columns,
                                 std::string* out) const;
  absl::Status AppendConstraintName(const Constraint& constraint,
                                    std::string* out) const;

  // Column by clause.
  absl::StatusOr<std::string> ColumnType(const Column& column) const;
  absl::Status AppendDefault(const Column& column, std::string* out) const;
  absl::Status AppendComputed(const Column& column, std::string* out) const;
  absl::Status AppendGenerated(const Column& column, std::string* out) const;
  bool HasInlinePrimaryKey(const Column& column) const;

  // Constraint by kind.
  absl::Status AppendPrimaryKey(const PrimaryKey& key, std::string* out) const;
  absl::Status AppendExclude(const Exclude& exclude, std::string* out) const;
  absl::Status AppendUnique(const Unique& unique, std::string* out) const;
  absl::Status AppendForeignKey(const ForeignKey& key, std::string* out) const;
  absl::Status AppendReferredTable(const ForeignKey& key,
                                   std::string* out) const;
  absl::Status AppendDeferrable(Deferrable deferrable, const Table& table,
                                std::string* out) const;
  absl::Status AppendOnConflict(OnConflict on_conflict, const Table& table,
                                std::string* out) const;

  absl::Status AppendIndexPart(const Index& index, size_t part,
                               std::string* out) const;
  absl::Status AppendTableOptions(const Table& table, std::string* out) const;
  absl::Status AppendDefaultTableOptions(const Table& table,
                                         std::string* out) const;
  absl::StatusOr<std::string> DialectOptionText(
      const DialectOption& option) const;
  absl::Status CheckComment(absl::string_view comment) const;
  absl::Status AppendInlineComment(absl::string_view words,
                                   absl::string_view comment,
                                   std::string* out) const;
  absl::Status AppendComment(absl::string_view object, absl::string_view name,
                             absl::string_view comment,
                             std::vector<std::string>* out) const;

  const engine::Dialect& dialect_;
  const MetaData* metadata_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_DDL_COMPILER_H_
