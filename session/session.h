// Session: the workspace between a program and a database. It hands out
// entities (one for each row), notes what changes, and writes it back in the
// right order with as few statements as possible.
//
//   Session session(engine, registry);
//   EntityRef author = session.Add(author_type, &author_value);
//   CUPEL_RETURN_IF_ERROR(session.Commit());             // INSERT, COMMIT
//   CUPEL_ASSIGN_OR_RETURN(EntityRef same,               // no statement
//                          session.Get(author_type, {ValueView::Int64(1)}));
//   CUPEL_ASSIGN_OR_RETURN(void* object, author.Edit());
//   static_cast<Author*>(object)->name = "Ada";
//   CUPEL_RETURN_IF_ERROR(session.Commit());             // UPDATE, COMMIT
//
// A transaction begins with the first statement and ends with Commit() or
// Rollback(). A flush is atomic: when it fails, every entity is what it was
// before, and the session, its transaction included, goes on.
//
// A session and its entities are confined to one thread at a time; a call that
// meets another one inside is kFailedPrecondition.

#ifndef CUPEL_SESSION_SESSION_H_
#define CUPEL_SESSION_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/call_site.h"        // IWYU pragma: export
#include "cupel/session/entity_query.h"     // IWYU pragma: export
#include "cupel/session/entity_state.h"     // IWYU pragma: export
#include "cupel/session/entity_type.h"      // IWYU pragma: export
#include "cupel/session/links.h"            // IWYU pragma: export
#include "cupel/session/load_option.h"      // IWYU pragma: export
#include "cupel/session/object_type.h"      // IWYU pragma: export
#include "cupel/session/savepoint.h"        // IWYU pragma: export
#include "cupel/session/session_options.h"  // IWYU pragma: export
#include "cupel/session/version.h"          // IWYU pragma: export

