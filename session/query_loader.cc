#include "cupel/session/query_loader.h"

#include <utility>

#include "cupel/engine/engine.h"
#include "cupel/session/link_operations.h"

namespace cupel::session {
namespace {

using engine::ValueView;

const EntityRef& NoEntity() {
  static const EntityRef* const none = new EntityRef();
  return *none;
}

}  // namespace

ResultState::ResultState(SessionSql* sql, RelationshipLoader* links,
                         EntityQuery query)
    : sql_(sql), links_(links), query_(std::move(query)) {}

ResultState::~ResultState() { CloseBatches(); }

absl::Status ResultState::Start() {
  SessionCore::Hold hold(&sql_->core());
  CUPEL_RETURN_IF_ERROR(plan_.Plan(&query_, links_));
  const query::Select select = plan_.Build();
  if (query_.autoflush) {
    CUPEL_ASSIGN_OR_RETURN(auto compiled, sql_->statements().GetOrCompile(
                                              select, sql_->dialect()));
    CUPEL_RETURN_IF_ERROR(sql_->Autoflush(compiled->tables_read));
  }
  CUPEL_ASSIGN_OR_RETURN(engine::Connection * connection, sql_->connection());
  CUPEL_ASSIGN_OR_RETURN(
      query::ResultCursor cursor,
      query::Execute(*connection, sql_->statements(), select));
  cursor_.emplace(std::move(cursor));
  MakeReaders();
  return fetches_all() ? Fetch() : absl::OkStatus();
}

void ResultState::MakeReaders() {
  auto reader = [this](const std::shared_ptr<const LoadPlan>& plan,
                       size_t column) {
    auto made = std::make_unique<EntityReader>(
        &sql_->core(), plan, column, nullptr, query_.populate_existing);
    made->SetColumns(cursor_->columns());
    return made;
  };
  for (const EntityStatement::Item& item : plan_.items()) {
    readers_.push_back(item.plan != nullptr ? reader(item.plan, item.column)
                                            : nullptr);
  }
  batches_.resize(readers_.size(), nullptr);
  for (const EntityStatement::Join& join : plan_.joins()) {
    JoinedLink& link = joins_.emplace_back();
    link.r = join.r;
    link.parent = join.parent;
    link.reader = reader(join.plan, join.column);
  }
}

void ResultState::OpenBatches() {
  auto open = [](EntityReader* reader) {
    auto* batch = new LoadBatch;
    batch->plan = reader->plan();
    reader->set_batch(batch);
    return batch;
  };
  for (size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i] != nullptr) batches_[i] = open(readers_[i].get());
  }
  if (fetches_all() && plan_.SelectsAll()) batches_[0]->whole = true;
  for (JoinedLink& link : joins_) link.batch = open(link.reader.get());
}

void ResultState::CloseBatches() {
  for (LoadBatch*& batch : batches_) {
    if (batch != nullptr) std::exchange(batch, nullptr)->Close();
  }
  for (JoinedLink& link : joins_) {
    if (link.batch != nullptr) std::exchange(link.batch, nullptr)->Close();
  }
}

absl::Status ResultState::Fetch() {
  SessionCore::Hold hold(&sql_->core());
  entities_.clear();
  values_.clear();
  rows_ = row_ = 0;
  OpenBatches();
  const size_t limit = fetches_all() ? SIZE_MAX : query_.yield_per;
  absl::Status status;
  while (rows_ < limit) {
    absl::StatusOr<bool> more = cursor_->Next();
    if (!more.ok()) {
      status = more.status();
      break;
    }
    if (!*more) {
      done_ = true;
      break;
    }
    status = FetchRow(cursor_->cells());
    if (!status.ok()) break;
  }
  if (done_ || !status.ok()) cursor_.reset();
  if (status.ok()) SettleJoins();
  if (status.ok()) status = LoadEagerly();
  // Members may leave a batch, which then deletes itself: close at the end.
  CloseBatches();
  return status;
}

absl::Status ResultState::LoadEagerly() {
  for (const EntityStatement::Item& item : plan_.items()) {
    if (item.plan == nullptr || !item.plan->is_eager()) continue;
    States roots;
    for (size_t row = 0; row < rows_; ++row) {
      EntityState* state =
          entities_[row * plan_.entity_count() + item.place].state();
      if (state != nullptr) roots.push_back(state);
    }
    const query::Select base = plan_.BaseSelect();
    CUPEL_RETURN_IF_ERROR(
        links_->AfterQuery(*item.plan, roots, fetches_all() ? &base : nullptr,
                           fetches_all() ? &item.source : nullptr));
  }
  return absl::OkStatus();
}

absl::StatusOr<ValueView> ResultState::Value(size_t item) {
  const size_t place = plan_.items()[item].column;
  const query::ResultColumn& column = cursor_->columns()[place];
  const ValueView cell = cursor_->cells()[place];
  if (column.codec == nullptr || cell.is_null()) return cell;
  CUPEL_RETURN_IF_ERROR(column.codec->Decode(cell, &logical_));
  return logical_.view;
}

absl::StatusOr<bool> ResultState::Step() {
  row_ = 0;
  if (done_) return false;
  absl::StatusOr<bool> more = cursor_->Next();
  done_ = !more.ok() || !*more;
  if (done_) {
    cursor_.reset();
  } else {
    row_ = 1;
  }
  return more;
}

