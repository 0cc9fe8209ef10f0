// Transactions of a session: flush, commit, rollback, savepoints, and what they
// do to entities in memory.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cupel/session/flush_settlement.h"
#include "cupel/session/link_operations.h"
#include "cupel/session/session_impl.h"
#include "cupel/session/unit_of_work.h"

namespace cupel::session {
namespace {

// Flushes that listeners may cause in turn before a commit gives up.
constexpr int kMaxFlushes = 100;

}  // namespace

absl::Status Session::Impl::Tell(SessionEventKind kind) {
  if (options_.listeners.empty()) return absl::OkStatus();
  const bool outer = std::exchange(telling_, true);
  absl::Status status;
  for (const SessionListener& listener : options_.listeners) {
    status = listener(*session_, kind);
    if (!status.ok()) break;
  }
  telling_ = outer;
  return status;
}

absl::StatusOr<engine::Connection*> Session::Impl::connection() {
  if (closed_) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the session is closed: open a new one");
  }
  if (!begun_ && !options_.autobegin) {
    return engine::MakeError(
        engine::ErrorKind::kMisuse,
        "no transaction has begun and autobegin is off: call Begin()");
  }
  if (!connection_.is_open()) {
    CUPEL_RETURN_IF_ERROR(connection_.Open(engine_, options_));
  }
  return connection_.get();
}

absl::Status Session::Impl::Begin(const engine::TransactionOptions& options) {
  if (in_transaction()) {
    return engine::MakeError(
        engine::ErrorKind::kMisuse,
        "the session is in a transaction already: commit or roll "
        "it back first");
  }
  begun_ = true;
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  // One that was joined has begun.
  return connection->in_transaction() ? absl::OkStatus()
                                      : connection->Begin(options);
}

bool Session::Impl::in_transaction() const {
  return connection_.in_transaction();
}

// ---- Flush

void Session::Impl::CheckLateWrites() {
  while (const EntityState* state = core_->FindLateWrite()) {
    Warn(absl::StrCat("a ", state->type()->name(),
                      " was written through the reference of an Edit() before "
                      "the last flush: the change is lost; call Edit() again"));
    core_->Unwatch(state);
  }
}

absl::Status Session::Impl::Flush() {
  CUPEL_RETURN_IF_ERROR(core_->TakeError());
  if (options_.report_late_writes) CheckLateWrites();
  if (core_->changes().empty()) return absl::OkStatus();
  if (flushing_ || telling_) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "flush inside of a flush or of a listener");
  }
  if (outcome_unknown_) {
    return engine::MakeError(
        engine::ErrorKind::kMisuse,
        "the outcome of the last commit is unknown: roll back, and look what "
        "the database holds before writing again");
  }
  CUPEL_RETURN_IF_ERROR(Tell(SessionEventKind::kBeforeFlush));
  core_->MaybeSweep();
  flushing_ = true;
  absl::Status status = FlushChanges();
  flushing_ = false;
  if (!status.ok()) {
    Tell(SessionEventKind::kAfterSoftRollback).IgnoreError();
    return status;
  }
  return Tell(SessionEventKind::kAfterFlush);
}

// A transaction that the session began by itself and that has only read can go
// as a whole: databases copy what is changed behind a savepoint.
bool Session::Impl::NeedsSavepoint(const engine::Connection& connection) const {
  if (!connection.in_transaction()) return false;
  return begun_ || !connection_.is_own() ||
         connection.in_nested_transaction() || connection.may_have_written();
}

absl::Status Session::Impl::FlushChanges() {
  SessionCore::Hold hold(core_);
  auto load = [this](absl::Span<EntityState* const> states,
                     const Relationship& r) {
    return links_.SelectIn(states, r, nullptr);
  };
  UnitOfWork work(this, load);
  CUPEL_RETURN_IF_ERROR(work.Prepare());
  if (!work.has_work()) {
    work.Finish();
    return absl::OkStatus();
  }
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  const UndoLog::Mark mark = core_->undo().mark();
  std::optional<engine::Savepoint> savepoint;
  if (NeedsSavepoint(*connection)) {
    CUPEL_ASSIGN_OR_RETURN(engine::Savepoint opened, connection->BeginNested());
    savepoint.emplace(std::move(opened));
  }
  absl::Status status = work.Execute();
  if (status.ok() && savepoint) status = savepoint->Commit();
  if (status.ok()) {
    work.Finish();
    if (options_.report_late_writes) {
      // Those of the last flush are enough to find who does it.
      core_->UnwatchAll();
      for (const UndoEntry& entry : core_->undo().Since(mark)) {
        if (entry.state->lifecycle == Lifecycle::kPersistent) {
          core_->Watch(entry.state);
        }
      }
    }
    return absl::OkStatus();
  }
  work.Abort();
  core_->undo().RestoreValues(mark);
  absl::Status undone =
      savepoint ? savepoint->Rollback() : connection->Rollback();
  if (savepoint && (!undone.ok() || !connection->in_transaction())) {
    // The database has ended the transaction, earlier flushes included.
    savepoint.reset();
    levels_.clear();
    connection->Rollback().IgnoreError();
    UndoInMemory({}, /*everything=*/true);
    EndTransaction();
  }
  return status;
}

