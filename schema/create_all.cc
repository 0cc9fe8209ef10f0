// MetaData::CreateAll() and DropAll().

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/catalog.h"
#include "cupel/engine/connection.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/transaction.h"
#include "cupel/engine/type.h"
#include "cupel/schema/create_objects.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::schema {

using schema_internal::AddEnums;
using schema_internal::Execute;
using schema_internal::ExecuteRendered;

namespace {

// Runs `work` with each statement for itself.
absl::Status WithoutTransaction(engine::Connection& connection,
                                absl::FunctionRef<absl::Status()> work) {
  const engine::TransactionOptions before = connection.transaction_options();
  engine::TransactionOptions autocommit = before;
  autocommit.isolation = engine::IsolationLevel::kAutocommit;
  CUPEL_RETURN_IF_ERROR(connection.set_transaction_options(autocommit));
  absl::Status status = work();
  CUPEL_RETURN_IF_ERROR(connection.set_transaction_options(before));
  return status;
}

// Runs `work` in the connection's transaction, or in one of its own. Where DDL
// commits what is open, a transaction would only pretend.
absl::Status InTransaction(engine::Connection& connection,
                           absl::FunctionRef<absl::Status()> work) {
  if (connection.in_transaction()) return work();
  if (!connection.dialect().capabilities().transactional_ddl) {
    return WithoutTransaction(connection, work);
  }
  const absl::Status status = work();
  if (status.ok()) return connection.Commit();
  // The first error tells more than one of the rollback would.
  connection.Rollback().IgnoreError();
  return status;
}

// Tells which tables exist with one query a schema, whatever their number.
class ExistingTables {
 public:
  explicit ExistingTables(engine::Connection& connection)
      : connection_(connection), catalog_(connection.dialect().MakeCatalog()) {}

  absl::StatusOr<bool> Contains(const Table& table) {
    const auto [names, is_new] = names_.try_emplace(table.schema());
    if (is_new) {
      CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> found,
                             catalog_->TableNames(connection_, table.schema()));
      for (const std::string& name : found) names->second.insert(Fold(name));
    }
    if (table.definition().temporary) {
      return catalog_->HasTable(connection_, table.schema(), table.name());
    }
    return names->second.contains(Fold(table.name()));
  }

  // The names of the indexes of an existing table.
  absl::StatusOr<absl::flat_hash_set<std::string>> Indexes(const Table& table) {
    CUPEL_ASSIGN_OR_RETURN(
        engine::CatalogTable found,
        catalog_->ReadTable(connection_, table.schema(), table.name()));
    absl::flat_hash_set<std::string> names;
    for (const engine::CatalogIndex& index : found.indexes) {
      names.insert(Fold(index.name));
    }
    return names;
  }

  std::string Fold(absl::string_view name) const {
    return connection_.dialect().capabilities().case_insensitive_names
               ? absl::AsciiStrToLower(name)
               : std::string(name);
  }

 private:
  engine::Connection& connection_;
  std::unique_ptr<engine::Catalog> catalog_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> names_;
};

bool IsFor(const DdlHook& hook, engine::Connection& connection,
           const Table* table) {
  if (!hook.dialects.empty() &&
      !absl::c_linear_search(hook.dialects, connection.dialect().name())) {
    return false;
  }
  return hook.only_if == nullptr || hook.only_if(connection, table);
}

absl::Status RunHook(const DdlHook& hook, engine::Connection& connection,
                     DdlMoment moment, const Table* table) {
  if (hook.moment != moment || !IsFor(hook, connection, table)) {
    return absl::OkStatus();
  }
  if (!hook.sql.empty()) {
    CUPEL_RETURN_IF_ERROR(Execute(connection, hook.sql));
  }
  return hook.function != nullptr ? hook.function(connection, table)
                                  : absl::OkStatus();
}

// `status`, also saying what stays in a database that cannot roll back DDL.
absl::Status WithProgress(const absl::Status& status,
                          const engine::Dialect& dialect,
                          absl::string_view verb,
                          const std::vector<std::string>& done) {
  if (status.ok() || dialect.capabilities().transactional_ddl || done.empty()) {
    return status;
  }
  absl::Status told(
      status.code(),
      absl::StrCat(status.message(), " (", verb, " before, not rolled back: ",
                   absl::StrJoin(done, ", "), ")"));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    told.SetPayload(url, payload);
  });
  return told;
}

absl::Status CannotBreak(const SortedTables& sorted,
                         const engine::Dialect& dialect) {
  return absl::UnimplementedError(absl::StrCat(
      "dialect ", dialect.name(),
      " can neither add a constraint later nor refer to a table that does not "
      "exist yet, as these tables need: ",
      absl::StrJoin(sorted.cycles, "; ")));
}

}  // namespace

