#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {
namespace {

using query::JoinKind;

bool ListHas(absl::Span<const Part> items, const Node& item) {
  return std::any_of(items.begin(), items.end(), [&](const Part& known) {
    return SameItem(*known.node, item);
  });
}

bool ScopeHas(const Scope* scope, const Node& item) {
  for (; scope != nullptr; scope = scope->parent) {
    for (const ScopeItem& known : scope->items) {
      if (SameItem(*known.item, item)) return true;
    }
  }
  return false;
}

// The items of columns below `root`, outside of nested statements, in order.
void CollectMentioned(const Part& root, std::vector<Part>* items) {
  absl::InlinedVector<const Node*, 16> open = {root.node};
  while (!open.empty()) {
    const Node& node = *open.back();
    open.pop_back();
    if (node.kind() >= NodeKind::kSelect) continue;
    if (node.kind() == NodeKind::kColumn) {
      if (node.child_count() == 1 && !ListHas(*items, node.child(0))) {
        items->push_back({&node.child(0), 0});
      }
      continue;
    }
    for (size_t i = node.child_count(); i > 0; --i) {
      open.push_back(&node.child(i - 1));
    }
  }
}

// The leaves of a tree of joins.
void CollectLeaves(const Part& item, std::vector<Part>* leaves) {
  if (item.node->kind() != NodeKind::kJoin) {
    leaves->push_back(item);
    return;
  }
  CollectLeaves(item.child(0), leaves);
  CollectLeaves(item.child(1), leaves);
}

// Whether `scope` has a table of the same name in another schema: databases
// take the second only under an alias.
bool HasNamesake(const Scope& scope, const schema::Table& table) {
  return std::any_of(
      scope.items.begin(), scope.items.end(), [&table](const ScopeItem& known) {
        if (known.item->kind() != NodeKind::kTable) return false;
        const auto& other = *known.item->object_as<schema::Table>();
        return other.name() == table.name() && other.schema() != table.schema();
      });
}

// What a statement reads, as its clauses say it.
struct FromPlan {
  std::vector<Part> roots;      // items of the FROM list, first to last
  std::vector<Part> mentioned;  // of columns and conditions
  std::vector<Part> given;      // leaves of roots and joined items
  std::vector<Part> implicit;   // items with binds
  std::vector<const ClausePart*> joins;
};

FromPlan PlanOf(const StatementParts& parts) {
  FromPlan plan;
  for (const OutputColumn& column : OutputColumnsOf(parts)) {
    CollectMentioned(column.expr, &plan.mentioned);
  }
  for (const ClausePart& clause : parts.clauses) {
    switch (clause.clause) {
      case Clause::kFrom:
        for (const Part& item : clause.members) {
          if (ListHas(plan.given, *item.node)) continue;
          plan.roots.push_back(item);
          CollectLeaves(item, &plan.given);
        }
        break;
      case Clause::kJoin:
        plan.joins.push_back(&clause);
        CollectLeaves(clause.members[0], &plan.given);
        break;
      case Clause::kWhere:
      case Clause::kExtra:
        for (const Part& part : clause.members) {
          CollectMentioned(part, &plan.mentioned);
        }
        break;
      case Clause::kImplicitFrom:
        plan.implicit.insert(plan.implicit.end(), clause.members.begin(),
                             clause.members.end());
        break;
      default:
        break;
    }
  }
  // Mentioned items know no base of their own: the implicit clause does.
  for (Part& item : plan.mentioned) {
    for (const Part& known : plan.implicit) {
      if (SameItem(*known.node, *item.node)) item = known;
    }
  }
  return plan;
}

// The mentioned items that come from the statement around this one.
std::vector<Part> Correlated(const StatementParts& parts, const FromPlan& plan,
                             const Scope* outer) {
  std::vector<Part> correlated;
  if (outer == nullptr) return correlated;
  const ClausePart* only = nullptr;
  const ClausePart* except = nullptr;
  for (const ClausePart& clause : parts.clauses) {
    if (clause.clause == Clause::kCorrelate) only = &clause;
    if (clause.clause == Clause::kCorrelateExcept) except = &clause;
  }
  size_t own = plan.given.size();
  for (const Part& item : plan.mentioned) {
    if (ListHas(plan.given, *item.node)) continue;
    bool is_outer = ScopeHas(outer, *item.node);
    if (only != nullptr) {
      is_outer = is_outer && ListHas(only->members, *item.node);
    }
    if (except != nullptr) {
      is_outer = is_outer && !ListHas(except->members, *item.node);
    }
    if (is_outer) {
      correlated.push_back(item);
    } else {
      ++own;
    }
  }
  const bool explicitly = only != nullptr || except != nullptr;
  if (own == 0 && !explicitly) correlated.clear();
  return correlated;
}

}  // namespace

