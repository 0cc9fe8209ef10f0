// RowQuery: rows of entities and columns together.
//
//   session.Select(entity<User>, query::Count())
//       .OuterJoin<&User::posts>()
//       .GroupBy(col<&User::id>)
//       .All();      // StatusOr<vector<tuple<Ref<User>, int64_t>>>
//
//   session.Select(entity<User>, Optional(entity<Post>))
//       .OuterJoin<&User::posts>()   // tuple<Ref<User>, optional<Ref<Post>>>
//
// Any number of items: entity<T>, an Alias<T>, Optional() of either for the
// outer side of a join, a typed expression, or a Bundle() of expressions, which
// is a tuple (or a struct of yours) of its own. A row reads as the tuple of
// what its items are.

#ifndef CUPEL_ORM_ROW_QUERY_H_
#define CUPEL_ORM_ROW_QUERY_H_

#include <concepts>
#include <cstddef>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cupel/engine/type_ops.h"
#include "cupel/orm/col.h"
#include "cupel/orm/query.h"
#include "cupel/orm/query_core.h"

namespace cupel {

// The class T as an item of a row.
template <typename T>
struct EntityItem {
  using Entity = T;
};
template <typename T>
inline constexpr EntityItem<T> entity{};

template <typename Item>
struct OptionalItem {
  Item item;
};
// The item may be absent: it reads as std::optional<Ref<T>>.
template <typename T>
OptionalItem<EntityItem<T>> Optional(EntityItem<T> item) {
  return {item};
}
template <typename T>
OptionalItem<Alias<T>> Optional(Alias<T> item) {
  return {std::move(item)};
}

template <typename Result, typename... Ts>
struct BundleItem {
  std::tuple<query::TypedExpr<Ts>...> columns;
};
// Columns that read as one value: a std::tuple, or `Result{columns...}`.
template <typename... Ts>
BundleItem<std::tuple<Ts...>, Ts...> Bundle(
    const query::TypedExpr<Ts>&... columns) {
  return {{columns...}};
}
template <typename Result, typename... Ts>
requires requires(Ts... values) { Result{values...}; }
BundleItem<Result, Ts...> BundleAs(const query::TypedExpr<Ts>&... columns) {
  return {{columns...}};
}

namespace orm_internal {

// What an item adds to the query, and how it reads from place `*at` of a row.
template <typename Item>
struct RowItemTraits {
  static_assert(query_internal::IsTypedExpr<Item>,
                "cupel: a row consists of entity<T>, aliases, typed "
                "expressions and bundles");
  using Type = typename Item::value_type;
  static void AddTo(QueryCore& core, const Item& item) { core.AddColumn(item); }
  static absl::Status Read(const session::EntityResult& row, size_t* at,
                           Type* out) {
    return row.Read((*at)++, engine::TypeOpsOf<Type>(), out);
  }
};

template <typename T>
struct EntityItemTraits {
  using Type = Ref<T>;
  static absl::Status Read(const session::EntityResult& row, size_t* at,
                           Type* out) {
    *out = Ref<T>(row.entity((*at)++));
    return *out ? absl::OkStatus() : NullEntity(ModelOf<T>());
  }
};

template <typename T>
struct RowItemTraits<EntityItem<T>> : EntityItemTraits<T> {
  static void AddTo(QueryCore& core, const EntityItem<T>&) {
    core.AddEntity(ModelOf<T>(), {});
  }
};

template <typename T>
struct RowItemTraits<Alias<T>> : EntityItemTraits<T> {
  static void AddTo(QueryCore& core, const Alias<T>& alias) {
    core.AddEntity(ModelOf<T>(), alias.item());
  }
};

template <typename Item>
struct RowItemTraits<OptionalItem<Item>> {
  using Type = std::optional<typename RowItemTraits<Item>::Type>;
  static void AddTo(QueryCore& core, const OptionalItem<Item>& item) {
    RowItemTraits<Item>::AddTo(core, item.item);
  }
  static absl::Status Read(const session::EntityResult& row, size_t* at,
                           Type* out) {
    const session::EntityRef& ref = row.entity((*at)++);
    out->reset();
    if (ref) out->emplace(ref);
    return absl::OkStatus();
  }
};

template <typename Result, typename... Ts>
struct RowItemTraits<BundleItem<Result, Ts...>> {
  using Type = Result;
  static void AddTo(QueryCore& core, const BundleItem<Result, Ts...>& bundle) {
    std::apply([&](const auto&... column) { (core.AddColumn(column), ...); },
               bundle.columns);
  }
  static absl::Status Read(const session::EntityResult& row, size_t* at,
                           Type* out) {
    std::tuple<Ts...> values;
    absl::Status status;
    std::apply(
        [&](auto&... value) {
          ((status.ok() ? status.Update(row.Read(
                              (*at)++,
                              engine::TypeOpsOf<
                                  std::remove_reference_t<decltype(value)>>(),
                              &value))
                        : void()),
           ...);
        },
        values);
    if (status.ok()) {
      *out = std::apply(
          [](auto&... value) { return Result{std::move(value)...}; }, values);
    }
    return status;
  }
};

// Reads a row into values that may hold those of the row before.
template <typename... Items, size_t... kIndex>
absl::Status ReadRow(const session::EntityResult& result,
                     std::tuple<typename RowItemTraits<Items>::Type...>* row,
                     std::index_sequence<kIndex...>) {
  absl::Status status;
  size_t at = 0;
  ((status.ok() ? status.Update(RowItemTraits<Items>::Read(
                      result, &at, &std::get<kIndex>(*row)))
                : void()),
   ...);
  return status;
}

}  // namespace orm_internal

// The rows of a streamed query, one at a time: nothing of what has passed is
// kept, and values of the same row object are reused. Must not outlive the
// session. Move-only.
template <typename... Items>
class RowStream {
 public:
  using Row = std::tuple<typename orm_internal::RowItemTraits<Items>::Type...>;

