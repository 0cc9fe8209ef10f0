#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {
namespace {

std::vector<Part> MembersOf(const StatementParts& parts, Clause clause) {
  std::vector<Part> members;
  for (const ClausePart& part : parts.clauses) {
    if (part.clause != clause) continue;
    members.insert(members.end(), part.members.begin(), part.members.end());
  }
  return members;
}

}  // namespace

absl::Status Compiler::WriteRange(const StatementParts& parts,
                                  absl::string_view of, const Scope& scope,
                                  SqlText* out) {
  if (!parts.Has(Clause::kOrderBy) && !parts.Has(Clause::kLimit)) {
    return absl::OkStatus();
  }
  if (!can().update_order_by_limit) {
    return Unsupported(absl::StrCat("ORDER BY and LIMIT of ", of));
  }
  if (parts.Has(Clause::kFrom)) {
    return Unsupported(
        absl::StrCat("ORDER BY and LIMIT of ", of, " of several tables"));
  }
  CUPEL_RETURN_IF_ERROR(WriteOrderBy(parts, scope, out));
  return WriteLimit(parts, scope, out);
}

absl::Status Compiler::WriteUpdate(const StatementParts& parts,
                                   const SelectUse& use, SqlText* out) {
  const Part target = parts.root.child(0);
  const schema::Table& table = *target.node->object_as<schema::Table>();
  NoteWritten(table);
  Scope scope;
  out->Add("UPDATE ");
  CUPEL_RETURN_IF_ERROR(EnterItem(*target.node, &scope));
  out->Add(scope.items[0].name, " SET ");
  SqlText from;
  absl::string_view separator = " FROM ";
  for (const Part& item : MembersOf(parts, Clause::kFrom)) {
    if (!can().update_from) return Unsupported("UPDATE ... FROM");
    from.Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteFromItem(item, &scope, &from));
  }
  scope.unqualified = scope.items.size() == 1;
  CUPEL_RETURN_IF_ERROR(WriteAssignments(MembersOf(parts, Clause::kSet), table,
                                         !parts.Has(Clause::kNoOnUpdate), scope,
                                         out));
  out->Add(std::move(from));
  CUPEL_RETURN_IF_ERROR(
      WriteConditions(parts, Clause::kWhere, " WHERE ", scope, out));
  CUPEL_RETURN_IF_ERROR(WriteRange(parts, "UPDATE", scope, out));
  if (!can().update_returning && !OutputColumnsOf(parts).empty()) {
    return Unsupported("UPDATE ... RETURNING");
  }
  return WriteReturning(parts, use, scope, out);
}

// Where DELETE ... USING is missing, the other items go into an EXISTS.
absl::Status Compiler::WriteDelete(const StatementParts& parts,
                                   const SelectUse& use, SqlText* out) {
  const Part target = parts.root.child(0);
  NoteWritten(*target.node->object_as<schema::Table>());
  Scope scope;
  out->Add("DELETE FROM ");
  CUPEL_RETURN_IF_ERROR(EnterItem(*target.node, &scope));
  out->Add(scope.items[0].name);
  const std::vector<Part> items = MembersOf(parts, Clause::kFrom);
  if (items.empty() || can().delete_using) {
    absl::string_view separator = " USING ";
    for (const Part& item : items) {
      out->Add(separator);
      separator = ", ";
      CUPEL_RETURN_IF_ERROR(WriteFromItem(item, &scope, out));
    }
    scope.unqualified = scope.items.size() == 1;
    CUPEL_RETURN_IF_ERROR(
        WriteConditions(parts, Clause::kWhere, " WHERE ", scope, out));
    CUPEL_RETURN_IF_ERROR(WriteRange(parts, "DELETE", scope, out));
    return WriteReturning(parts, use, scope, out);
  }
  Scope inner;
  inner.parent = &scope;
  absl::string_view separator = " WHERE EXISTS (SELECT 1 FROM ";
  for (const Part& item : items) {
    out->Add(separator);
    separator = ", ";
    CUPEL_RETURN_IF_ERROR(WriteFromItem(item, &inner, out));
  }
  CUPEL_RETURN_IF_ERROR(
      WriteConditions(parts, Clause::kWhere, " WHERE ", inner, out));
  out->Add(")");
  CUPEL_RETURN_IF_ERROR(WriteRange(parts, "DELETE", scope, out));
  return WriteReturning(parts, use, scope, out);
}

}  // namespace cupel::query_internal
