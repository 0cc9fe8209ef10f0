#include "cupel/schema/naming_convention.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "cupel/engine/status_macros.h"
#include "cupel/schema/table.h"

namespace cupel::schema {
namespace {

constexpr absl::string_view kConstraintName = "constraint_name";

// A column as tokens see it. An expression of an index has no column.
struct NamedColumn {
  std::string name;
  std::string key;
  std::string label;
};

NamedColumn Describe(const Column* column) {
  if (column == nullptr) return {"expr", "expr", "expr"};
  return {column->name(), column->key(),
          absl::StrCat(column->table().name(), "_", column->name())};
}

std::vector<NamedColumn> Describe(absl::Span<const Column* const> columns) {
  std::vector<NamedColumn> described;
  for (const Column* column : columns) described.push_back(Describe(column));
  return described;
}

// "column_0N_name" taken apart: which columns, how joined, which spelling.
struct ColumnToken {
  bool referred = false;
  bool all = false;
  bool joined_by_underscore = false;
  size_t position = 0;
  std::string NamedColumn::*spelling = nullptr;
};

std::optional<ColumnToken> ParseColumnToken(absl::string_view token) {
  ColumnToken parsed;
  parsed.referred = absl::ConsumePrefix(&token, "referred_");
  if (!absl::ConsumePrefix(&token, "column_")) return std::nullopt;
  if (absl::ConsumeSuffix(&token, "_name")) {
    parsed.spelling = &NamedColumn::name;
  } else if (absl::ConsumeSuffix(&token, "_key")) {
    parsed.spelling = &NamedColumn::key;
  } else if (absl::ConsumeSuffix(&token, "_label")) {
    parsed.spelling = &NamedColumn::label;
  } else {
    return std::nullopt;
  }
  parsed.all = token == "0N" || token == "0_N";
  parsed.joined_by_underscore = token == "0_N";
  if (!parsed.all && !absl::SimpleAtoi(token, &parsed.position)) {
    return std::nullopt;
  }
  return parsed;
}

std::string ColumnText(const ColumnToken& token,
                       absl::Span<const NamedColumn> columns) {
  if (!token.all) {
    return token.position < columns.size()
               ? columns[token.position].*token.spelling
               : "";
  }
  return absl::StrJoin(columns, token.joined_by_underscore ? "_" : "",
                       [&](std::string* out, const NamedColumn& column) {
                         absl::StrAppend(out, column.*token.spelling);
                       });
}

// Replaces each {token} of `text` by what `value_of` returns for it.
//
// Errors: kInvalidArgument for an open brace; those of `value_of`.
absl::StatusOr<std::string> Expand(
    absl::string_view text,
    absl::FunctionRef<absl::StatusOr<std::string>(absl::string_view)>
        value_of) {
  std::string out;
  while (true) {
    const size_t open = text.find('{');
    absl::StrAppend(&out, text.substr(0, open));
    if (open == absl::string_view::npos) return out;
    const size_t close = text.find('}', open);
    if (close == absl::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "naming template has \"{\" without \"}\": \"", text, "\""));
    }
    CUPEL_ASSIGN_OR_RETURN(std::string value,
                           value_of(text.substr(open + 1, close - open - 1)));
    out += value;
    text.remove_prefix(close + 1);
  }
}

bool UsesConstraintName(absl::string_view text) {
  return absl::StrContains(text, absl::StrCat("{", kConstraintName, "}"));
}

absl::Status CheckTemplate(absl::string_view text, bool foreign_key,
                           const NamingConvention::Tokens& tokens) {
  const auto check =
      [&](absl::string_view token) -> absl::StatusOr<std::string> {
    const std::optional<ColumnToken> column = ParseColumnToken(token);
    if (token == "table_name" || token == kConstraintName ||
        (token == "referred_table_name" && foreign_key) ||
        (column && (!column->referred || foreign_key)) ||
        tokens.contains(std::string(token))) {
      return "";
    }
    return absl::InvalidArgumentError(
        absl::StrCat("naming template \"", text, "\" has the unknown token \"",
                     token, "\""));
  };
  return Expand(text, check).status();
}

