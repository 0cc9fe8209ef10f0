#include "cupel/orm/pagination.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/status_macros.h"

namespace cupel {
namespace {

constexpr int64_t kDefaultPerPage = 20;

}  // namespace

PageNumber::PageNumber(absl::string_view text) : given_(true) {
  int64_t number = 0;
  if (absl::SimpleAtoi(text, &number)) value_ = number;
}

PageInfo::PageInfo(int64_t page, int64_t per_page, std::optional<int64_t> total,
                   size_t items)
    : page_(page), per_page_(per_page), total_(total), items_(items) {}

int64_t PageInfo::pages() const {
  if (per_page_ == 0 || !total_) return 0;
  return *total_ / per_page_ + (*total_ % per_page_ != 0);
}

std::optional<int64_t> PageInfo::prev_num() const {
  return has_prev() ? std::optional(page_ - 1) : std::nullopt;
}

bool PageInfo::has_next() const {
  if (total_) return page_ < pages();
  return per_page_ > 0 && static_cast<int64_t>(items_) == per_page_;
}

std::optional<int64_t> PageInfo::next_num() const {
  return has_next() ? std::optional(page_ + 1) : std::nullopt;
}

int64_t PageInfo::first() const {
  return items_ == 0 ? 0 : (page_ - 1) * per_page_ + 1;
}

int64_t PageInfo::last() const {
  return items_ == 0 ? 0 : first() + static_cast<int64_t>(items_) - 1;
}

std::vector<std::optional<int64_t>> PageInfo::IterPages(
    const PageEdges& edges) const {
  std::vector<std::optional<int64_t>> numbers;
  int64_t last = 0;
  const auto add_range = [&](int64_t begin, int64_t end) {
    for (int64_t number = std::max(begin, last + 1); number <= end; ++number) {
      if (number != last + 1) numbers.push_back(std::nullopt);
      numbers.push_back(number);
      last = number;
    }
  };
  add_range(1, std::min(edges.left_edge, pages()));
  add_range(page_ - edges.left_current,
            std::min(page_ + edges.right_current, pages()));
  add_range(pages() - edges.right_edge + 1, pages());
  return numbers;
}

namespace orm_internal {

absl::StatusOr<PageWindow> WindowOf(const PageOptions& options) {
  PageWindow window{options.page.value().value_or(1),
                    options.per_page.value().value_or(kDefaultPerPage)};
  const bool bad_page =
      (options.page.given() && !options.page.value()) || window.page < 1;
  const bool bad_size =
      (options.per_page.given() && !options.per_page.value()) ||
      window.per_page < 0;
  if (options.error_out && (bad_page || bad_size)) {
    return NotFound404(bad_page ? "page: a whole number from 1 is needed"
                                : "per_page: a whole number from 0 is needed");
  }
  if (bad_page) window.page = 1;
  if (bad_size) window.per_page = kDefaultPerPage;
  if (options.max_per_page) {
    window.per_page = std::min(window.per_page, *options.max_per_page);
  }
  return window;
}

absl::StatusOr<ErasedPage> ReadPage(QueryCore core,
                                    const PageOptions& options) {
  CUPEL_ASSIGN_OR_RETURN(PageWindow window, WindowOf(options));
  std::optional<int64_t> total;
  if (options.count) {
    CUPEL_ASSIGN_OR_RETURN(total, core.Count());
  }
  std::vector<session::EntityRef> items;
  int64_t offset = 0;
  // A page so far out that its first row has no number is empty.
  const bool beyond =
      __builtin_mul_overflow(window.page - 1, window.per_page, &offset);
  if (window.per_page > 0 && !beyond && (!total || offset < *total)) {
    core.Limit(window.per_page);
    core.Offset(offset);
    CUPEL_ASSIGN_OR_RETURN(items, core.All());
  }
  if (items.empty() && window.page != 1 && options.error_out) {
    return NotFound404(absl::StrCat("page ", window.page, " is empty"));
  }
  return ErasedPage{PageInfo(window.page, window.per_page, total, items.size()),
                    std::move(items)};
}

query::Expr RowGreater(const std::vector<query::Expr>& left,
                       const std::vector<query::Expr>& right) {
  // a > x OR (a = x AND (b > y OR ...))
  query::Expr greater;
  for (size_t i = left.size(); i-- > 0;) {
    const query::Expr here =
        query::Binary(query::Operator::kGreater, left[i], right[i], nullptr);
    if (greater.empty()) {
      greater = here;
      continue;
    }
    const query::Expr equal =
        query::Binary(query::Operator::kEqual, left[i], right[i], nullptr);
    greater = query::Or({here, query::And({equal, greater})});
  }
  return greater;
}

}  // namespace orm_internal
}  // namespace cupel
