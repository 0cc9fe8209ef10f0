// Sequences: their statements, and those of a MetaData.

#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/engine/dialect.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/ddl_compiler.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/render.h"
#include "cupel/schema/sequence.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

absl::Status CheckHasSequences(const engine::Dialect& dialect,
                               const Sequence& sequence) {
  if (dialect.capabilities().sequences) return absl::OkStatus();
  return schema_internal::Lacks(
      dialect, "sequences", absl::StrCat("sequence \"", sequence.name, "\""));
}

bool HasNameOf(const Sequence& a, const Sequence& b) {
  return a.name == b.name && a.schema == b.schema;
}

}  // namespace

absl::StatusOr<std::string> DdlCompiler::CreateSequence(
    const Sequence& sequence, bool if_not_exists) const {
  CUPEL_RETURN_IF_ERROR(CheckHasSequences(dialect_, sequence));
  std::string sql = "CREATE SEQUENCE ";
  if (if_not_exists) sql += "IF NOT EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendQualified(sequence.schema, sequence.name, &sql));
  const std::string options = schema_internal::CountingText(sequence);
  if (!options.empty()) absl::StrAppend(&sql, " ", options);
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::DropSequence(const Sequence& sequence,
                                                      bool if_exists) const {
  CUPEL_RETURN_IF_ERROR(CheckHasSequences(dialect_, sequence));
  std::string sql = "DROP SEQUENCE ";
  if (if_exists) sql += "IF EXISTS ";
  CUPEL_RETURN_IF_ERROR(AppendQualified(sequence.schema, sequence.name, &sql));
  return sql;
}

absl::StatusOr<std::string> DdlCompiler::NextValue(
    const Sequence& sequence) const {
  std::string sql;
  CUPEL_RETURN_IF_ERROR(
      dialect_.AppendNextValue(sequence.schema, sequence.name, &sql));
  return sql;
}

absl::Status MetaData::AddSequence(Sequence sequence) {
  for (const Sequence& known : sequences_) {
    if (!HasNameOf(known, sequence)) continue;
    if (known == sequence) return absl::OkStatus();
    return absl::AlreadyExistsError(
        absl::StrCat("another sequence \"", sequence.name,
                     "\" is already defined: give it another name"));
  }
  sequences_.push_back(std::move(sequence));
  return absl::OkStatus();
}

std::vector<const Sequence*> MetaData::Sequences(
    absl::Span<const Table* const> tables) const {
  struct Known {
    const Sequence* sequence;
    bool selected;
  };
  std::vector<Known> all;
  const auto add = [&](const Sequence& sequence, bool selected) {
    const auto known = absl::c_find_if(all, [&](const Known& candidate) {
      return HasNameOf(*candidate.sequence, sequence);
    });
    if (known == all.end()) {
      all.push_back({&sequence, selected});
      return;
    }
    known->selected |= selected;
    if (known->sequence->is_name_only()) known->sequence = &sequence;
  };
  for (const Sequence& sequence : sequences_) add(sequence, tables.empty());
  for (const auto& table : tables_) {
    const bool selected =
        tables.empty() || absl::c_linear_search(tables, table.get());
    for (const Column& column : table->columns()) {
      if (column.sequence() != nullptr) add(*column.sequence(), selected);
    }
  }
  std::vector<const Sequence*> sequences;
  for (const Known& known : all) {
    if (known.selected) sequences.push_back(known.sequence);
  }
  return sequences;
}

std::vector<const Sequence*> MetaData::SequencesBeside(
    absl::Span<const Table* const> tables) const {
  std::vector<const Sequence*> kept;
  if (tables.empty()) return kept;
  std::vector<const Table*> others;
  for (const auto& table : tables_) {
    if (!absl::c_linear_search(tables, table.get())) {
      others.push_back(table.get());
    }
  }
  if (!others.empty()) kept = Sequences(others);
  for (const Sequence* sequence : Sequences()) {
    if (absl::c_any_of(sequences_, [&](const Sequence& own) {
          return HasNameOf(own, *sequence);
        })) {
      kept.push_back(sequence);
    }
  }
  return kept;
}

}  // namespace cupel::schema
