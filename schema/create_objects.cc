#include "cupel/schema/create_objects.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/transaction.h"
#include "cupel/engine/type.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::schema_internal {

using schema::Column;
using schema::DdlCompiler;
using schema::DdlReport;
using schema::Sequence;
using schema::Table;

namespace {

// Executes `sql`; an error of kind `harmless` leaves all as it was.
absl::Status ExecuteUnless(engine::Connection& connection,
                           engine::ErrorKind harmless,
                           const absl::StatusOr<std::string>& sql) {
  CUPEL_ASSIGN_OR_RETURN(engine::Savepoint savepoint, connection.BeginNested());
  const absl::Status status = ExecuteRendered(connection, sql);
  if (status.ok()) return savepoint.Commit();
  if (engine::KindOf(status) != harmless) return status;
  return savepoint.Rollback();
}

// Tells which sequences exist, as ExistingTables does.
class ExistingSequences {
 public:
  explicit ExistingSequences(engine::Connection& connection)
      : connection_(connection), catalog_(connection.dialect().MakeCatalog()) {}

  absl::StatusOr<bool> Contains(const Sequence& sequence) {
    const auto [names, is_new] = names_.try_emplace(sequence.schema);
    if (is_new) {
      CUPEL_ASSIGN_OR_RETURN(
          names->second, catalog_->SequenceNames(connection_, sequence.schema));
    }
    const bool folds =
        connection_.dialect().capabilities().case_insensitive_names;
    return absl::c_any_of(names->second, [&](const std::string& name) {
      return folds ? absl::EqualsIgnoreCase(name, sequence.name)
                   : name == sequence.name;
    });
  }

 private:
  engine::Connection& connection_;
  std::unique_ptr<engine::Catalog> catalog_;
  absl::flat_hash_map<std::string, std::vector<std::string>> names_;
};

std::string FullName(const Sequence& sequence) {
  return absl::StrCat(sequence.schema, sequence.schema.empty() ? "" : ".",
                      sequence.name);
}

}  // namespace

absl::Status Execute(engine::Connection& connection, absl::string_view sql) {
  return connection.Execute(sql).status();
}

absl::Status ExecuteRendered(engine::Connection& connection,
                             const absl::StatusOr<std::string>& sql) {
  if (!sql.ok()) return sql.status();
  return Execute(connection, *sql);
}

void AddEnums(const Table& table, const engine::Dialect& dialect,
              std::vector<engine::Type>* types) {
  if (!dialect.capabilities().named_enums) return;
  for (const Column& column : table.columns()) {
    const engine::Type& type = column.TypeFor(dialect.name());
    if (type.kind != engine::TypeKind::kEnum || type.enum_name.empty()) {
      continue;
    }
    const bool known = absl::c_any_of(*types, [&](const engine::Type& other) {
      return other.enum_name == type.enum_name;
    });
    if (!known) types->push_back(type);
  }
}

absl::Status CreateEnums(engine::Connection& connection,
                         absl::Span<const Table* const> tables,
                         bool check_first) {
  std::vector<engine::Type> types;
  for (const Table* table : tables) {
    AddEnums(*table, connection.dialect(), &types);
  }
  for (const engine::Type& type : types) {
    const auto sql = connection.dialect().CreateEnum("", type);
    CUPEL_RETURN_IF_ERROR(
        check_first
            ? ExecuteUnless(connection, engine::ErrorKind::kAlreadyExists, sql)
            : ExecuteRendered(connection, sql));
  }
  return absl::OkStatus();
}

absl::Status DropEnums(engine::Connection& connection,
                       absl::Span<const Table* const> gone,
                       absl::Span<const Table* const> all) {
  std::vector<engine::Type> types;
  std::vector<engine::Type> kept;
  for (const Table* table : all) {
    const bool is_gone = absl::c_linear_search(gone, table);
    AddEnums(*table, connection.dialect(), is_gone ? &types : &kept);
  }
  for (const engine::Type& type : types) {
    const bool is_kept = absl::c_any_of(kept, [&](const engine::Type& other) {
      return other.enum_name == type.enum_name;
    });
    if (is_kept) continue;
    CUPEL_RETURN_IF_ERROR(
        ExecuteUnless(connection, engine::ErrorKind::kNoSuchTable,
                      connection.dialect().DropEnum("", type)));
  }
  return absl::OkStatus();
}

absl::Status CreateSequences(engine::Connection& connection,
                             const DdlCompiler& compiler,
                             absl::Span<const Sequence* const> sequences,
                             bool check_first, DdlReport* report) {
  ExistingSequences existing(connection);
  for (const Sequence* sequence : sequences) {
    bool exists = false;
    if (check_first) {
      CUPEL_ASSIGN_OR_RETURN(exists, existing.Contains(*sequence));
    }
    if (exists) continue;
    CUPEL_RETURN_IF_ERROR(
        ExecuteRendered(connection, compiler.CreateSequence(*sequence)));
    report->created_sequences.push_back(FullName(*sequence));
  }
  return absl::OkStatus();
}

absl::Status DropSequences(engine::Connection& connection,
                           const DdlCompiler& compiler,
                           absl::Span<const Sequence* const> sequences,
                           absl::Span<const Sequence* const> kept,
                           bool check_first, DdlReport* report) {
  ExistingSequences existing(connection);
  for (const Sequence* sequence : sequences) {
    if (absl::c_linear_search(kept, sequence)) continue;
    bool exists = true;
    if (check_first) {
      CUPEL_ASSIGN_OR_RETURN(exists, existing.Contains(*sequence));
    }
    if (!exists) continue;
    CUPEL_RETURN_IF_ERROR(
        ExecuteRendered(connection, compiler.DropSequence(*sequence)));
    report->dropped_sequences.push_back(FullName(*sequence));
  }
  return absl::OkStatus();
}

}  // namespace cupel::schema_internal
