// The working half of Session. Internal.

#ifndef CUPEL_SESSION_SESSION_IMPL_H_
#define CUPEL_SESSION_SESSION_IMPL_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/session/change_set.h"
#include "cupel/session/entity_reader.h"
#include "cupel/session/load_plan.h"
#include "cupel/session/pending_tables.h"
#include "cupel/session/relationship_loader.h"
#include "cupel/session/session.h"
#include "cupel/session/session_connection.h"
#include "cupel/session/session_core.h"
#include "cupel/session/session_sql.h"

namespace cupel::session {

class Session::Impl final : public SessionSql, public EntityLoader {
 public:
  Impl(Session* session, engine::Engine engine,
       std::shared_ptr<const Registry> registry, SessionOptions options);
  ~Impl() override;

  // One thread at a time: who is inside. Nested calls of one thread are fine.
  class Entry {
   public:
    explicit Entry(const Impl* impl) : impl_(impl) {
      static thread_local char self;
      const void* inside = impl->inside_.load(std::memory_order_relaxed);
      if (inside == &self) {
        ++impl->depth_;
      } else if (inside != nullptr) {
        impl_ = nullptr;
      } else {
        impl->inside_.store(&self, std::memory_order_relaxed);
        impl->depth_ = 1;
      }
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      if (impl_ != nullptr && --impl_->depth_ == 0) {
        impl_->inside_.store(nullptr, std::memory_order_relaxed);
      }
    }
    // Whether the session may be used by this call.
    absl::Status Check() const;

   private:
    const Impl* impl_;
  };

  // SessionSql
  SessionCore& core() override { return *core_; }
  const SessionOptions& options() const override { return options_; }
  query::StatementCache& statements() override { return *statements_; }
  const engine::Dialect& dialect() const override { return engine_.dialect(); }
  absl::StatusOr<engine::Connection*> connection() override;
  absl::Status Autoflush(
      absl::Span<const schema::Table* const> tables) override;
  void Warn(absl::string_view message) override;

  // EntityLoader
  absl::Status LoadState(EntityState* state) override;
  absl::Status LoadLink(EntityState* state, const Relationship& r,
                        CallSite site) override;
  absl::Status LoadColumn(EntityState* state, int property,
                          CallSite site) override;
  void CheckLateWrites() override;
  Session* session() override { return session_; }

  // Reading (session_loading.cc)
  absl::StatusOr<EntityRef> GetByKey(const EntityType& type,
                                     absl::Span<const engine::ValueView> key,
                                     const GetOptions* options);
  absl::StatusOr<EntityState*> SelectByKey(
      const EntityType& type, std::shared_ptr<const LoadPlan> plan,
      absl::Span<const engine::ValueView> key, bool populate_existing,
      bool for_update);
  absl::Status LoadColumns(absl::Span<EntityState* const> states,
                           absl::Span<const int> properties);
  absl::Status Refresh(EntityState* state, absl::Span<const int> properties,
                       bool for_update);
  absl::Status Expire(EntityState* state, absl::Span<const int> properties,
                      absl::Span<const Relationship* const> relationships);
  void ExpireAll(bool readable);
  // session_merge.cc
  absl::StatusOr<EntityRef> Merge(const EntityRef& source, bool load);

  // Transactions (session_transaction.cc)
  absl::Status Flush();
  absl::Status Commit();
  absl::Status Rollback();
  absl::Status Begin(const engine::TransactionOptions& options);
  absl::StatusOr<SessionSavepoint> BeginNested();
  absl::Status EndNested(uint64_t id, bool commit);
  bool HasLevel(uint64_t id) const;
  absl::Status Close();
  absl::Status Reset();
  bool in_transaction() const;

  absl::Status Tell(SessionEventKind kind);

 private:
  friend class Session;

  struct Level {
    uint64_t id;
    engine::Savepoint savepoint;
    UndoLog::Mark mark;
    bool wrote;  // before it, by statements of the user
  };
  // How entities of a type are found by key.
  struct ByKey {
    query::Select select;  // all rows of the type
    // Where the key is one integer and the only value; else null.
    std::shared_ptr<const query::Compiled> compiled;
    std::unique_ptr<EntityReader> reader;
  };

  absl::StatusOr<ByKey*> FindByKey(const EntityType& type);
  absl::Status FlushChanges();
  // Whether a failed flush must not end the transaction.
  bool NeedsSavepoint(const engine::Connection& connection) const;
  absl::Status WriteChanges();
  void UndoInMemory(const UndoLog::Mark& mark, bool everything);
  void UndoEntryInMemory(const UndoEntry& entry);
  void ForgetUndo();
  void EndTransaction();
  bool autoflushes() const {
    return options_.autoflush && autoflush_guards_ == 0;
  }
  // Detaches it; returns the error that tells so.
  absl::Status Gone(EntityState* state);
  absl::StatusOr<bool> RefreshColumns(EntityState* state,
                                      absl::Span<const engine::ValueView> key,
                                      absl::Span<const int> properties,
                                      bool for_update);
  void ExpireWhole(EntityState* root);
  void DropChanges(EntityState* state);
  static absl::Status Misuse(absl::string_view message);
  absl::Status CheckHolds(const EntityRef& entity,
                          absl::string_view verb) const;

  Session* session_;
  engine::Engine engine_;
  SessionOptions options_;
  std::shared_ptr<query::StatementCache> statements_;
  SessionCore* core_;
  RelationshipLoader links_;
  SessionConnection connection_;
  std::vector<Level> levels_;
  uint64_t next_level_ = 1;
  bool begun_ = false;
  bool closed_ = false;
  bool outcome_unknown_ = false;
  bool flushing_ = false;
  bool telling_ = false;
  bool wrote_ = false;  // statements of the user have written
  int autoflush_guards_ = 0;
  PendingTables pending_tables_;
  std::vector<ByKey> by_key_;  // by EntityType::index()
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  mutable std::atomic<const void*> inside_{nullptr};
  mutable int depth_ = 0;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_SESSION_IMPL_H_
