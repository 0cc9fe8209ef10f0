// Session: the typed workspace between a program and a database.
//
//   cupel::Session session = db.NewSession();
//   Ref<User> admin = session.Add(User{.username = "admin"});
//   CUPEL_RETURN_IF_ERROR(session.Commit());
//   CUPEL_ASSIGN_OR_RETURN(Ref<User> same, session.Get<User>(admin->id));
//
// One row is one entity within a session. A transaction begins with the first
// statement and ends with Commit() or Rollback(); destroying the session rolls
// back what is not committed. A failed flush or commit leaves the session
// usable.
//
// A session and its entities are confined to one thread at a time.

#ifndef CUPEL_ORM_SESSION_H_
#define CUPEL_ORM_SESSION_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "cupel/engine/type_ops.h"
#include "cupel/engine/value.h"
#include "cupel/orm/col.h"
#include "cupel/orm/http_status.h"
#include "cupel/orm/query.h"
#include "cupel/orm/ref.h"
#include "cupel/orm/row_query.h"
#include "cupel/query/execution.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/savepoint.h"
#include "cupel/session/session_options.h"

namespace cupel::engine {
class Engine;
}  // namespace cupel::engine

namespace cupel::session {
class Registry;
class Session;
}  // namespace cupel::session

namespace cupel {

using session::LazyPolicy;
using session::SessionOptions;

namespace orm_internal {

// The erased session, and what Session keeps beside it.
struct SessionState;

session::EntityRef AddValue(SessionState& state, const ModelInfo& model,
                            void* value);
// The fast path of Get(): an entity that can be used as it is, or null.
session::EntityRef KnownByKey(SessionState& state, const ModelInfo& model,
                              int64_t key);
absl::StatusOr<session::EntityRef> GetByKey(
    SessionState& state, const ModelInfo& model,
    absl::Span<const engine::ValueView> key);
absl::StatusOr<session::EntityRef> MergeValue(SessionState& state,
                                              const ModelInfo& model,
                                              void* value);

// A key value of Get(): bound as its C++ type says.
class KeyValue {
 public:
  template <typename T>
  explicit KeyValue(const T& value) {
    if constexpr (std::is_convertible_v<const T&, absl::string_view>) {
      bound_.view = engine::ValueView::Text(absl::string_view(value));
    } else {
      status_ = engine::TypeOpsOf<T>().bind(&value, &bound_);
    }
  }
  const engine::ValueView& view() const { return bound_.view; }
  const absl::Status& status() const { return status_; }