namespace cupel::session {

struct GetOptions {
  bool populate_existing = false;
  bool for_update = false;  // lock the row where the dialect can
  std::vector<LoadOption> options;
};

// What changed in a property (or link) since the last flush.
struct PropertyHistory {
  bool changed = false;
  // Logical values; null views before the first flush.
  engine::Value before;
  engine::Value after;
};
struct LinkHistory {
  std::vector<EntityRef> added;
  std::vector<EntityRef> unchanged;
  std::vector<EntityRef> removed;
};

class Session {
 public:
  Session(engine::Engine engine, std::shared_ptr<const Registry> registry,
          SessionOptions options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  // Closes.
  ~Session();

  // The living session that an entity belongs to, or null.
  static Session* Of(const EntityRef& entity);

  const Registry& registry() const;
  const SessionOptions& options() const;
  engine::Engine& engine();

  // ---- Membership

  // Takes a value: moves from `object`, which is of `type`'s C++ type. The
  // entity is pending; what it links to follows (Cascade::kSaveUpdate). If it
  // cannot be taken the next flush says why.
  EntityRef Add(const EntityType& type, void* object);
  // Takes a transient or detached entity; of what is in the session already it
  // takes what was linked since.
  // Errors: kFailedPrecondition if it belongs to another living session, or
  // another entity stands for the same row; kInvalidArgument if its type is
  // not in the registry.
  absl::Status Add(const EntityRef& entity);
  // Marks for deletion by the next flush, and what Cascade::kDelete reaches.
  // Errors: kFailedPrecondition unless persistent (a pending entity just
  // leaves); what loading the cascade gives.
  absl::Status Delete(const EntityRef& entity);
  // Removes without writing: pending becomes transient, persistent detached.
  absl::Status Expunge(const EntityRef& entity);
  void ExpungeAll();
  bool Contains(const EntityRef& entity) const;
  // Copies the loaded columns and links of `entity`, of no or another session,
  // onto this session's entity of the same key, which is read first (`load`)
  // or taken as it is, and gives that.
  absl::StatusOr<EntityRef> Merge(const EntityRef& entity, bool load = true);
  // The same from a plain value.
  absl::StatusOr<EntityRef> Merge(const EntityType& type, void* object,
                                  bool load = true);

  // ---- Reading

  // The entity with a primary key (logical values in the key's order), from
  // the session without a statement or by one; null if there is none.
  // Errors: kInvalidArgument if the number or kinds of values do not fit.
  absl::StatusOr<EntityRef> Get(const EntityType& type,
                                absl::Span<const engine::ValueView> key);
  absl::StatusOr<EntityRef> Get(const EntityType& type,
                                absl::Span<const engine::ValueView> key,
                                const GetOptions& options);
  // The same for one integer; the fast path of Get.
  absl::StatusOr<EntityRef> Get(const EntityType& type, int64_t key);
  // The entity in memory with a primary key, or null. No statement.
  EntityRef Find(const EntityType& type,
                 absl::Span<const engine::ValueView> key) const;

  absl::StatusOr<EntityResult> Execute(EntityQuery query);
  // Any statement; flushes first if it reads what is pending. A statement that
  // writes is part of the transaction; entities do not see its effect until
  // they are refreshed.
  absl::StatusOr<query::ResultCursor> Execute(
      const query::Statement& statement);
  // Flushes if pending changes touch a table that `statement` reads.
  absl::Status AutoflushFor(const query::Statement& statement);

  // Reads columns (none: all) of an entity again, changes lost.
  // Errors: kNotFound if the row is gone.
  absl::Status Refresh(const EntityRef& entity,
                       absl::Span<const int> properties = {},
                       bool for_update = false);
  // Forgets: the next access reads again. Pending changes are lost. With
  // `relationships`, these links only; without both: everything.
  absl::Status Expire(const EntityRef& entity,
                      absl::Span<const int> properties = {},
                      absl::Span<const Relationship* const> relationships = {});
  void ExpireAll();
  // Reads columns that are not loaded.
  absl::Status LoadProperties(const EntityRef& entity,
                              absl::Span<const int> properties,
                              CallSite site = {});
  bool IsLoaded(const EntityRef& entity, int property) const;
  // Loads a link (what touching it does).
  absl::Status LoadRelationship(EntityState* state,
                                const Relationship& relationship,
                                CallSite site = {});
  // Loads a link of many entities of one type at once, by select-in.
  absl::Status LoadRelationship(absl::Span<const EntityRef> entities,
                                const Relationship& relationship);

  // ---- Writing

  absl::Status Flush();
  // Flushes and commits.
  // Errors: those of Flush(), which leave the transaction open; of the
  // database's COMMIT, whose ErrorInfo tells whether the transaction is rolled
  // back or its outcome unknown (the session is then closed for writing).
  absl::Status Commit();
  // Undoes the transaction: what was added is transient again with its
  // generated values cleared, what was deleted is back, what was changed has
  // its former values and is read again at the next use.
  absl::Status Rollback();
  // Begins a transaction now; needed only without autobegin.
  absl::Status Begin(engine::TransactionOptions options = {});
  // Flushes and opens a savepoint.
  absl::StatusOr<SessionSavepoint> BeginNested();
  // Rolls back, gives the connection back, detaches all entities. Final.
  absl::Status Close();
  bool is_closed() const;
  // Rolls back and forgets all entities; the session may be used again.
  absl::Status Reset();
  bool in_transaction() const;
  bool in_nested_transaction() const;
  // The session's connection; begins the transaction.
  absl::StatusOr<engine::Connection*> connection();

  // An SQL expression (or query::Null()) instead of the member's value in the
  // next flush; the member is read again at the next use.
  absl::Status SetExpression(const EntityRef& entity, int property,
                             query::Expr expression);

  // ---- Inspection

  std::vector<EntityRef> new_entities() const;
  // Persistent entities on which Edit() was called or a link changed.
  std::vector<EntityRef> dirty() const;
  std::vector<EntityRef> deleted() const;
  // All pending and persistent entities.
  std::vector<EntityRef> entities() const;
  // Whether a flush would write the entity: compares values.
  bool IsModified(const EntityRef& entity) const;
  PropertyHistory History(const EntityRef& entity, int property) const;
  LinkHistory History(const EntityRef& entity,
                      const Relationship& relationship) const;
  // Calls `visit` for each pending and persistent entity, in no order.
  void ForEach(absl::FunctionRef<void(const EntityRef&)> visit) const;
  // Entities in the identity map, after freeing those nobody can reach.
  size_t identity_count();

  // Primary key values of an entity, as of the object.
  static std::vector<engine::Value> KeyOf(const EntityRef& entity);

  // While it lives, no query flushes by itself.
  class AutoflushGuard {
   public:
    explicit AutoflushGuard(Session& session);
    AutoflushGuard(const AutoflushGuard&) = delete;
    AutoflushGuard& operator=(const AutoflushGuard&) = delete;
    ~AutoflushGuard();

   private:
    Session& session_;
  };

 private:
  friend class SessionSavepoint;
  class Impl;

  std::unique_ptr<Impl> impl_;
  std::shared_ptr<const Registry> registry_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_H_
