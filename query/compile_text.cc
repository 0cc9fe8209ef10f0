#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {
namespace {

constexpr auto kNone = absl::string_view::npos;

bool IsNameStart(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool IsNameChar(char c) { return absl::ascii_isalnum(c) || c == '_'; }

absl::Status Unfinished(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("cupel: a ", what, " of a text statement has no end"));
}

// How many bytes at the start of `sql` are one quoted text, comment or other
// stretch without markers; 0 for none.
absl::StatusOr<size_t> QuietPrefix(absl::string_view sql,
                                   bool backslash_escapes) {
  const char c = sql[0];
  if (c == '\'' || c == '"' || c == '`') {
    for (size_t i = 1; i < sql.size(); ++i) {
      if (sql[i] == '\\' && backslash_escapes && c != '`') {
        ++i;
      } else if (sql[i] == c) {
        return i + 1;  // A doubled quote begins the next quoted stretch.
      }
    }
    return Unfinished("quoted text");
  }
  if (absl::StartsWith(sql, "--") || c == '#') {
    if (c == '#' && !backslash_escapes) return 0;
    const size_t end = sql.find('\n');
    return end == kNone ? sql.size() : end + 1;
  }
  if (absl::StartsWith(sql, "/*")) {
    const size_t end = sql.find("*/", 2);
    if (end == kNone) return Unfinished("comment");
    return end + 2;
  }
  if (c == '$') {
    size_t end = 1;
    while (end < sql.size() && IsNameChar(sql[end])) ++end;
    if (end >= sql.size() || sql[end] != '$' ||
        (end > 1 && absl::ascii_isdigit(sql[1]))) {
      return 0;
    }
    const absl::string_view tag = sql.substr(0, end + 1);
    const size_t close = sql.find(tag, end + 1);
    if (close == kNone) return Unfinished("dollar-quoted text");
    return close + tag.size();
  }
  if (absl::StartsWith(sql, "::")) return 2;
  return 0;
}

size_t NameLength(absl::string_view sql) {
  if (sql.empty() || !IsNameStart(sql[0])) return 0;
  size_t n = 1;
  while (n < sql.size() && IsNameChar(sql[n])) ++n;
  return n;
}

}  // namespace

// Copies SQL of the program and puts the binds in place of their markers. What
// has been put in is never looked at again.
absl::Status Compiler::WriteFragment(
    absl::string_view sql,
    const absl::flat_hash_map<absl::string_view, Part>& binds,
    const Scope& scope, SqlText* out) {
  if (sql.find('\0') != kNone) {
    return absl::InvalidArgumentError("cupel: a text statement holds a NUL");
  }
  absl::flat_hash_set<absl::string_view> used;
  while (!sql.empty()) {
    CUPEL_ASSIGN_OR_RETURN(size_t quiet,
                           QuietPrefix(sql, syntax().backslash_escapes));
    if (quiet == 0 && sql[0] == '\\' && sql.size() > 1 && sql[1] == ':') {
      sql.remove_prefix(1);
      quiet = 1;
    }
    if (quiet == 0 && sql[0] == '?' &&
        syntax().placeholder == engine::PlaceholderStyle::kQuestion) {
      return absl::InvalidArgumentError(
          "cupel: write :name for a bind of a text statement, not ?");
    }
    const size_t name_size = sql[0] == ':' ? NameLength(sql.substr(1)) : 0;
    if (quiet == 0 && name_size > 0) {
      const absl::string_view name = sql.substr(1, name_size);
      const auto bind = binds.find(name);
      if (bind == binds.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat("cupel: text statement: no bind for :", name));
      }
      used.insert(name);
      CUPEL_RETURN_IF_ERROR(
          WriteExpr(bind->second, scope, out, query::Precedence::kAtom));
      sql.remove_prefix(1 + name_size);
      continue;
    }
    if (quiet == 0) quiet = 1;
    out->Add(sql.substr(0, quiet));
    sql.remove_prefix(quiet);
  }
  if (used.size() != binds.size()) {
    return absl::InvalidArgumentError(
        "cupel: text statement: a bind has no :marker");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteText(const StatementParts& parts,
                                 const SelectUse& use, SqlText* out) {
  absl::flat_hash_map<absl::string_view, Part> binds;
  bool tables_known = false;
  for (const ClausePart& clause : parts.clauses) {
    switch (clause.clause) {
      case Clause::kBindValue:
        binds[clause.node->text()] = clause.members[0];
        break;
      case Clause::kReads:
        NoteRead(*clause.members[0].node->object_as<schema::Table>());
        tables_known = true;
        break;
      case Clause::kWrites:
        NoteWritten(*clause.members[0].node->object_as<schema::Table>());
        tables_known = true;
        break;
      case Clause::kColumns:
      case Clause::kOnlyColumns:
        break;
      default:
        return absl::InvalidArgumentError(
            "cupel: a text statement takes no further clauses; use it as a "
            "subquery");
    }
  }
  if (!tables_known) compiled_->tables_known = false;
  CUPEL_RETURN_IF_ERROR(
      WriteFragment(parts.root.node->text(), binds, Scope(), out));
  const std::vector<OutputColumn> columns = OutputColumnsOf(parts);
  if (use.is_result) {
    for (const OutputColumn& column : columns) {
      RecordResult(column, std::string(column.name));
    }
    compiled_->untyped_rows = columns.empty();
  }
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
