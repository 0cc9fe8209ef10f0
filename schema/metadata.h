// MetaData: the tables of a database, and how they are created and dropped.
//
//   MetaData metadata;
//   CUPEL_RETURN_IF_ERROR(metadata.Add(user_table));
//   CUPEL_RETURN_IF_ERROR(metadata.Add(post_table));
//   CUPEL_RETURN_IF_ERROR(metadata.CreateAll(connection));

#ifndef CUPEL_SCHEMA_METADATA_H_
#define CUPEL_SCHEMA_METADATA_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/schema/ddl_hook.h"
#include "cupel/schema/naming_convention.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::engine {
class Connection;
class Dialect;
}  // namespace cupel::engine

namespace cupel::schema {

// What Add() does with a table whose name is taken.
enum class IfTaken : uint8_t {
  kError,
  kKeep,    // the earlier table stays
  kExtend,  // the earlier one, with the new one's columns and constraints added
  kReplace,  // the new table takes the place
};

// The order in which tables can be created, and what stands in its way.
struct SortedTables {
  // Referred tables before referring ones; else in the order of Add().
  std::vector<const Table*> tables;
  // Foreign keys that have to be added after both tables exist: each closes a
  // cycle, or says use_alter.
  std::vector<const ForeignKey*> late_keys;
  // Each cycle for people: "a -> b -> a".
  std::vector<std::string> cycles;
};

// What CreateAll() and DropAll() did.
struct DdlReport {
  // Full names of tables, names of indexes.
  std::vector<std::string> created_tables;
  std::vector<std::string> created_indexes;
  std::vector<std::string> dropped_tables;
  // Names of sequences, behind their schema if they have one.
  std::vector<std::string> created_sequences;
  std::vector<std::string> dropped_sequences;
  std::vector<std::string> cycles;
};

struct CreateOptions {
  // Leaves alone what exists; otherwise an existing table is an error.
  bool check_first = true;
  // With check_first: also creates the missing indexes of existing tables.
  bool missing_indexes = false;
  // Only these tables of the MetaData; empty: all.
  std::vector<const Table*> tables;
  // Filled as far as the work gets, if not null.
  DdlReport* report = nullptr;
};

struct DropOptions {
  // Leaves out what does not exist; otherwise a missing table is an error.
  bool check_first = true;
  std::vector<const Table*> tables;
  DdlReport* report = nullptr;
};

struct MetaDataOptions {
  NamingConvention naming;
};

// Thread-compatible: const functions may run at once. Keeps its tables alive.
class MetaData {
 public:
  MetaData() = default;
  explicit MetaData(MetaDataOptions options);

  // Adds `table`.
  //
  // Errors: kAlreadyExists when its name is taken and `if_taken` is kError;
  // kInvalidArgument when the extended table is not well defined.
  absl::Status Add(std::shared_ptr<const Table> table,
                   IfTaken if_taken = IfTaken::kError);

  // Adds a table that lives for ever, a static one say.
  absl::Status AddStatic(const Table& table,
                         IfTaken if_taken = IfTaken::kError);

  // Adds a sequence that no column has to name. Its equal is added once.
  //
  // Errors: kAlreadyExists when another one has the name.
  absl::Status AddSequence(Sequence sequence);

  // The table of this name, or null.
  const Table* Find(absl::string_view name,
                    absl::string_view schema = "") const;
  // The same, for a table that must exist. Errors: kNotFound.
  absl::StatusOr<const Table*> Get(absl::string_view name,
                                   absl::string_view schema = "") const;

  // In the order of Add().
  absl::Span<const std::shared_ptr<const Table>> tables() const {
    return tables_;
  }

  // Those of AddSequence() and of columns, each once; with `tables` only those
  // of their columns. Where one is named several times, who says more than its
  // name defines it. The pointers live until the MetaData is changed.
  std::vector<const Sequence*> Sequences(
      absl::Span<const Table* const> tables = {}) const;

  const NamingConvention& naming() const { return options_.naming; }

  // Runs around every CreateAll() / DropAll().
  void AddHook(DdlHook hook);
  // Changes the text of every CREATE TABLE, behind the table's own.
  void AddHook(CompileHook hook);
  absl::Span<const CompileHook> compile_hooks() const { return compile_hooks_; }

  // The table that `key` points to: the one known to the key itself, else the
  // one of that name here. Errors: kNotFound.
  absl::StatusOr<const Table*> ReferredTable(const ForeignKey& key) const;

  // The names that the database gets, before shortening; "" for none.
  std::string NameOf(const Constraint& constraint) const;
  std::string NameOf(const Index& index) const;

  // All tables, or those given, by dependency. Foreign keys to tables outside
  // are ignored.
  SortedTables Sort(absl::Span<const Table* const> tables = {}) const;

  // Checks everything that only the whole can show, for `dialect`: foreign keys
  // that point nowhere, names that the database refuses or cannot tell apart,
  // constructs it lacks, sequences of one name that differ. Nothing is
  // executed.
  //
  // Errors: kInvalidArgument listing all that was found.
  absl::Status Validate(const engine::Dialect& dialect) const;

  // The statements with which CreateAll() makes everything in an empty
  // database, without hooks.
  absl::StatusOr<std::vector<std::string>> CreateStatements(
      const engine::Dialect& dialect) const;

  // Creates sequences (all, or those of the tables that are selected), tables
  // by dependency, then their indexes, then foreign keys that close a cycle.
  // Runs in the connection's transaction, or in one of its own that it commits
  // (and rolls back on failure).
  //
  // Errors: those of Validate(), before anything is executed; kUnimplemented
  // when a cycle cannot be created; those of the database. Where DDL cannot be
  // rolled back, the message lists what was created.
  absl::Status CreateAll(engine::Connection& connection,
                         const CreateOptions& options = {}) const;

  // Drops tables in reverse order of dependency, then the sequences that no
  // table left in the MetaData names. Transactions and errors as in
  // CreateAll(). Tables of a cycle that the dialect cannot break by ALTER are
  // emptied first, in the same transaction.
  absl::Status DropAll(engine::Connection& connection,
                       const DropOptions& options = {}) const;

 private:
  absl::StatusOr<std::vector<const Table*>> Select(
      absl::Span<const Table* const> tables) const;
  // Those that would stay if only `tables` went.
  std::vector<const Sequence*> SequencesBeside(
      absl::Span<const Table* const> tables) const;
  absl::Status RunHooks(engine::Connection& connection, DdlMoment moment,
                        const Table* table) const;
  absl::Status Create(engine::Connection& connection,
                      const CreateOptions& options, DdlReport* report) const;
  absl::Status Drop(engine::Connection& connection, const DropOptions& options,
                    DdlReport* report) const;

  MetaDataOptions options_;
  std::vector<std::shared_ptr<const Table>> tables_;
  std::map<std::string, size_t> by_name_;  // Key(): schema and name
  std::vector<Sequence> sequences_;
  std::vector<DdlHook> hooks_;
  std::vector<CompileHook> compile_hooks_;
};

}  // namespace cupel::schema

#endif  // CUPEL_SCHEMA_METADATA_H_
