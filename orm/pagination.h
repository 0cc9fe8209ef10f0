// Pages of a query, by number and by key.
//
//   CUPEL_ASSIGN_OR_RETURN(
//       auto page, session.Query<Post>().OrderBy(col<&Post::id>)
//                      .Paginate({.page = "2", .per_page = 10}));
//   for (const Ref<Post>& post : page) ...
//   for (std::optional<int64_t> number : page.IterPages()) ...  // or a gap
//
// A big table is better read by key, where page 10,000 costs as much as page 1:
//
//   PaginateAfter<&Post::id>(query, /*after=*/std::nullopt, 20)

#ifndef CUPEL_ORM_PAGINATION_H_
#define CUPEL_ORM_PAGINATION_H_

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/orm/query.h"

namespace cupel {

// A number as a program or a request gives it: absent, an integer, or text,
// which may be none.
class PageNumber {
 public:
  PageNumber() = default;
  PageNumber(std::integral auto number)  // NOLINT: implicit
      : value_(static_cast<int64_t>(number)), given_(true) {}
  PageNumber(absl::string_view text);  // NOLINT
  PageNumber(const char* text)
      : PageNumber(absl::string_view(text)) {}  // NOLINT

  bool given() const { return given_; }
  // std::nullopt: absent, or text that is no integer.
  std::optional<int64_t> value() const { return value_; }

 private:
  std::optional<int64_t> value_;
  bool given_ = false;
};

struct PageOptions {
  PageNumber page;      // from 1; absent: 1
  PageNumber per_page;  // absent: 20
  // What does not make sense (text, page < 1, per_page < 0, an empty page
  // beyond the first) is kNotFound with 404; otherwise page becomes 1 and
  // per_page 20, and an empty page is empty.
  bool error_out = true;
  // Caps per_page; kept by Next() and Prev().
  std::optional<int64_t> max_per_page;
  // Whether to count all entities, which costs a statement.
  bool count = true;
};

struct PageEdges {
  int64_t left_edge = 2;
  int64_t left_current = 2;
  int64_t right_current = 4;
  int64_t right_edge = 2;
};

// All of a page but its items. Immutable.
class PageInfo {
 public:
  PageInfo(int64_t page, int64_t per_page, std::optional<int64_t> total,
           size_t items);

  int64_t page() const { return page_; }
  int64_t per_page() const { return per_page_; }
  // Of entities; std::nullopt if not counted.
  std::optional<int64_t> total() const { return total_; }
  // 0 if per_page is 0, or nothing was counted.
  int64_t pages() const;
  bool has_prev() const { return page_ > 1; }
  std::optional<int64_t> prev_num() const;
  // Without a count: whether this page is full.
  bool has_next() const;
  std::optional<int64_t> next_num() const;
  // Numbers of the first and last entity on the page, from 1; 0 if empty.
  int64_t first() const;
  int64_t last() const;
  // Page numbers with std::nullopt for each gap: both edges, and those around
  // the current page.
  std::vector<std::optional<int64_t>> IterPages(
      const PageEdges& edges = {}) const;

 private:
  int64_t page_;
  int64_t per_page_;
  std::optional<int64_t> total_;
  size_t items_;
};

namespace orm_internal {

struct PageWindow {
  int64_t page;
  int64_t per_page;
};

// Errors: kNotFound with 404, see PageOptions::error_out.
absl::StatusOr<PageWindow> WindowOf(const PageOptions& options);

// (left...) > (right...), spelled out so that an index serves it everywhere.
query::Expr RowGreater(const std::vector<query::Expr>& left,
                       const std::vector<query::Expr>& right);

struct ErasedPage {
  PageInfo info;
  std::vector<session::EntityRef> items;
};
absl::StatusOr<ErasedPage> ReadPage(QueryCore core, const PageOptions& options);

}  // namespace orm_internal

template <typename T>
class Pagination : public PageInfo {
 public:
  Pagination(cupel::Query<T> query, PageOptions options, PageInfo info,
             std::vector<Ref<T>> items)
      : PageInfo(std::move(info)),
        query_(std::move(query)),
        options_(std::move(options)),
        items_(std::move(items)) {}

  const std::vector<Ref<T>>& items() const { return items_; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  const cupel::Query<T>& query() const { return query_; }

  // The neighbouring pages. By default a page that is not there is an empty one
  // (after the last) or page 1 (before the first).
  absl::StatusOr<Pagination> Next(bool error_out = false) const {
    return Turn(page() + 1, error_out);
  }
  absl::StatusOr<Pagination> Prev(bool error_out = false) const {
    return Turn(page() - 1, error_out);
  }

 private:
  absl::StatusOr<Pagination> Turn(int64_t page, bool error_out) const {
    PageOptions options = options_;
    options.page = page;
    options.per_page = per_page();
    options.error_out = error_out;
    return query_.Paginate(options);
  }

  cupel::Query<T> query_;
  PageOptions options_;
  std::vector<Ref<T>> items_;
};

template <typename T>
absl::StatusOr<Pagination<T>> Query<T>::Paginate(
    const PageOptions& options) const {
  absl::StatusOr<orm_internal::ErasedPage> page =
      orm_internal::ReadPage(this->core_, options);
  if (!page.ok()) return std::move(page).status();
  std::vector<Ref<T>> items(page->items.size());
  std::move(page->items.begin(), page->items.end(),
            orm_internal::Erased(items.data()));
  return Pagination<T>(*this, options, page->info, std::move(items));
}

// A page by key: `items`, and the key to give as `after` for the next page.
template <typename T, typename Key>
struct KeysetPage {
  std::vector<Ref<T>> items;
  std::optional<Key> next;  // absent: this is the last page
};

namespace orm_internal {

// The values of a key as operands of the members' columns.
template <typename T, auto... kMembers, size_t... kIndex, typename Key>
std::vector<query::Expr> KeyOperands(const Key& key,
                                     std::index_sequence<kIndex...>) {
  return {col<kMembers, T>.Operand(std::get<kIndex>(key))...};
}

}  // namespace orm_internal

// Up to `per_page` entities in ascending order of the members (the last should
// be unique, such as the primary key), after the key `after`. The query must
// have no order and no limit of its own.
template <auto... kMembers, typename T>
auto PaginateAfter(
    const Query<T>& query,
    const std::optional<std::tuple<orm_internal::ColumnType<kMembers>...>>&
        after,
    int64_t per_page)
    -> absl::StatusOr<
        KeysetPage<T, std::tuple<orm_internal::ColumnType<kMembers>...>>> {
  using Key = std::tuple<orm_internal::ColumnType<kMembers>...>;
  Query<T> page = query;
  if (after) {
    const std::vector<query::Expr> left = {col<kMembers, T>...};
    const std::vector<query::Expr> right =
        orm_internal::KeyOperands<T, kMembers...>(
            *after, std::make_index_sequence<sizeof...(kMembers)>());
    page = page.Filter(orm_internal::RowGreater(left, right));
  }
  auto items = page.OrderBy(col<kMembers, T>...).Limit(per_page + 1).All();
  if (!items.ok()) return std::move(items).status();
  KeysetPage<T, Key> result;
  if (per_page > 0 && static_cast<int64_t>(items->size()) > per_page) {
    items->pop_back();
    const T& last = *items->back();
    result.next = Key(last.*kMembers...);
  }
  result.items = *std::move(items);
  return result;
}

}  // namespace cupel

#endif  // CUPEL_ORM_PAGINATION_H_