 private:
  absl::Status status_;
  engine::BoundValue bound_;
};

}  // namespace orm_internal

class Session {
 public:
  // Use Database::NewSession().
  Session(engine::Engine engine,
          std::shared_ptr<const cupel::session::Registry> registry,
          SessionOptions options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // ---- Membership

  // Takes a value as a new entity, with all that it links to. It is written by
  // the next flush, which also reports what was wrong with it (a class that is
  // not among the database's models).
  template <typename T>
  requires(Mapped<std::remove_cvref_t<T>>) Ref<std::remove_cvref_t<T>> Add(
      T&& value) {
    using Entity = std::remove_cvref_t<T>;
    Entity moved(std::forward<T>(value));
    return Ref<Entity>(orm_internal::AddValue(
        *state_, orm_internal::ModelOf<Entity>(), &moved));
  }
  // Takes an entity that is in no session.
  // Errors: kFailedPrecondition if it is in another one.
  template <typename T>
  absl::Status Add(const Ref<T>& entity) {
    return Add(entity.erased());
  }
  template <typename T, typename... More>
  requires(sizeof...(More) > 0) void AddAll(T&& first, More&&... more) {
    Add(std::forward<T>(first));
    (Add(std::forward<More>(more)), ...);
  }
  // DELETE with the next flush, and of what the cascade reaches.
  // Errors: kFailedPrecondition unless the entity is in this session.
  template <typename T>
  absl::Status Delete(const Ref<T>& entity) {
    return Delete(entity.erased());
  }
  // Forgets the entity without writing anything.
  template <typename T>
  absl::Status Expunge(const Ref<T>& entity) {
    return Expunge(entity.erased());
  }
  // Every entity.
  void ExpungeAll();
  template <typename T>
  bool Contains(const Ref<T>& entity) const {
    return Contains(entity.erased());
  }
  // This session's entity of the same key, with the values of `entity`.
  template <typename T>
  absl::StatusOr<Ref<T>> Merge(const Ref<T>& entity) {
    return Typed<T>(Merge(entity.erased()));
  }
  template <typename T>
  requires(Mapped<std::remove_cvref_t<T>>)
      absl::StatusOr<Ref<std::remove_cvref_t<T>>> Merge(T&& value) {
    using Entity = std::remove_cvref_t<T>;
    Entity moved(std::forward<T>(value));
    return Typed<Entity>(orm_internal::MergeValue(
        *state_, orm_internal::ModelOf<Entity>(), &moved));
  }

  // ---- Reading

  template <typename T>
  cupel::Query<T> Query() {
    return cupel::Query<T>(
        orm_internal::QueryCore(&session(), orm_internal::ModelOf<T>()));
  }
  // Entities read from an alias, or from the subquery that it stands for.
  template <typename T>
  cupel::Query<T> Query(const Alias<T>& alias) {
    return cupel::Query<T>(orm_internal::QueryCore(
        &session(), orm_internal::ModelOf<T>(), alias.item()));
  }
  // Rows of entities and columns (row_query.h).
  template <typename... Items>
  RowQuery<Items...> Select(const Items&... items) {
    return RowQuery<Items...>(&session(), items...);
  }

  // The entity with this primary key (its values in the key's order): from
  // memory without a statement, else by one; a null Ref if there is none.
  // Errors: kInvalidArgument if number or kinds of the values do not fit.
  template <typename T, typename... Key>
  requires(sizeof...(Key) > 0) absl::StatusOr<Ref<T>> Get(const Key&... key) {
    if constexpr (sizeof...(Key) == 1 && (std::signed_integral<Key> && ...)) {
      session::EntityRef known = orm_internal::KnownByKey(
          *state_, orm_internal::ModelOf<T>(), static_cast<int64_t>(key)...);
      if (known) return Ref<T>(std::move(known));
    }
    const orm_internal::KeyValue values[] = {orm_internal::KeyValue(key)...};
    engine::ValueView views[sizeof...(Key)];
    for (size_t i = 0; i < sizeof...(Key); ++i) {
      if (!values[i].status().ok()) return values[i].status();
      views[i] = values[i].view();
    }
    return Typed<T>(
        orm_internal::GetByKey(*state_, orm_internal::ModelOf<T>(), views));
  }
  // The same, where no row is kNotFound that carries HTTP status 404.
  template <typename T, typename... Key>
  absl::StatusOr<Ref<T>> GetOr404(const Key&... key) {
    absl::StatusOr<Ref<T>> found = Get<T>(key...);
    if (found.ok() && !*found) {
      return orm_internal::NullAsNotFound(cupel::session::EntityRef(),
                                          kTypeName<T>, {})
          .status();
    }
    return found;
  }

  // Any statement of the query layer; pending changes to the tables that it
  // reads are flushed before.
  absl::StatusOr<query::ResultCursor> Execute(
      const query::Statement& statement);

  // Reads the row again; changes of the entity are lost.
  template <typename T>
  absl::Status Refresh(const Ref<T>& entity) {
    return Refresh(entity.erased());
  }
  // The same at the next use.
  template <typename T>
  absl::Status Expire(const Ref<T>& entity) {
    return Expire(entity.erased());
  }
  void ExpireAll();

  // ---- Writing

  // Writes all changes. Atomic: on an error nothing of it is written, the
  // entities are pending again, and the session goes on.
  absl::Status Flush();
  // Flushes, and commits the transaction.
  absl::Status Commit();
  // Undoes the transaction, in the database and in the entities.
  absl::Status Rollback();
  // A savepoint: rolled back unless its Commit() is called.
  absl::StatusOr<cupel::session::SessionSavepoint> BeginNested();
  // Rolls back and detaches all entities, which stay readable. Final.
  absl::Status Close();

  // Whether a flush would write the entity.
  template <typename T>
  bool IsModified(const Ref<T>& entity) const {
    return IsModified(entity.erased());
  }

  // The erased session below (cupel/session/session.h), for all that is not
  // here.
  cupel::session::Session& session();
  const cupel::session::Session& session() const;

 private:
  template <typename T>
  static absl::StatusOr<Ref<T>> Typed(
      absl::StatusOr<cupel::session::EntityRef> found) {
    if (!found.ok()) return std::move(found).status();
    return Ref<T>(*std::move(found));
  }

  absl::Status Add(const cupel::session::EntityRef& entity);
  absl::Status Delete(const cupel::session::EntityRef& entity);
  absl::Status Expunge(const cupel::session::EntityRef& entity);
  bool Contains(const cupel::session::EntityRef& entity) const;
  absl::StatusOr<cupel::session::EntityRef> Merge(
      const cupel::session::EntityRef& entity);
  absl::Status Refresh(const cupel::session::EntityRef& entity);
  absl::Status Expire(const cupel::session::EntityRef& entity);
  bool IsModified(const cupel::session::EntityRef& entity) const;

  std::unique_ptr<orm_internal::SessionState> state_;
};

// While it lives, no query of the session flushes by itself.
class NoAutoflush {
 public:
  explicit NoAutoflush(Session& session);
  NoAutoflush(const NoAutoflush&) = delete;
  NoAutoflush& operator=(const NoAutoflush&) = delete;
  ~NoAutoflush();

 private:
  struct Guard;
  std::unique_ptr<Guard> guard_;
};

}  // namespace cupel

#endif  // CUPEL_ORM_SESSION_H_
