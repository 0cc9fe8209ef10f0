#include "cupel/session/link_rows.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"

namespace cupel::session {
namespace {

using Verb = RowStatement::Verb;

// The columns of a link row that refer to one side.
void AddSide(const Relationship& r, bool of_target, Verb verb,
             RowValue::From from, RowStatement* statement) {
  const EntityType& type = of_target ? *r.target : *r.source;
  for (const auto& pair : of_target ? r.target_pairs : r.source_pairs) {
    const RowValue value = {from, &type.property(pair.property), false};
    if (verb == Verb::kInsert) {
      statement->Set(*pair.column, value);
    } else {
      statement->Where(*pair.column, value);
    }
  }
}

absl::Status WriteLinks(FlushWriter& writer, const LinkGroup& group,
                        Verb verb) {
  const Relationship& r = *group.r;
  std::vector<BatchRow> rows;
  rows.reserve(group.links.size());
  for (const auto& [source, target] : group.links) {
    rows.push_back({source, target});
  }
  RowStatement statement(verb, *r.secondary);
  AddSide(r, /*of_target=*/false, verb, RowValue::From::kMember, &statement);
  AddSide(r, /*of_target=*/true, verb, RowValue::From::kSecond, &statement);
  return engine::WithContext(
      writer.Execute(
          std::move(statement), {}, rows,
          [&](const BatchRow& link, const engine::ExecuteResult& result) {
            return verb == Verb::kInsert || result.affected_rows == 1
                       ? absl::OkStatus()
                       : StaleError(*link.first, "unlink",
                                    result.affected_rows);
          }),
      absl::StrCat("linking by ", r.DebugName()));
}

}  // namespace

absl::Status InsertLinks(FlushWriter& writer, const LinkGroup& group) {
  return WriteLinks(writer, group, Verb::kInsert);
}

absl::Status DeleteLinks(FlushWriter& writer, const LinkGroup& group) {
  return WriteLinks(writer, group, Verb::kDelete);
}

absl::Status ClearLinks(FlushWriter& writer, const LinkClearing& clearing) {
  RowStatement statement(Verb::kDelete, *clearing.r->secondary);
  AddSide(*clearing.r, clearing.by_target, Verb::kDelete,
          RowValue::From::kMember, &statement);
  std::vector<BatchRow> rows;
  for (EntityState* state : clearing.entities) rows.push_back({state, nullptr});
  return writer.Execute(std::move(statement), {}, rows,
                        [](const BatchRow&, const engine::ExecuteResult&) {
                          return absl::OkStatus();
                        });
}

}  // namespace cupel::session