const schema::Table* TableOf(const Node& item) {
  const Node* node = &item;
  while (node->kind() == NodeKind::kAlias) node = &node->child(0);
  return node->kind() == NodeKind::kTable ? node->object_as<schema::Table>()
                                          : nullptr;
}

bool SameItem(const Node& a, const Node& b) {
  if (&a == &b) return true;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case NodeKind::kTable:
      return a.object() == b.object();
    case NodeKind::kAlias:
      return !a.text().empty() && a.text() == b.text() &&
             SameItem(a.child(0), b.child(0));
    case NodeKind::kCteSelf:
      return a.text() == b.text();
    default:
      return false;
  }
}

void Compiler::NoteRead(const schema::Table& table) {
  auto& tables = compiled_->tables_read;
  if (std::find(tables.begin(), tables.end(), &table) == tables.end()) {
    tables.push_back(&table);
  }
}

void Compiler::NoteWritten(const schema::Table& table) {
  compiled_->tables_written.push_back(&table);
}

absl::Status Compiler::WriteTableName(const schema::Table& table,
                                      SqlText* out) {
  if (!table.schema().empty()) {
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(table.schema(), out));
    out->Add(".");
  }
  return WriteIdentifier(table.name(), out);
}

std::string Compiler::AnonymousName(const Node& item) {
  std::string& name = anonymous_names_[&item];
  if (!name.empty()) return name;
  const schema::Table* table = TableOf(item);
  const Node* behind = &item;
  while (behind->kind() == NodeKind::kAlias) behind = &behind->child(0);
  const std::string stem = table != nullptr ? table->name()
                           : !behind->text().empty()
                               ? std::string(behind->text())
                               : "anon";
  name =
      dialect_.ShortenLabel(absl::StrCat(stem, "_", ++anonymous_counts_[stem]));
  return name;
}

// Gives `item` its name in `scope`.
absl::Status Compiler::EnterItem(const Node& item, Scope* scope) {
  SqlText name;
  if (item.kind() == NodeKind::kTable &&
      !HasNamesake(*scope, *item.object_as<schema::Table>())) {
    CUPEL_RETURN_IF_ERROR(
        WriteTableName(*item.object_as<schema::Table>(), &name));
  } else if (item.kind() != NodeKind::kTable && !item.text().empty()) {
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(item.text(), &name));
  } else {
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(AnonymousName(item), &name));
  }
  for (const ScopeItem& known : scope->items) {
    if (known.name == name.sql()) {
      return absl::InvalidArgumentError(
          absl::StrCat("cupel: two items of one FROM clause are named ",
                       name.sql(), "; give one an alias"));
    }
  }
  scope->items.push_back({&item, std::move(name).TakeSql()});
  return absl::OkStatus();
}

absl::Status Compiler::WriteFromItem(const Part& item, Scope* scope,
                                     SqlText* out) {
  const Node& node = *item.node;
  if (node.kind() == NodeKind::kJoin) return WriteJoinTree(item, scope, out);
  if (node.kind() == NodeKind::kError) return ErrorOf(node);
  CUPEL_RETURN_IF_ERROR(EnterItem(node, scope));
  const std::string name = scope->items.back().name;
  switch (node.kind()) {
    case NodeKind::kTable: {
      const auto& table = *node.object_as<schema::Table>();
      NoteRead(table);
      SqlText own;
      CUPEL_RETURN_IF_ERROR(WriteTableName(table, &own));
      out->Add(own.sql());
      if (own.sql() != name) out->Add(" AS ", name);
      return absl::OkStatus();
    }
    case NodeKind::kAlias: {
      Scope inner;
      SqlText aliased;
      CUPEL_RETURN_IF_ERROR(WriteFromItem(item.child(0), &inner, &aliased));
      out->Add(std::move(aliased));
      out->Add(" AS ", name);
      return WriteSample(item, *scope, out);
    }
    case NodeKind::kSubquery: {
      if (node.has(kLateral) && !can().lateral) return Unsupported("LATERAL");
      const Nesting nesting(&subqueries_);
      CUPEL_RETURN_IF_ERROR(
          nesting.Check(can().max_subquery_depth, "nested subqueries"));
      out->Add(node.has(kLateral) ? "LATERAL (" : "(");
      SelectUse use{.must_name = true};
      Scope visible;
      if (node.has(kLateral)) {
        visible = *scope;
        visible.items.pop_back();
        use.outer = &visible;
      }
      CUPEL_RETURN_IF_ERROR(WriteStatement(item.child(0), use, out));
      out->Add(") AS ", name);
      return absl::OkStatus();
    }
    case NodeKind::kCte:
    case NodeKind::kValues:
      CUPEL_RETURN_IF_ERROR(AddCte(item));
      [[fallthrough]];
    case NodeKind::kCteSelf:
      out->Add(name);
      return absl::OkStatus();
    case NodeKind::kTableFunction:
      return WriteTableFunction(item, scope, out);
    default:
      return absl::InvalidArgumentError(
          "cupel: an expression stands where a FROM item belongs");
  }
}

