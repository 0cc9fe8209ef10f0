// The compiled core under Query<T> and RowQuery: everything but the C++ types.

#ifndef CUPEL_ORM_QUERY_CORE_H_
#define CUPEL_ORM_QUERY_CORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/orm/load.h"
#include "cupel/orm/mapping_spec.h"
#include "cupel/orm/relationship_join.h"
#include "cupel/query/expr.h"
#include "cupel/query/from_item.h"
#include "cupel/query/insert.h"
#include "cupel/query/operator.h"
#include "cupel/query/select.h"
#include "cupel/session/entity_result.h"

namespace cupel::session {
class EntityType;
class Session;
struct LoadOption;
}  // namespace cupel::session

namespace cupel::orm_internal {

struct LoadChoice;

// The entity type of a mapped class in a session's registry.
// Errors: kInvalidArgument if the class is not among the database's Models<>.
absl::StatusOr<const session::EntityType*> EntityTypeIn(
    const session::Session& session, const ModelInfo& model);

// Errors in what is given are kept, and reported by what executes.
class QueryCore {
 public:
  // Entities of `model`, read from `item` (empty: its table).
  QueryCore(session::Session* session, const ModelInfo& model,
            const query::FromItem& item);
  QueryCore(session::Session* session, const ModelInfo& model);
  // Rows; AddEntity and AddColumn say of what.
  explicit QueryCore(session::Session* session);

  // Fails whenever it is executed.
  explicit QueryCore(absl::Status status);

  QueryCore(const QueryCore&);
  QueryCore(QueryCore&&) noexcept;
  QueryCore& operator=(const QueryCore&);
  QueryCore& operator=(QueryCore&&) noexcept;
  ~QueryCore();

  void AddEntity(const ModelInfo& model, const query::FromItem& item);
  void AddColumn(const query::Expr& column);

  void Where(const query::Expr& condition);
  void OrderBy(absl::Span<const query::Expr* const> terms);
  void OrderBy(absl::Span<const query::Expr> terms);
  void ClearOrder();
  void GroupBy(absl::Span<const query::Expr* const> terms);
  void Having(const query::Expr& condition);
  void Limit(int64_t rows);
  void Offset(int64_t rows);
  void Distinct();
  void Join(const query::FromItem& item, const query::Expr& on,
            query::JoinKind kind);
  // Along a relationship of `source` (empty: the table) to `target`.
  void JoinLink(const LinkId& link, const query::FromItem& source,
                const query::FromItem& target, const query::Expr& also,
                query::JoinKind kind);
  void SelectFrom(const query::FromItem& item);
  void AddOptions(const Load& load);
  void PopulateExisting();
  void WithoutAutoflush();
  void ForUpdate();

  absl::StatusOr<std::vector<session::EntityRef>> All() const;
  // The same into null handles that `room` makes, as many as it is told.
  absl::Status ReadAll(
      absl::FunctionRef<session::EntityRef*(size_t)> room) const;
  // A null handle if there is none.
  absl::StatusOr<session::EntityRef> First() const;
  absl::StatusOr<session::EntityRef> OneOrNone() const;
  absl::StatusOr<session::EntityRef> One() const;
  // Entities (rows, for rows) that All() gives.
  absl::StatusOr<int64_t> Count() const;
  absl::StatusOr<bool> Exists() const;
  absl::StatusOr<session::EntityResult> Stream(size_t rows) const;
  // Calls `row` for each row; at most `limit` rows if positive.
  absl::Status ForEach(
      int64_t limit,
      absl::FunctionRef<absl::Status(const session::EntityResult&)> row) const;
  // Changes the rows that the query selects; returns how many.
  absl::StatusOr<int64_t> Update(
      absl::Span<const query::Assignment> assignments) const;
  absl::StatusOr<int64_t> Delete() const;

  // The statement of the query: the key of its entities (columns, for rows).
  query::Select KeySelect() const;
  const ModelInfo* model() const;
  session::Session* session() const;
  const query::FromItem& item() const;
  absl::Status status() const;

 private:
  struct State;

  void Fail(absl::Status status);
  absl::Status ResolveChoice(const LoadChoice& choice,
                             session::LoadOption* option) const;
  std::vector<query::Expr> KeyColumns() const;
  query::Expr CriteriaOf() const;
  absl::StatusOr<int64_t> Write(const query::Statement& statement) const;

  // Never null but after a move. A query is moved often, by each of its calls.
  std::unique_ptr<State> state_;
};

// A row without an entity where the row's type has no room for that.
absl::Status NullEntity(const ModelInfo& model);

// Errors of One() and the like.
absl::Status NoRowError(const ModelInfo* model);
absl::Status ManyRowsError(const ModelInfo* model);

}  // namespace cupel::orm_internal

#endif  // CUPEL_ORM_QUERY_CORE_H_