  explicit RowStream(session::EntityResult result)
      : result_(std::move(result)) {}

  // Steps to the next row; false when there is none.
  absl::StatusOr<bool> Next() {
    absl::StatusOr<bool> more = result_.Next();
    if (!more.ok() || !*more) return more;
    absl::Status status = orm_internal::ReadRow<Items...>(
        result_, &row_, std::index_sequence_for<Items...>());
    if (!status.ok()) return status;
    return true;
  }
  // The row at hand, until the next call. Requires: Next() returned true.
  const Row& operator*() const { return row_; }
  const Row* operator->() const { return &row_; }

 private:
  session::EntityResult result_;
  Row row_;
};

template <typename... Items>
class RowQuery : public orm_internal::QueryClauses<RowQuery<Items...>> {
 public:
  using Row = std::tuple<typename orm_internal::RowItemTraits<Items>::Type...>;

  // Use Session::Select().
  RowQuery(session::Session* session, const Items&... items)
      : orm_internal::QueryClauses<RowQuery>(orm_internal::QueryCore(session)) {
    (orm_internal::RowItemTraits<Items>::AddTo(this->core_, items), ...);
  }

  // What the rows come from, where the items do not say (an aggregate alone).
  template <typename T>
  RowQuery From(EntityItem<T> = entity<T>) const {
    RowQuery next = *this;
    next.core_.SelectFrom(query::FromItem(TableOf<T>()));
    return next;
  }
  RowQuery From(const query::FromItem& item) const {
    RowQuery next = *this;
    next.core_.SelectFrom(item);
    return next;
  }
  template <typename... Exprs>
  requires orm_internal::Expressions<Exprs...> RowQuery
  GroupBy(const Exprs&... terms)
  const {
    RowQuery next = *this;
    next.core_.GroupBy({static_cast<const query::Expr*>(&terms)...});
    return next;
  }
  RowQuery Having(const query::Expr& condition) const {
    RowQuery next = *this;
    next.core_.Having(condition);
    return next;
  }

  absl::StatusOr<std::vector<Row>> All() const { return Collect(0); }
  // std::nullopt if there is none.
  absl::StatusOr<std::optional<Row>> First() const {
    RowQuery limited = *this;
    limited.core_.Limit(1);
    absl::StatusOr<std::vector<Row>> rows = limited.Collect(1);
    if (!rows.ok()) return std::move(rows).status();
    if (rows->empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(rows->front()));
  }
  // Errors: kNotFound if there is none, kFailedPrecondition if there are more.
  absl::StatusOr<Row> One() const {
    absl::StatusOr<std::vector<Row>> rows = Collect(2);
    if (!rows.ok()) return std::move(rows).status();
    if (rows->empty()) return orm_internal::NoRowError(nullptr);
    if (rows->size() > 1) return orm_internal::ManyRowsError(nullptr);
    return std::move(rows->front());
  }

  // The rows one after the other; of entities, `rows` are fetched at a time.
  absl::StatusOr<RowStream<Items...>> Stream(size_t rows = 1000) const {
    absl::StatusOr<session::EntityResult> result = this->core_.Stream(rows);
    if (!result.ok()) return std::move(result).status();
    return RowStream<Items...>(*std::move(result));
  }

 private:
  absl::StatusOr<std::vector<Row>> Collect(int64_t limit) const {
    std::vector<Row> rows;
    absl::Status status = this->core_.ForEach(
        limit, [&rows](const session::EntityResult& result) {
          return orm_internal::ReadRow<Items...>(
              result, &rows.emplace_back(),
              std::index_sequence_for<Items...>());
        });
    if (!status.ok()) return status;
    return rows;
  }
};

}  // namespace cupel

#endif  // CUPEL_ORM_ROW_QUERY_H_