// ---- Commit and rollback

absl::Status Session::Impl::Commit() {
  CUPEL_RETURN_IF_ERROR(Tell(SessionEventKind::kBeforeCommit));
  for (int i = 0; i < kMaxFlushes; ++i) {
    CUPEL_RETURN_IF_ERROR(Flush());
    if (core_->changes().empty()) break;
  }
  if (outcome_unknown_) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the outcome of the last commit is unknown: roll "
                             "back first");
  }
  if (connection_.is_open()) {
    // Open savepoints are kept; the first one holds the others.
    absl::Status status =
        levels_.empty() ? absl::OkStatus() : levels_[0].savepoint.Commit();
    if (status.ok()) status = connection_.Commit();
    if (!status.ok()) {
      const auto info = engine::GetErrorInfo(status);
      if (info &&
          info->transaction_state == engine::TransactionState::kUnknown) {
        // Nobody knows: what is in memory is a guess until it is read again.
        ForgetUndo();
        ExpireAll(/*readable=*/false);
        outcome_unknown_ = true;
      } else {
        connection_.Rollback().IgnoreError();
        UndoInMemory({}, /*everything=*/true);
      }
      EndTransaction();
      return status;
    }
  }
  ForgetUndo();
  EndTransaction();
  if (options_.expire_on_commit) ExpireAll(/*readable=*/false);
  return Tell(SessionEventKind::kAfterCommit);
}

absl::Status Session::Impl::Rollback() {
  core_->TakeError().IgnoreError();
  absl::Status status;
  const bool wrote = wrote_ || !core_->undo().empty();
  if (connection_.is_open()) status = connection_.Rollback();
  UndoInMemory({}, wrote);
  EndTransaction();
  outcome_unknown_ = false;
  Tell(SessionEventKind::kAfterRollback).IgnoreError();
  return status;
}

void Session::Impl::EndTransaction() {
  levels_.clear();
  connection_.Release();
  begun_ = false;
  wrote_ = false;
}

// The transaction is permanent: what was deleted is gone for good.
void Session::Impl::ForgetUndo() {
  SessionCore::Hold hold(core_);
  UndoLog& undo = core_->undo();
  for (const UndoEntry& entry : undo.Since({})) {
    entry.state->in_undo = 0;
    if (entry.state->lifecycle == Lifecycle::kDeleted) {
      entry.state->lifecycle = Lifecycle::kDetached;
    }
  }
  // Twice: Release() must not find one that comes again.
  for (const UndoEntry& entry : undo.Since({})) core_->Release(entry.state);
  undo.Truncate({});
}

void Session::Impl::UndoEntryInMemory(const UndoEntry& entry) {
  EntityState* state = entry.state;
  IdentityMap& map = core_->identity_map();
  switch (entry.kind) {
    case UndoEntry::Kind::kInserted:
    case UndoEntry::Kind::kInsertedGeneratedKey:
      map.Erase(state);
      if (entry.kind == UndoEntry::Kind::kInsertedGeneratedKey) {
        ClearGeneratedKey(state);
      }
      core_->changes().UnmarkDeleted(state);
      core_->changes().Untouch(state);
      LoadBatch::Leave(state);
      state->lifecycle = Lifecycle::kTransient;
      state->clear(EntityState::kExpired);
      state->clear(EntityState::kReadable);
      if (state->has(EntityState::kPartial)) core_->unloaded().erase(state);
      state->clear(EntityState::kPartial);
      break;
    case UndoEntry::Kind::kDeleted:
      if (entry.record != nullptr) RestoreSnapshot(state, *entry.record);
      state->lifecycle = Lifecycle::kPersistent;
      LinkOperations::UnloadAll(state);
      map.Insert(state);
      break;
    case UndoEntry::Kind::kUpdated:
      if (state->lifecycle == Lifecycle::kPersistent &&
          entry.record != nullptr && entry.record->has_snapshot) {
        map.Erase(state);
        RestoreSnapshot(state, *entry.record);
        map.Insert(state);
      }
      if (state->lifecycle == Lifecycle::kPersistent) {
        LinkOperations::UnloadAll(state);
        state->set(EntityState::kExpired);
        state->set(EntityState::kReadable);
      }
      break;
  }
}