std::vector<NamedColumn> ReferredColumns(const ForeignKey& key,
                                         const Table* referred) {
  if (referred == nullptr) referred = key.referred_table();
  if (referred != nullptr) {
    absl::StatusOr<std::vector<const Column*>> columns =
        key.ReferredColumns(*referred);
    if (columns.ok()) return Describe(*columns);
  }
  std::vector<NamedColumn> described;
  for (const std::string& name : key.options().referred_columns) {
    described.push_back(
        {name, name, absl::StrCat(key.referred_name(), "_", name)});
  }
  return described;
}

}  // namespace

NamingConvention::NamingConvention()
    : NamingConvention({.index = "ix_{column_0_label}"}, {}) {}

NamingConvention::NamingConvention(NamingTemplates templates, Tokens tokens)
    : templates_(std::move(templates)), tokens_(std::move(tokens)) {}

absl::StatusOr<NamingConvention> NamingConvention::Create(
    NamingTemplates templates, Tokens tokens) {
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.primary_key, false, tokens));
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.unique, false, tokens));
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.check, false, tokens));
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.foreign_key, true, tokens));
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.index, false, tokens));
  CUPEL_RETURN_IF_ERROR(CheckTemplate(templates.exclude, false, tokens));
  return NamingConvention(std::move(templates), std::move(tokens));
}

NamingConvention NamingConvention::Recommended() {
  return NamingConvention(
      {.primary_key = "pk_{table_name}",
       .unique = "uq_{table_name}_{column_0_N_name}",
       .check = "ck_{table_name}_{constraint_name}",
       .foreign_key = "fk_{table_name}_{column_0_N_name}_{referred_table_name}",
       .index = "ix_{table_name}_{column_0_N_name}",
       .exclude = "ex_{table_name}_{column_0_N_name}"},
      {});
}

const std::string& NamingConvention::TemplateFor(
    const Constraint& constraint) const {
  switch (constraint.kind()) {
    case Constraint::Kind::kPrimaryKey:
      return templates_.primary_key;
    case Constraint::Kind::kUnique:
      return templates_.unique;
    case Constraint::Kind::kCheck:
      return templates_.check;
    case Constraint::Kind::kForeignKey:
      return templates_.foreign_key;
    case Constraint::Kind::kExclude:
      break;
  }
  return templates_.exclude;
}

std::string NamingConvention::NameOf(const Constraint& constraint,
                                     const Table* referred) const {
  const std::string& text = TemplateFor(constraint);
  const bool wraps_name = UsesConstraintName(text);
  if (constraint.name_is_final() || constraint.name().empty() == wraps_name) {
    return constraint.name();
  }
  const auto* key = constraint.kind() == Constraint::Kind::kForeignKey
                        ? static_cast<const ForeignKey*>(&constraint)
                        : nullptr;
  const auto value_of =
      [&](absl::string_view token) -> absl::StatusOr<std::string> {
    if (token == "table_name") return constraint.table().name();
    if (token == kConstraintName) return constraint.name();
    if (token == "referred_table_name" && key != nullptr) {
      return std::string(key->referred_name());
    }
    if (const auto own = tokens_.find(std::string(token));
        own != tokens_.end()) {
      return own->second(
          {.table = constraint.table(), .constraint = &constraint});
    }
    const std::optional<ColumnToken> column = ParseColumnToken(token);
    CUPEL_RET_CHECK(column.has_value()) << token;
    if (!column->referred) {
      return ColumnText(*column, Describe(constraint.columns()));
    }
    CUPEL_RET_CHECK(key != nullptr) << token;
    return ColumnText(*column, ReferredColumns(*key, referred));
  };
  // Create() has checked the template: it expands.
  return Expand(text, value_of).value_or("");
}

std::string NamingConvention::NameOf(const Index& index) const {
  const bool wraps_name = UsesConstraintName(templates_.index);
  if (index.options().name_is_final || index.name().empty() == wraps_name) {
    return index.name();
  }
  const auto value_of =
      [&](absl::string_view token) -> absl::StatusOr<std::string> {
    if (token == "table_name") return index.table().name();
    if (token == kConstraintName) return index.name();
    if (const auto own = tokens_.find(std::string(token));
        own != tokens_.end()) {
      return own->second({.table = index.table(), .index = &index});
    }
    const std::optional<ColumnToken> column = ParseColumnToken(token);
    CUPEL_RET_CHECK(column.has_value()) << token;
    return ColumnText(*column, Describe(index.columns()));
  };
  return Expand(templates_.index, value_of).value_or("");
}

}  // namespace cupel::schema