absl::Status MetaData::RunHooks(engine::Connection& connection,
                                DdlMoment moment, const Table* table) const {
  for (const DdlHook& hook :
       table != nullptr ? table->definition().hooks : hooks_) {
    CUPEL_RETURN_IF_ERROR(RunHook(hook, connection, moment, table));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> MetaData::CreateStatements(
    const engine::Dialect& dialect) const {
  CUPEL_RETURN_IF_ERROR(Validate(dialect));
  const DdlCompiler compiler(dialect, this);
  const SortedTables sorted = Sort();
  const bool alter = dialect.capabilities().alter_add_constraint;
  if (!alter && !dialect.capabilities().forward_references_in_create &&
      !sorted.late_keys.empty()) {
    return CannotBreak(sorted, dialect);
  }
  std::vector<std::string> statements;
  std::vector<engine::Type> enums;
  for (const Table* table : sorted.tables) AddEnums(*table, dialect, &enums);
  for (const engine::Type& type : enums) {
    CUPEL_ASSIGN_OR_RETURN(std::string sql, dialect.CreateEnum("", type));
    statements.push_back(std::move(sql));
  }
  for (const Sequence* sequence : Sequences()) {
    CUPEL_ASSIGN_OR_RETURN(std::string sql, compiler.CreateSequence(*sequence));
    statements.push_back(std::move(sql));
  }
  for (const Table* table : sorted.tables) {
    if (table->is_view()) continue;
    CreateTableOptions options;
    if (alter) options.without = sorted.late_keys;
    CUPEL_ASSIGN_OR_RETURN(std::string sql,
                           compiler.CreateTable(*table, options));
    statements.push_back(std::move(sql));
    for (const Index& index : table->indexes()) {
      CUPEL_ASSIGN_OR_RETURN(std::string create, compiler.CreateIndex(index));
      statements.push_back(std::move(create));
    }
    CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> comments,
                           compiler.Comments(*table));
    absl::c_move(comments, std::back_inserter(statements));
  }
  for (const ForeignKey* key : sorted.late_keys) {
    if (!alter) break;
    CUPEL_ASSIGN_OR_RETURN(std::string sql, compiler.AddConstraint(*key));
    statements.push_back(std::move(sql));
  }
  return statements;
}

absl::Status MetaData::CreateAll(engine::Connection& connection,
                                 const CreateOptions& options) const {
  CUPEL_RETURN_IF_ERROR(Validate(connection.dialect()));
  DdlReport own;
  DdlReport* report = options.report != nullptr ? options.report : &own;
  *report = DdlReport();
  return WithProgress(
      InTransaction(connection,
                    [&] { return Create(connection, options, report); }),
      connection.dialect(), "created", report->created_tables);
}

absl::Status MetaData::Create(engine::Connection& connection,
                              const CreateOptions& options,
                              DdlReport* report) const {
  const engine::Dialect& dialect = connection.dialect();
  const DdlCompiler compiler(dialect, this);
  CUPEL_ASSIGN_OR_RETURN(std::vector<const Table*> selected,
                         Select(options.tables));
  const SortedTables sorted = Sort(selected);
  report->cycles = sorted.cycles;
  const bool alter = dialect.capabilities().alter_add_constraint;
  if (!alter && !dialect.capabilities().forward_references_in_create &&
      !sorted.late_keys.empty()) {
    return CannotBreak(sorted, dialect);
  }
  CreateTableOptions create_options;
  if (alter) create_options.without = sorted.late_keys;

  CUPEL_RETURN_IF_ERROR(
      RunHooks(connection, DdlMoment::kBeforeCreate, nullptr));
  CUPEL_RETURN_IF_ERROR(schema_internal::CreateEnums(connection, sorted.tables,
                                                     options.check_first));
  CUPEL_RETURN_IF_ERROR(schema_internal::CreateSequences(
      connection, compiler, Sequences(options.tables), options.check_first,
      report));
  ExistingTables existing(connection);
  absl::flat_hash_set<const Table*> created;
  const auto create_index = [&](const Index& index) -> absl::Status {
    CUPEL_ASSIGN_OR_RETURN(std::string name, compiler.NameOf(index));
    CUPEL_RETURN_IF_ERROR(
        ExecuteRendered(connection, compiler.CreateIndex(index)));
    report->created_indexes.push_back(std::move(name));
    return absl::OkStatus();
  };
  for (const Table* table : sorted.tables) {
    if (table->is_view()) continue;
    if (options.check_first) {
      CUPEL_ASSIGN_OR_RETURN(bool exists, existing.Contains(*table));
      if (exists && !options.missing_indexes) continue;
      if (exists) {
        CUPEL_ASSIGN_OR_RETURN(absl::flat_hash_set<std::string> names,
                               existing.Indexes(*table));
        for (const Index& index : table->indexes()) {
          CUPEL_ASSIGN_OR_RETURN(std::string name, compiler.NameOf(index));
          if (names.contains(existing.Fold(name))) continue;
          CUPEL_RETURN_IF_ERROR(create_index(index));
        }
        continue;
      }
    }
    CUPEL_RETURN_IF_ERROR(
        RunHooks(connection, DdlMoment::kBeforeCreate, table));
    CUPEL_RETURN_IF_ERROR(ExecuteRendered(
        connection, compiler.CreateTable(*table, create_options)));
    created.insert(table);
    report->created_tables.push_back(table->full_name());
    for (const Index& index : table->indexes()) {
      CUPEL_RETURN_IF_ERROR(create_index(index));
    }
    CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> comments,
                           compiler.Comments(*table));
    for (const std::string& comment : comments) {
      CUPEL_RETURN_IF_ERROR(Execute(connection, comment));
    }
    CUPEL_RETURN_IF_ERROR(RunHooks(connection, DdlMoment::kAfterCreate, table));
  }
  for (const ForeignKey* key : sorted.late_keys) {
    if (!alter || !created.contains(&key->table())) continue;
    CUPEL_RETURN_IF_ERROR(
        ExecuteRendered(connection, compiler.AddConstraint(*key)));
  }
  return RunHooks(connection, DdlMoment::kAfterCreate, nullptr);
}

