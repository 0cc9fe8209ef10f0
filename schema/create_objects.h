// Enum types and sequences that CreateAll() and DropAll() make and drop beside
// tables.

#ifndef CUPEL_SCHEMA_CREATE_OBJECTS_H_
#define CUPEL_SCHEMA_CREATE_OBJECTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/type.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::schema_internal {

absl::Status Execute(engine::Connection& connection, absl::string_view sql);
absl::Status ExecuteRendered(engine::Connection& connection,
                             const absl::StatusOr<std::string>& sql);

// Adds the enum types of a table's columns that are objects of the database,
// each once.
void AddEnums(const schema::Table& table, const engine::Dialect& dialect,
              std::vector<engine::Type>* types);

// Creates the enum types of `tables`; with `check_first` those that are
// missing.
absl::Status CreateEnums(engine::Connection& connection,
                         absl::Span<const schema::Table* const> tables,
                         bool check_first);

// Drops the enum types of tables that are gone, but for those that others have.
absl::Status DropEnums(engine::Connection& connection,
                       absl::Span<const schema::Table* const> gone,
                       absl::Span<const schema::Table* const> all);

// Creates `sequences`; with `check_first` those that are missing.
absl::Status CreateSequences(
    engine::Connection& connection, const schema::DdlCompiler& compiler,
    absl::Span<const schema::Sequence* const> sequences, bool check_first,
    schema::DdlReport* report);

// Drops `sequences` but for `kept`; with `check_first` those that exist.
absl::Status DropSequences(engine::Connection& connection,
                           const schema::DdlCompiler& compiler,
                           absl::Span<const schema::Sequence* const> sequences,
                           absl::Span<const schema::Sequence* const> kept,
                           bool check_first, schema::DdlReport* report);

}  // namespace cupel::schema_internal

#endif  // CUPEL_SCHEMA_CREATE_OBJECTS_H_