void Session::Impl::UndoInMemory(const UndoLog::Mark& mark, bool everything) {
  SessionCore::Hold hold(core_);
  core_->UnwatchAll();
  ChangeSet& changes = core_->changes();
  UndoLog& undo = core_->undo();
  // What was not flushed yet.
  while (!changes.touched().empty()) {
    EditRecord* record = changes.touched().back();
    EntityState* state = record->state;
    if (state->lifecycle == Lifecycle::kPersistent) {
      RestoreSnapshot(state, *record);
      LinkOperations::UnloadAll(state);
    }
    state->clear(EntityState::kOrphanCheck);
    changes.Untouch(state);
    core_->Release(state);
  }
  for (EntityState* state : changes.deleted()) {
    state->clear(EntityState::kMarkedDeleted);
  }
  changes.ClearDeleted();
  for (EntityState* state : changes.added()) {
    state->lifecycle = Lifecycle::kTransient;
    core_->Release(state);
  }
  changes.ClearNew();
  // What was, the last first.
  const absl::Span<const UndoEntry> entries = undo.Since(mark);
  bool inserted = false;
  for (size_t i = entries.size(); i > 0; --i) {
    UndoEntryInMemory(entries[i - 1]);
    inserted |= entries[i - 1].kind != UndoEntry::Kind::kUpdated;
  }
  std::vector<EntityState*> states;
  states.reserve(entries.size());
  for (const UndoEntry& entry : entries) states.push_back(entry.state);
  undo.RestoreValues(mark);
  undo.Truncate(mark);
  for (EntityState* state : states) state->in_undo = 0;
  for (const UndoEntry& entry : undo.Since({})) entry.state->in_undo = 1;
  for (EntityState* state : states) core_->Release(state);
  if (everything) {
    ExpireAll(/*readable=*/true);
  } else if (inserted) {
    // Collections may show what is no longer there.
    core_->identity_map().ForEach(
        [](EntityState* state) { LinkOperations::UnloadAll(state); });
  }
}

// ---- Savepoints

absl::StatusOr<SessionSavepoint> Session::Impl::BeginNested() {
  CUPEL_RETURN_IF_ERROR(Flush());
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, this->connection());
  CUPEL_ASSIGN_OR_RETURN(engine::Savepoint savepoint,
                         connection->BeginNested());
  const uint64_t id = next_level_++;
  levels_.push_back({id, std::move(savepoint), core_->undo().mark(), wrote_});
  wrote_ = false;
  return SessionSavepoint(this, alive_, id);
}

bool Session::Impl::HasLevel(uint64_t id) const {
  return std::any_of(levels_.begin(), levels_.end(),
                     [id](const Level& level) { return level.id == id; });
}

absl::Status Session::Impl::EndNested(uint64_t id, bool commit) {
  if (!HasLevel(id)) {
    if (!commit) return absl::OkStatus();
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the savepoint has ended");
  }
  if (commit) {
    CUPEL_RETURN_IF_ERROR(Flush());
  } else {
    core_->TakeError().IgnoreError();
  }
  const auto level =
      std::find_if(levels_.begin(), levels_.end(),
                   [id](const Level& level) { return level.id == id; });
  bool wrote = wrote_;
  for (auto inner = level + 1; inner != levels_.end(); ++inner) {
    wrote |= inner->wrote;
  }
  // Inner ones end with it.
  absl::Status status =
      commit ? level->savepoint.Commit() : level->savepoint.Rollback();
  const bool kept = commit && status.ok();
  if (commit && !kept) level->savepoint.Rollback().IgnoreError();
  const UndoLog::Mark mark = level->mark;
  wrote_ = level->wrote || (kept && wrote);
  levels_.erase(level, levels_.end());
  if (!kept) UndoInMemory(mark, wrote);
  if (!commit) Tell(SessionEventKind::kAfterSoftRollback).IgnoreError();
  return status;
}

SessionSavepoint::SessionSavepoint(SessionSavepoint&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      alive_(std::move(other.alive_)),
      id_(other.id_) {}

SessionSavepoint& SessionSavepoint::operator=(
    SessionSavepoint&& other) noexcept {
  if (this == &other) return *this;
  Rollback().IgnoreError();
  session_ = std::exchange(other.session_, nullptr);
  alive_ = std::move(other.alive_);
  id_ = other.id_;
  return *this;
}

SessionSavepoint::~SessionSavepoint() { Rollback().IgnoreError(); }

bool SessionSavepoint::is_open() const {
  return session_ != nullptr && !alive_.expired() &&
         static_cast<Session::Impl*>(session_)->HasLevel(id_);
}

absl::Status SessionSavepoint::Commit() {
  if (session_ == nullptr || alive_.expired()) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the savepoint has ended");
  }
  auto* const impl = static_cast<Session::Impl*>(session_);
  Session::Impl::Entry entry(impl);
  CUPEL_RETURN_IF_ERROR(entry.Check());
  return impl->EndNested(id_, /*commit=*/true);
}

absl::Status SessionSavepoint::Rollback() {
  if (session_ == nullptr || alive_.expired()) return absl::OkStatus();
  auto* const impl = static_cast<Session::Impl*>(session_);
  Session::Impl::Entry entry(impl);
  CUPEL_RETURN_IF_ERROR(entry.Check());
  return impl->EndNested(id_, /*commit=*/false);
}

// ---- The end

absl::Status Session::Impl::Close() {
  if (closed_) return absl::OkStatus();
  absl::Status status;
  if (connection_.is_open()) status = connection_.Abandon();
  if (!core_->undo().empty()) UndoInMemory({}, /*everything=*/true);
  EndTransaction();
  closed_ = true;
  core_->Close();
  core_ = nullptr;
  return status;
}

absl::Status Session::Impl::Reset() {
  absl::Status status = Rollback();
  core_->ExpungeAll();
  return status;
}

}  // namespace cupel::session