absl::Status MetaData::DropAll(engine::Connection& connection,
                               const DropOptions& options) const {
  DdlReport own;
  DdlReport* report = options.report != nullptr ? options.report : &own;
  *report = DdlReport();
  return WithProgress(
      InTransaction(connection,
                    [&] { return Drop(connection, options, report); }),
      connection.dialect(), "dropped", report->dropped_tables);
}

absl::Status MetaData::Drop(engine::Connection& connection,
                            const DropOptions& options,
                            DdlReport* report) const {
  const engine::Dialect& dialect = connection.dialect();
  const DdlCompiler compiler(dialect, this);
  CUPEL_ASSIGN_OR_RETURN(std::vector<const Table*> selected,
                         Select(options.tables));
  const SortedTables sorted = Sort(selected);
  report->cycles = sorted.cycles;
  CUPEL_RETURN_IF_ERROR(RunHooks(connection, DdlMoment::kBeforeDrop, nullptr));

  ExistingTables existing(connection);
  std::vector<const Table*> present;
  for (const Table* table : sorted.tables) {
    if (table->is_view()) continue;
    bool exists = true;
    if (options.check_first) {
      CUPEL_ASSIGN_OR_RETURN(exists, existing.Contains(*table));
    }
    if (exists) present.push_back(table);
  }

  const absl::string_view defer = dialect.syntax().defer_foreign_keys;
  if (!sorted.late_keys.empty() &&
      !dialect.capabilities().alter_add_constraint && !defer.empty()) {
    CUPEL_RETURN_IF_ERROR(Execute(connection, defer));
  }
  // A key that closes a cycle goes first; where that is impossible, its rows.
  for (const ForeignKey* key : sorted.late_keys) {
    if (!absl::c_linear_search(present, &key->table())) continue;
    if (dialect.capabilities().alter_add_constraint) {
      CUPEL_RETURN_IF_ERROR(
          ExecuteRendered(connection, compiler.DropConstraint(*key)));
    } else {
      CUPEL_RETURN_IF_ERROR(
          ExecuteRendered(connection, compiler.EmptyTable(key->table())));
    }
  }
  for (auto table = present.rbegin(); table != present.rend(); ++table) {
    CUPEL_RETURN_IF_ERROR(RunHooks(connection, DdlMoment::kBeforeDrop, *table));
    CUPEL_RETURN_IF_ERROR(
        ExecuteRendered(connection, compiler.DropTable(**table)));
    report->dropped_tables.push_back((*table)->full_name());
    CUPEL_RETURN_IF_ERROR(RunHooks(connection, DdlMoment::kAfterDrop, *table));
  }
  CUPEL_RETURN_IF_ERROR(
      schema_internal::DropEnums(connection, sorted.tables, Sort().tables));
  CUPEL_RETURN_IF_ERROR(schema_internal::DropSequences(
      connection, compiler, Sequences(options.tables),
      SequencesBeside(options.tables), options.check_first, report));
  return RunHooks(connection, DdlMoment::kAfterDrop, nullptr);
}

}  // namespace cupel::schema