absl::Status ResultState::FetchRow(absl::Span<const ValueView> cells) {
  EntityState* root = nullptr;
  bool repeated = false;
  const size_t before = entities_.size();
  for (size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i] == nullptr) {
      CUPEL_ASSIGN_OR_RETURN(const ValueView value, Value(i));
      values_.emplace_back(value);
      continue;
    }
    const size_t members = batches_[i]->members.size();
    CUPEL_ASSIGN_OR_RETURN(EntityState * state, readers_[i]->Read(cells));
    if (i == 0) {
      root = state;
      repeated =
          readers_.size() == 1 && query_.unique && state != nullptr &&
          (batches_[i]->members.size() == members || state == last_root_);
      last_root_ = state;
    }
    if (!repeated) entities_.push_back(EntityRef(state));
  }
  if (!joins_.empty()) CUPEL_RETURN_IF_ERROR(FetchJoins(cells, root));
  // An entity query of one item has no row for "nothing".
  if (readers_.size() == 1 && plan_.entity_count() == 1 && root == nullptr) {
    entities_.resize(before);
    return absl::OkStatus();
  }
  if (!repeated) ++rows_;
  return absl::OkStatus();
}

absl::Status ResultState::FetchJoins(absl::Span<const ValueView> cells,
                                     EntityState* root) {
  for (JoinedLink& link : joins_) {
    link.current = nullptr;
    EntityState* parent = link.parent < 0 ? root : joins_[link.parent].current;
    if (parent == nullptr) continue;
    CUPEL_ASSIGN_OR_RETURN(link.current, link.reader->Read(cells));
    if (LinkOperations::IsLoaded(parent, *link.r) &&
        !query_.populate_existing &&
        !(link.r->to_many() && link.collected.contains(parent))) {
      continue;
    }
    if (!link.r->to_many()) {
      LinkOperations::SetLoadedOne(parent, *link.r, link.current);
      continue;
    }
    auto [place, is_new] = link.collected.try_emplace(parent);
    if (is_new) link.parents.push_back(parent);
    if (link.current != nullptr &&
        place->second.seen.insert(link.current).second) {
      place->second.targets.push_back(link.current);
    }
  }
  return absl::OkStatus();
}

void ResultState::SettleJoins() {
  for (JoinedLink& link : joins_) {
    for (EntityState* parent : link.parents) {
      const States& targets = link.collected[parent].targets;
      LinkOperations::SetLoadedMany(parent, *link.r, targets);
      const Relationship* reverse = link.r->reverse;
      if (reverse == nullptr || reverse->kind != RelationshipKind::kManyToOne) {
        continue;
      }
      for (EntityState* child : targets) {
        if (!LinkOperations::IsLoaded(child, *reverse)) {
          LinkOperations::SetLoadedOne(child, *reverse, parent);
        }
      }
    }
    link.parents.clear();
    link.collected.clear();
  }
}

absl::StatusOr<bool> ResultState::Next() {
  if (streams()) return Step();
  if (row_ < rows_) {
    ++row_;
    return true;
  }
  if (done_ || !cursor_) return false;
  CUPEL_RETURN_IF_ERROR(Fetch());
  if (rows_ == 0) return false;
  row_ = 1;
  return true;
}

const EntityRef& ResultState::entity(size_t item) const {
  if (row_ == 0 || item >= readers_.size() || readers_[item] == nullptr) {
    return NoEntity();
  }
  return entities_[(row_ - 1) * plan_.entity_count() +
                   plan_.items()[item].place];
}

absl::Status ResultState::Read(size_t item, const engine::TypeOps& ops,
                               void* out) {
  if (row_ == 0 || item >= readers_.size() || readers_[item] != nullptr) {
    return engine::MakeError(engine::ErrorKind::kMisuse,
                             "the row has no column at this place");
  }
  if (streams()) {
    CUPEL_ASSIGN_OR_RETURN(const ValueView value, Value(item));
    return ops.read(value, out);
  }
  return ops.read(
      values_[(row_ - 1) * plan_.value_count() + plan_.items()[item].place]
          .view(),
      out);
}

absl::StatusOr<std::vector<EntityRef>> ResultState::All() {
  std::vector<EntityRef> all;
  if (done_ && row_ == 0 && plan_.entity_count() == 1) {
    row_ = rows_;
    return std::move(entities_);
  }
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(bool more, Next());
    if (!more) break;
    all.push_back(entity(0));
  }
  return all;
}

EntityResult::EntityResult(std::unique_ptr<ResultState> state)
    : state_(std::move(state)) {}
EntityResult::EntityResult(EntityResult&&) noexcept = default;
EntityResult& EntityResult::operator=(EntityResult&&) noexcept = default;
EntityResult::~EntityResult() = default;

absl::StatusOr<bool> EntityResult::Next() { return state_->Next(); }
const EntityRef& EntityResult::entity(size_t item) const {
  return state_->entity(item);
}
absl::Status EntityResult::Read(size_t item, const engine::TypeOps& ops,
                                void* out) const {
  return state_->Read(item, ops, out);
}
absl::StatusOr<std::vector<EntityRef>> EntityResult::All() {
  return state_->All();
}

}  // namespace cupel::session
