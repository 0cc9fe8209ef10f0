#include "cupel/session/resolved_key.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace cupel::session {

std::string Names(const Columns& columns) {
  return absl::StrJoin(columns, ", ",
                       [](std::string* out, const schema::Column* column) {
                         absl::StrAppend(out, column->name());
                       });
}

bool SameColumns(Columns a, Columns b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const schema::Table& to) {
  std::vector<ResolvedKey> keys;
  for (const schema::ForeignKey& key : from.foreign_keys()) {
    if (!key.RefersTo(to)) continue;
    absl::StatusOr<Columns> referred = key.ReferredColumns(to);
    if (!referred.ok()) continue;
    keys.push_back({&key, Columns(key.columns().begin(), key.columns().end()),
                    *std::move(referred)});
  }
  return keys;
}

std::vector<ResolvedKey> KeysBetween(const schema::Table& from,
                                     const EntityType& to) {
  std::vector<ResolvedKey> keys;
  for (const EntityType::Level& level : to.levels()) {
    for (ResolvedKey& key : KeysBetween(from, *level.table)) {
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

bool IsInheritance(const EntityType& type, const schema::ForeignKey& key) {
  for (const EntityType::Level& level : type.levels().subspan(1)) {
    if (SameColumns(level.key, {key.columns().begin(), key.columns().end()})) {
      return true;
    }
  }
  return false;
}

std::vector<ResolvedKey> KeysBetween(const EntityType& from,
                                     const EntityType& to) {
  std::vector<ResolvedKey> keys;
  const bool inherits =
      from.base() != nullptr || !from.root().subtypes().empty();
  for (const EntityType::Level& level : from.levels()) {
    for (ResolvedKey& key : KeysBetween(*level.table, to)) {
      if (IsInheritance(from, *key.key)) continue;
      const bool mapped = std::all_of(
          key.columns.begin(), key.columns.end(),
          [&](const schema::Column* c) { return from.FindColumn(*c) >= 0; });
      if (inherits && !mapped) continue;
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

bool Refers(const schema::ForeignKey& key, const EntityType& type) {
  return std::any_of(type.levels().begin(), type.levels().end(),
                     [&](const EntityType::Level& level) {
                       return key.RefersTo(*level.table);
                     });
}

}  // namespace cupel::session
