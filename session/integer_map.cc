#include "cupel/session/integer_map.h"

namespace cupel::session {

IntegerMap::Page* IntegerMap::AddPage(int64_t number) {
  auto page = std::make_unique<Page>();
  const int64_t first = number * static_cast<int64_t>(kPageSize);
  for (size_t place = 0; place < kPageSize; ++place) {
    const auto found = scattered_.find(first + static_cast<int64_t>(place));
    if (found == scattered_.end()) continue;
    page->entries[place] = found->second;
    ++page->used;
    scattered_.erase(found);
  }
  // Rows that came in no order have been here, many at a time.
  if (scattered_.empty() && scattered_.capacity() > kPageSize) {
    decltype(scattered_)().swap(scattered_);
  }
  return (pages_[number] = std::move(page)).get();
}

std::pair<EntityState**, bool> IntegerMap::Insert(int64_t key) {
  const int64_t number = Number(key);
  const auto known = pages_.find(number);
  Page* page = known == pages_.end() ? nullptr : known->second.get();
  // The second of a pair makes the page of both.
  if (page == nullptr && scattered_.contains(key ^ 1)) page = AddPage(number);
  if (page == nullptr) {
    const auto [entry, is_new] = scattered_.try_emplace(key, nullptr);
    return {&entry->second, is_new};
  }
  EntityState*& entry = page->entries[Place(key)];
  const bool is_new = entry == nullptr;
  if (is_new) ++page->used;
  return {&entry, is_new};
}

void IntegerMap::Drop(int64_t key) {
  const auto known = pages_.find(Number(key));
  if (known == pages_.end()) {
    scattered_.erase(key);
    return;
  }
  Page& page = *known->second;
  page.entries[Place(key)] = nullptr;
  if (--page.used == 0) pages_.erase(known);
}

}  // namespace cupel::session
