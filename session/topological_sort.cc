#include "cupel/session/topological_sort.h"

#include <algorithm>

namespace cupel::session {
namespace {

// For each item the items that depend on it (or, reversed, that it depends
// on), in compressed form.
struct Adjacency {
  Adjacency(uint32_t count, absl::Span<const Dependency> dependencies,
            bool reversed)
      : begin(count + 1, 0), items(dependencies.size()) {
    for (const Dependency& d : dependencies) {
      ++begin[(reversed ? d.second : d.first) + 1];
    }
    for (uint32_t i = 0; i < count; ++i) begin[i + 1] += begin[i];
    std::vector<uint32_t> fill(begin.begin(), begin.end() - 1);
    for (const Dependency& d : dependencies) {
      items[fill[reversed ? d.second : d.first]++] =
          reversed ? d.first : d.second;
    }
  }

  std::vector<uint32_t> begin;
  std::vector<uint32_t> items;
};

class Tarjan {
 public:
  Tarjan(uint32_t count, absl::Span<const Dependency> dependencies)
      : needs_(count, dependencies, /*reversed=*/true),
        index_(count, kUnvisited),
        low_(count, 0),
        on_stack_(count, 0) {}

  // Following what an item needs, components come out needs first.
  std::vector<std::vector<uint32_t>> Run() {
    for (uint32_t i = 0; i < index_.size(); ++i) {
      if (index_[i] == kUnvisited) Visit(i);
    }
    return std::move(components_);
  }

 private:
  static constexpr uint32_t kUnvisited = 0xffffffff;
  struct Frame {
    uint32_t item;
    uint32_t next;  // in needs_.items
  };

  void Enter(uint32_t item) {
    index_[item] = low_[item] = counter_++;
    stack_.push_back(item);
    on_stack_[item] = 1;
    frames_.push_back({item, needs_.begin[item]});
  }

  void Visit(uint32_t root) {
    Enter(root);
    while (!frames_.empty()) {
      const uint32_t item = frames_.back().item;
      if (frames_.back().next < needs_.begin[item + 1]) {
        const uint32_t need = needs_.items[frames_.back().next++];
        if (index_[need] == kUnvisited) {
          Enter(need);
        } else if (on_stack_[need]) {
          low_[item] = std::min(low_[item], index_[need]);
        }
        continue;
      }
      if (low_[item] == index_[item]) Pop(item);
      frames_.pop_back();
      if (!frames_.empty()) {
        const uint32_t parent = frames_.back().item;
        low_[parent] = std::min(low_[parent], low_[item]);
      }
    }
  }

  void Pop(uint32_t root) {
    std::vector<uint32_t> component;
    uint32_t item;
    do {
      item = stack_.back();
      stack_.pop_back();
      on_stack_[item] = 0;
      component.push_back(item);
    } while (item != root);
    std::sort(component.begin(), component.end());
    components_.push_back(std::move(component));
  }

  Adjacency needs_;
  std::vector<uint32_t> index_;
  std::vector<uint32_t> low_;
  std::vector<char> on_stack_;
  std::vector<uint32_t> stack_;
  std::vector<Frame> frames_;
  std::vector<std::vector<uint32_t>> components_;
  uint32_t counter_ = 0;
};

}  // namespace

std::vector<std::vector<uint32_t>> ComponentsInOrder(
    uint32_t count, absl::Span<const Dependency> dependencies) {
  return Tarjan(count, dependencies).Run();
}

std::vector<uint32_t> Levels(uint32_t count,
                             absl::Span<const Dependency> dependencies) {
  Adjacency followers(count, dependencies, /*reversed=*/false);
  std::vector<uint32_t> missing(count, 0);
  for (const Dependency& d : dependencies) ++missing[d.second];
  std::vector<uint32_t> levels(count, kOnCycle);
  std::vector<uint32_t> ready;
  for (uint32_t i = 0; i < count; ++i) {
    if (missing[i] == 0) {
      levels[i] = 0;
      ready.push_back(i);
    }
  }
  // Items become ready in order of their level.
  for (size_t next = 0; next < ready.size(); ++next) {
    const uint32_t item = ready[next];
    for (uint32_t i = followers.begin[item]; i < followers.begin[item + 1];
         ++i) {
      const uint32_t follower = followers.items[i];
      if (--missing[follower] == 0) {
        levels[follower] = levels[item] + 1;
        ready.push_back(follower);
      }
    }
  }
  return levels;
}

}  // namespace cupel::session