absl::Status Compiler::WriteSample(const Part& alias, const Scope& scope,
                                   SqlText* out) {
  if (alias.node->child_count() < 2) return absl::OkStatus();
  if (!can().tablesample) return Unsupported("TABLESAMPLE");
  out->Add(" TABLESAMPLE ");
  CUPEL_RETURN_IF_ERROR(WriteExpr(alias.child(1), scope, out));
  if (alias.node->child_count() > 2) {
    out->Add(" REPEATABLE (");
    CUPEL_RETURN_IF_ERROR(WriteExpr(alias.child(2), scope, out));
    out->Add(")");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteTableFunction(const Part& item, Scope* scope,
                                          SqlText* out) {
  if (!can().table_functions) return Unsupported("table functions");
  const Node& node = *item.node;
  const std::string name = scope->items.back().name;
  if (node.has(kOrdinality) && !can().ordinality) {
    return Unsupported("WITH ORDINALITY");
  }
  CUPEL_RETURN_IF_ERROR(WriteExpr(item.child(0), *scope, out));
  if (node.has(kOrdinality)) out->Add(" WITH ORDINALITY");
  out->Add(" AS ", name);
  if (node.child_count() > 1 && can().table_function_columns) {
    absl::string_view separator = " (";
    for (size_t i = 1; i < node.child_count(); ++i) {
      out->Add(separator);
      separator = ", ";
      CUPEL_RETURN_IF_ERROR(WriteIdentifier(node.child(i).text(), out));
    }
    out->Add(")");
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteJoinTree(const Part& join, Scope* scope,
                                     SqlText* out) {
  const size_t before = scope->items.size();
  CUPEL_RETURN_IF_ERROR(WriteFromItem(join.child(0), scope, out));
  const std::vector<ScopeItem> left(scope->items.begin() + before,
                                    scope->items.end());
  Part on;
  if (join.node->child_count() > 2) on = join.child(2);
  return WriteOn(left, join.child(1), on.node != nullptr ? &on : nullptr,
                 static_cast<JoinKind>(join.node->op()), scope, out);
}

// " JOIN right ON ...".
absl::Status Compiler::WriteOn(absl::Span<const ScopeItem> left,
                               const Part& right, const Part* on, JoinKind kind,
                               Scope* scope, SqlText* out) {
  switch (kind) {
    case JoinKind::kInner:
      out->Add(" JOIN ");
      break;
    case JoinKind::kLeft:
      out->Add(" LEFT JOIN ");
      break;
    case JoinKind::kFull:
      if (!can().full_join) return Unsupported("FULL JOIN");
      out->Add(" FULL JOIN ");
      break;
    case JoinKind::kCross:
      out->Add(" CROSS JOIN ");
      break;
  }
  const bool nested = right.node->kind() == NodeKind::kJoin;
  if (nested) out->Add("(");
  CUPEL_RETURN_IF_ERROR(WriteFromItem(right, scope, out));
  if (nested) out->Add(")");
  if (kind == JoinKind::kCross) return absl::OkStatus();
  out->Add(" ON ");
  if (on != nullptr) return WriteExpr(*on, *scope, out);
  return WriteForeignKeyOn(left, *right.node, *scope, out);
}

// The condition that the only foreign key between `right` and `left` gives.
absl::Status Compiler::WriteForeignKeyOn(absl::Span<const ScopeItem> left,
                                         const Node& right, const Scope& scope,
                                         SqlText* out) {
  struct Match {
    const schema::ForeignKey* key;
    const ScopeItem* from;
    const ScopeItem* to;
  };
  const schema::Table* right_table = TableOf(right);
  const ScopeItem* right_item = nullptr;
  for (const ScopeItem& item : scope.items) {
    if (SameItem(*item.item, right)) right_item = &item;
  }
  std::vector<Match> matches;
  std::string names;
  for (const ScopeItem& item : left) {
    const schema::Table* table = TableOf(*item.item);
    absl::StrAppend(&names, names.empty() ? "" : ", ", item.name);
    if (table == nullptr || right_table == nullptr || right_item == nullptr) {
      continue;
    }
    for (const schema::ForeignKey& key : right_table->foreign_keys()) {
      if (key.RefersTo(*table)) matches.push_back({&key, right_item, &item});
    }
    for (const schema::ForeignKey& key : table->foreign_keys()) {
      if (key.RefersTo(*right_table) && table != right_table) {
        matches.push_back({&key, &item, right_item});
      }
    }
  }
  const std::string right_name =
      right_item != nullptr ? right_item->name : "a join";
  if (matches.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cupel: the join between ", names, " and ", right_name,
        matches.empty() ? " has no foreign key" : " is ambiguous: there are ",
        matches.empty() ? "" : absl::StrCat(matches.size(), " foreign keys"),
        "; say its ON condition"));
  }
  const Match& match = matches.front();
  CUPEL_ASSIGN_OR_RETURN(const std::vector<const schema::Column*> referred,
                         match.key->ReferredColumns(*TableOf(*match.to->item)));
  absl::string_view separator;
  for (size_t i = 0; i < referred.size(); ++i) {
    out->Add(separator, match.from->name, ".");
    separator = " AND ";
    CUPEL_RETURN_IF_ERROR(
        WriteIdentifier(match.key->columns()[i]->name(), out));
    out->Add(" = ", match.to->name, ".");
    CUPEL_RETURN_IF_ERROR(WriteIdentifier(referred[i]->name(), out));
  }
  return absl::OkStatus();
}

absl::Status Compiler::WriteFrom(const StatementParts& parts,
                                 const SelectUse& use, Scope* scope,
                                 SqlText* out) {
  FromPlan plan = PlanOf(parts);
  const std::vector<Part> correlated = Correlated(parts, plan, use.outer);
  std::vector<Part> roots = plan.roots;
  for (const Part& item : plan.mentioned) {
    if (ListHas(plan.given, *item.node) || ListHas(correlated, *item.node)) {
      continue;
    }
    roots.push_back(item);
  }
  // Joins go on with the last item given by SelectFrom(); otherwise with the
  // first root that the condition mentions.
  size_t joined = plan.roots.empty() ? 0 : plan.roots.size() - 1;
  if (!plan.joins.empty()) {
    const ClausePart& first = *plan.joins.front();
    std::vector<Part> in_condition;
    if (first.members.size() > 1) {
      CollectMentioned(first.members[1], &in_condition);
    }
    if (roots.empty()) {
      for (const Part& item : in_condition) {
        if (!ListHas(plan.given, *item.node)) roots.push_back(item);
      }
      if (roots.size() > 1) roots.resize(1);
    }
    if (roots.empty()) {
      return absl::InvalidArgumentError(
          "cupel: a join has nothing on its left; use SelectFrom()");
    }
    for (size_t i = 0; i < roots.size() && plan.roots.empty(); ++i) {
      if (ListHas(in_condition, *roots[i].node)) {
        joined = i;
        break;
      }
    }
  }
  for (size_t i = 0; i < roots.size(); ++i) {
    if (i > 0) out->Add(", ");
    const size_t before = scope->items.size();
    CUPEL_RETURN_IF_ERROR(WriteFromItem(roots[i], scope, out));
    if (i != joined) continue;
    for (const ClausePart* join : plan.joins) {
      const std::vector<ScopeItem> left(scope->items.begin() + before,
                                        scope->items.end());
      CUPEL_RETURN_IF_ERROR(
          WriteOn(left, join->members[0],
                  join->members.size() > 1 ? &join->members[1] : nullptr,
                  static_cast<JoinKind>(join->detail), scope, out));
    }
  }
  return absl::OkStatus();
}

}  // namespace cupel::query_internal
