// MetaData::Validate(): what only the whole schema and a dialect can tell.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

// Collects all that is wrong; each check goes on after a finding.
class Validator {
 public:
  Validator(const MetaData& metadata, const engine::Dialect& dialect)
      : metadata_(metadata), dialect_(dialect), compiler_(dialect, &metadata) {}

  void Visit(const Table& table) {
    if (table.is_view()) return;
    Claim(table.schema(), table.name(), "table");
    const size_t errors_before = errors_.size();
    VisitIdentifier(table.name(), "table", table);
    VisitColumns(table);
    const bool can_be_named = errors_.size() == errors_before;
    for (const ForeignKey& key : table.foreign_keys()) VisitForeignKey(key);
    for (const Index& index : table.indexes()) VisitIndex(index);
    VisitConstraintNames(table);
    // Otherwise the text would only repeat what was found.
    if (can_be_named) VisitCreate(table);
  }

  // `all` has it, too; there it may be defined by someone else.
  void Visit(const Sequence& sequence, absl::Span<const Sequence* const> all) {
    for (const Sequence* known : all) {
      if (known->name == sequence.name && known->schema == sequence.schema &&
          !sequence.is_name_only() && !(*known == sequence)) {
        Add(absl::StrCat("sequence \"", sequence.name,
                         "\" is defined in two ways"));
      }
    }
  }

  void VisitCreate(const Sequence& sequence) {
    Claim(sequence.schema, sequence.name, "sequence");
    VisitStatus(compiler_.CreateSequence(sequence).status(), "");
  }

  absl::Status Result() const {
    if (errors_.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the schema does not fit dialect ", dialect_.name(), ": ",
                     absl::StrJoin(errors_, "; ")));
  }

 private:
  void Add(absl::string_view error) {
    // One cause often shows in several elements.
    if (seen_.insert(std::string(error)).second) errors_.emplace_back(error);
  }

  // The form under which the database tells names apart.
  std::string Fold(absl::string_view name) const {
    return dialect_.capabilities().case_insensitive_names
               ? absl::AsciiStrToLower(name)
               : std::string(name);
  }

  // Takes `name` in the schema, where tables and indexes share one space.
  void Claim(absl::string_view schema, absl::string_view name,
             absl::string_view kind) {
    const auto [owner, is_new] = relations_.try_emplace(
        absl::StrCat(Fold(schema), absl::string_view("\0", 1), Fold(name)),
        absl::StrCat(kind, " \"", name, "\""));
    if (is_new) return;
    Add(absl::StrCat(kind, " \"", name, "\" and ", owner->second,
                     " have the same name for the database"));
  }

  void VisitColumns(const Table& table) {
    absl::flat_hash_map<std::string, absl::string_view> names;
    for (const Column& column : table.columns()) {
      const auto [other, is_new] =
          names.try_emplace(Fold(column.name()), column.name());
      if (!is_new) {
        Add(absl::StrCat("columns \"", other->second, "\" and \"",
                         column.name(), "\" of table \"", table.full_name(),
                         "\" have the same name for the database"));
      }
      VisitIdentifier(column.name(), "column of table", table);
    }
    const size_t limit = dialect_.capabilities().max_columns;
    if (limit != 0 && table.columns().size() > limit) {
      Add(absl::StrCat("table \"", table.full_name(), "\" has ",
                       table.columns().size(), " columns, more than ", limit));
    }
  }

  void VisitIdentifier(absl::string_view name, absl::string_view kind,
                       const Table& table) {
    std::string ignored;
    VisitStatus(dialect_.AppendIdentifier(name, &ignored),
                absl::StrCat(kind, " \"", table.full_name(), "\""));
  }

  void VisitForeignKey(const ForeignKey& key) {
    const absl::StatusOr<const Table*> referred = metadata_.ReferredTable(key);
    if (!referred.ok()) return Add(referred.status().message());
    VisitStatus(key.ReferredColumns(**referred).status(), "");
  }

  void VisitIndex(const Index& index) {
    const absl::StatusOr<std::string> name = compiler_.NameOf(index);
    if (!name.ok()) return Add(name.status().message());
    Claim(index.table().schema(), *name, "index");
    VisitStatus(compiler_.CreateIndex(index).status(), "");
  }

  void VisitConstraintNames(const Table& table) {
    absl::flat_hash_set<std::string> names;
    const auto visit = [&](const Constraint& constraint) {
      const absl::StatusOr<std::string> name = compiler_.NameOf(constraint);
      if (!name.ok()) return Add(name.status().message());
      if (name->empty() || names.insert(Fold(*name)).second) return;
      Add(absl::StrCat("two constraints of table \"", table.full_name(),
                       "\" have the name \"", *name, "\""));
    };
    visit(table.primary_key());
    for (const Exclude& exclude : table.excludes()) visit(exclude);
    for (const Unique& unique : table.uniques()) visit(unique);
    for (const Check& check : table.checks()) visit(check);
    for (const ForeignKey& key : table.foreign_keys()) visit(key);
  }

  // Keys that point nowhere are reported already.
  void VisitCreate(const Table& table) {
    std::vector<const ForeignKey*> broken;
    for (const ForeignKey& key : table.foreign_keys()) {
      const absl::StatusOr<const Table*> referred =
          metadata_.ReferredTable(key);
      if (!referred.ok() || !key.ReferredColumns(**referred).ok()) {
        broken.push_back(&key);
      }
    }
    VisitStatus(compiler_.CreateTable(table, {.without = broken}).status(), "");
  }

  void VisitStatus(const absl::Status& status, absl::string_view where) {
    if (status.ok()) return;
    Add(where.empty() ? std::string(status.message())
                      : absl::StrCat(where, ": ", status.message()));
  }

  const MetaData& metadata_;
  const engine::Dialect& dialect_;
  const DdlCompiler compiler_;
  absl::flat_hash_map<std::string, std::string> relations_;
  absl::flat_hash_set<std::string> seen_;
  std::vector<std::string> errors_;
};

}  // namespace

absl::Status MetaData::Validate(const engine::Dialect& dialect) const {
  Validator validator(*this, dialect);
  for (const std::shared_ptr<const Table>& table : tables_) {
    validator.Visit(*table);
  }
  const std::vector<const Sequence*> sequences = Sequences();
  for (const Sequence* sequence : sequences) validator.VisitCreate(*sequence);
  for (const std::shared_ptr<const Table>& table : tables_) {
    for (const Column& column : table->columns()) {
      if (column.sequence() == nullptr) continue;
      validator.Visit(*column.sequence(), sequences);
    }
  }
  return validator.Result();
}

}  // namespace cupel::schema
