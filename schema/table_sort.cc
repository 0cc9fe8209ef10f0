#include "cupel/schema/table_sort.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/schema/metadata.h"
#include "cupel/schema/table.h"

namespace cupel::schema_internal {
namespace {

using ::cupel::schema::ForeignKey;
using ::cupel::schema::SortedTables;
using ::cupel::schema::Table;

class Sorter {
 public:
  Sorter(absl::Span<const Table* const> tables,
         absl::FunctionRef<const Table*(const ForeignKey&)> referred)
      : members_(tables.begin(), tables.end()), referred_(referred) {}

  // Visits with a stack of its own: a chain of tables may be long.
  void Visit(const Table* root) {
    if (!Enter(root)) return;
    while (!path_.empty()) {
      Frame& frame = path_.back();
      const auto keys = frame.table->foreign_keys();
      if (frame.next_key == keys.size()) {
        on_path_.erase(frame.table);
        result_.tables.push_back(frame.table);
        path_.pop_back();
        continue;
      }
      Follow(keys[frame.next_key++]);
    }
  }

  SortedTables TakeResult() { return std::move(result_); }

 private:
  struct Frame {
    const Table* table;
    size_t next_key;
  };

  bool Enter(const Table* table) {
    if (!visited_.insert(table).second) return false;
    on_path_.insert(table);
    path_.push_back({table, 0});
    return true;
  }

  void Follow(const ForeignKey& key) {
    const Table* target = referred_(key);
    // A table may always refer to itself.
    if (target == nullptr || target == &key.table()) return;
    if (key.options().use_alter) {
      result_.late_keys.push_back(&key);
      return;
    }
    if (!members_.contains(target)) return;
    if (on_path_.contains(target)) {
      result_.late_keys.push_back(&key);
      result_.cycles.push_back(DescribeCycle(target));
      return;
    }
    Enter(target);
  }

  std::string DescribeCycle(const Table* target) const {
    std::string text;
    bool inside = false;
    for (const Frame& frame : path_) {
      inside = inside || frame.table == target;
      if (inside) absl::StrAppend(&text, frame.table->full_name(), " -> ");
    }
    return text + target->full_name();
  }

  const absl::flat_hash_set<const Table*> members_;
  absl::FunctionRef<const Table*(const ForeignKey&)> referred_;
  absl::flat_hash_set<const Table*> visited_;
  absl::flat_hash_set<const Table*> on_path_;
  std::vector<Frame> path_;
  SortedTables result_;
};

}  // namespace

SortedTables SortTables(
    absl::Span<const Table* const> tables,
    absl::FunctionRef<const Table*(const ForeignKey&)> referred) {
  Sorter sorter(tables, referred);
  for (const Table* table : tables) sorter.Visit(table);
  return sorter.TakeResult();
}

}  // namespace cupel::schema_internal
