#include "cupel/orm/query_core.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/orm/load_choices.h"
#include "cupel/orm/model.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/session/entity_query.h"
#include "cupel/session/entity_source.h"
#include "cupel/session/session.h"

namespace cupel::orm_internal {
namespace {

std::string NameOf(const ModelInfo* model) {
  return model == nullptr ? "row" : std::string(model->name);
}

// A SELECT to add clauses to; its columns are replaced.
query::Select EmptySelect() {
  const query::Expr column = query::LiteralSql("1");
  return query::Select(absl::MakeConstSpan(&column, 1));
}

std::vector<query::Expr> Copies(absl::Span<const query::Expr* const> terms) {
  std::vector<query::Expr> copies;
  copies.reserve(terms.size());
  for (const query::Expr* term : terms) copies.push_back(*term);
  return copies;
}

bool ReadsColumnsOnly(const session::EntityQuery& query) {
  return std::all_of(
      query.items.begin(), query.items.end(),
      [](const session::RowItem& item) { return item.entity == nullptr; });
}

absl::StatusOr<int64_t> ReadCount(session::Session& session,
                                  const query::Statement& statement) {
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         session.Execute(statement));
  CUPEL_ASSIGN_OR_RETURN(bool found, cursor.Next());
  CUPEL_RET_CHECK(found) << "count without a row";
  int64_t count = 0;
  CUPEL_RETURN_IF_ERROR(cursor.Read(0, &count));
  CUPEL_RETURN_IF_ERROR(cursor.Finish().status());
  return count;
}

}  // namespace

absl::Status NoRowError(const ModelInfo* model) {
  return engine::MakeError(
      {.kind = engine::ErrorKind::kNotFound},
      absl::StrCat("no ", NameOf(model), " was found where one is required"));
}

absl::Status ManyRowsError(const ModelInfo* model) {
  return engine::MakeError(
      {.kind = engine::ErrorKind::kMultipleRows},
      absl::StrCat("more than one ", NameOf(model),
                   " was found where at most one is expected: narrow the "
                   "filter, or use First()"));
}

absl::Status NullEntity(const ModelInfo& model) {
  return engine::MakeError(
      {.kind = engine::ErrorKind::kInvalidValue},
      absl::StrCat("a row has no ", model.name,
                   ": name the outer side of a join Optional()"));
}

absl::StatusOr<const session::EntityType*> EntityTypeIn(
    const session::Session& session, const ModelInfo& model) {
  const session::EntityType* type =
      session.registry().Find(model.object_type());
  if (type == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(
        "class ", model.name,
        " is not among the database's models: add it to cupel::Models<>"));
  }
  return type;
}

struct QueryCore::State {
  session::Session* session = nullptr;
  const ModelInfo* model = nullptr;
  const session::EntityType* entity = nullptr;
  query::FromItem item;
  session::EntityQuery query;
  std::vector<query::Expr> where;
  bool joined = false;
  bool sliced = false;
  bool grouped = false;
  absl::Status status;
};

QueryCore::QueryCore(session::Session* session, const ModelInfo& model,
                     const query::FromItem& item)
    : state_(std::make_unique<State>()) {
  state_->session = session;
  state_->model = &model;
  state_->item = item;
  state_->query.select = EmptySelect();
  AddEntity(model, item);
}

QueryCore::QueryCore(session::Session* session, const ModelInfo& model)
    : QueryCore(session, model, query::FromItem()) {}

QueryCore::QueryCore(absl::Status status) : state_(std::make_unique<State>()) {
  state_->status = std::move(status);
}

QueryCore::QueryCore(session::Session* session)
    : state_(std::make_unique<State>()) {
  state_->session = session;
  state_->query.select = EmptySelect();
  state_->query.unique = false;
}

QueryCore::QueryCore(const QueryCore& other)
    : state_(std::make_unique<State>(*other.state_)) {}
QueryCore::QueryCore(QueryCore&&) noexcept = default;
QueryCore& QueryCore::operator=(const QueryCore& other) {
  return *this = QueryCore(other);
}
QueryCore& QueryCore::operator=(QueryCore&&) noexcept = default;
QueryCore::~QueryCore() = default;

const ModelInfo* QueryCore::model() const { return state_->model; }
session::Session* QueryCore::session() const { return state_->session; }
const query::FromItem& QueryCore::item() const { return state_->item; }
absl::Status QueryCore::status() const { return state_->status; }

void QueryCore::PopulateExisting() { state_->query.populate_existing = true; }
void QueryCore::WithoutAutoflush() { state_->query.autoflush = false; }

void QueryCore::AddEntity(const ModelInfo& model, const query::FromItem& item) {
  absl::StatusOr<const session::EntityType*> type =
      EntityTypeIn(*state_->session, model);
  if (!type.ok()) return Fail(type.status());
  session::RowItem row_item;
  row_item.entity = *type;
  if (!item.empty()) row_item.source = item;
  if (state_->query.items.empty()) {
    state_->model = &model;
    state_->entity = *type;
    state_->item = item;
    // Joins go on from here.
    const session::EntitySource source =
        item.empty() ? session::EntitySource(**type)
                     : session::EntitySource(**type, item);
    state_->query.select = state_->query.select.SelectFrom(source.from());
    state_->query.restricted = true;
    Where(source.Restriction());
  }
  state_->query.items.push_back(std::move(row_item));
}

void QueryCore::AddColumn(const query::Expr& column) {
  session::RowItem row_item;
  row_item.column = column;
  state_->query.items.push_back(std::move(row_item));
}

void QueryCore::Fail(absl::Status status) {
  if (state_->status.ok()) state_->status = std::move(status);
}

void QueryCore::Where(const query::Expr& condition) {
  if (condition.empty()) return;
  if (state_->where.empty()) state_->where.reserve(4);
  state_->where.push_back(condition);
  state_->query.select = std::move(state_->query.select).Where(condition);
}

void QueryCore::OrderBy(absl::Span<const query::Expr> terms) {
  state_->query.select = state_->query.select.OrderBy(terms);
}

void QueryCore::OrderBy(absl::Span<const query::Expr* const> terms) {
  OrderBy(Copies(terms));
}

void QueryCore::ForUpdate() {
  state_->query.select = state_->query.select.ForUpdate();
}

void QueryCore::ClearOrder() {
  state_->query.select = state_->query.select.ClearOrder();
}

void QueryCore::GroupBy(absl::Span<const query::Expr* const> terms) {
  state_->grouped = true;
  state_->query.select = state_->query.select.GroupBy(Copies(terms));
}

void QueryCore::Having(const query::Expr& condition) {
  state_->grouped = true;
  state_->query.select = state_->query.select.Having(condition);
}

void QueryCore::Limit(int64_t rows) {
  state_->sliced = true;
  state_->query.select = std::move(state_->query.select).Limit(rows);
}

void QueryCore::Offset(int64_t rows) {
  state_->sliced = true;
  state_->query.select = std::move(state_->query.select).Offset(rows);
}

void QueryCore::Distinct() {
  state_->grouped = true;
  state_->query.select = state_->query.select.Distinct();
}

void QueryCore::SelectFrom(const query::FromItem& item) {
  state_->joined = true;
  state_->query.select = state_->query.select.SelectFrom(item);
}

void QueryCore::Join(const query::FromItem& item, const query::Expr& on,
                     query::JoinKind kind) {
  state_->joined = true;
  switch (kind) {
    case query::JoinKind::kLeft:
      state_->query.select = state_->query.select.OuterJoin(item, on);
      break;
    case query::JoinKind::kFull:
      state_->query.select = state_->query.select.FullJoin(item, on);
      break;
    default:
      state_->query.select = state_->query.select.Join(item, on);
  }
}

void QueryCore::JoinLink(const LinkId& link, const query::FromItem& source_item,
                         const query::FromItem& target_item,
                         const query::Expr& also, query::JoinKind kind) {
  absl::StatusOr<RelationshipJoin> join = ResolveLink(link);
  if (!join.ok()) return Fail(join.status());
  // The query's own class may be read from an alias.
  query::FromItem source = source_item;
  if (source.empty() && link.source == state_->model) source = state_->item;
  if (source.empty()) source = query::FromItem(*link.source->table().table);
  absl::StatusOr<const session::EntityType*> type =
      EntityTypeIn(*state_->session, *link.target);
  if (!type.ok()) return Fail(type.status());
  const session::EntitySource joined =
      target_item.empty() ? session::EntitySource(**type)
                          : session::EntitySource(**type, target_item);
  const query::FromItem& target = joined.from();
  const query::Expr own = joined.Restriction();
  if (join->secondary == nullptr) {
    return Join(
        target,
        query::And({LinkCondition(*join, source, target, {}), own, also}),
        kind);
  }
  const query::FromItem secondary = query::Alias(*join->secondary);
  RelationshipJoin first = *join, second = *join;
  first.target_pairs.clear();
  second.source_pairs.clear();
  Join(secondary, LinkCondition(first, source, target, secondary), kind);
  Join(
      target,
      query::And({LinkCondition(second, source, target, secondary), own, also}),
      kind);
}

absl::Status QueryCore::ResolveChoice(const LoadChoice& choice,
                                      session::LoadOption* option) const {
  const session::EntityType* type = state_->entity;
  option->kind = choice.kind;
  option->strategy = choice.strategy;
  option->group = choice.group;
  option->inner_join = choice.inner_join;
  option->recursion_depth = choice.recursion_depth;
  if (!choice.source.empty()) {
    option->source = std::make_shared<const query::FromItem>(choice.source);
  }
  for (const LinkId& link : choice.path) {
    const session::Relationship* relationship =
        type == nullptr ? nullptr : type->FindRelationship(link.member);
    if (relationship == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          "load option: class ", type == nullptr ? "?" : type->name(),
          " has no relationship ", link.member, " (of class ",
          link.source->name, "): a path starts at the query's class"));
    }
    option->path.push_back(relationship);
    type = relationship->target;
  }
  for (absl::string_view member : choice.members) {
    const int property = type == nullptr ? -1 : type->FindProperty(member);
    if (property < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "load option: class ", type == nullptr ? "?" : type->name(),
          " has no column ", member));
    }
    option->properties.push_back(property);
  }
  return absl::OkStatus();
}

void QueryCore::AddOptions(const Load& load) {
  for (const LoadChoice& choice : load.choices()) {
    session::LoadOption option;
    absl::Status status = ResolveChoice(choice, &option);
    if (!status.ok()) return Fail(std::move(status));
    state_->query.options.push_back(std::move(option));
  }
}

absl::StatusOr<std::vector<session::EntityRef>> QueryCore::All() const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  CUPEL_ASSIGN_OR_RETURN(session::EntityResult result,
                         state_->session->Execute(state_->query));
  return result.All();
}

absl::Status QueryCore::ReadAll(
    absl::FunctionRef<session::EntityRef*(size_t)> room) const {
  CUPEL_ASSIGN_OR_RETURN(std::vector<session::EntityRef> found, All());
  std::move(found.begin(), found.end(), room(found.size()));
  return absl::OkStatus();
}

absl::StatusOr<session::EntityRef> QueryCore::First() const {
  QueryCore limited = *this;
  limited.Limit(1);
  CUPEL_ASSIGN_OR_RETURN(std::vector<session::EntityRef> found, limited.All());
  return found.empty() ? session::EntityRef() : std::move(found.front());
}

absl::StatusOr<session::EntityRef> QueryCore::OneOrNone() const {
  QueryCore limited = *this;
  // Two rows tell; a join may repeat the same entity.
  if (!state_->sliced && !state_->joined) limited.Limit(2);
  CUPEL_ASSIGN_OR_RETURN(std::vector<session::EntityRef> found, limited.All());
  if (found.size() > 1) return ManyRowsError(state_->model);
  return found.empty() ? session::EntityRef() : std::move(found.front());
}

absl::StatusOr<session::EntityRef> QueryCore::One() const {
  CUPEL_ASSIGN_OR_RETURN(session::EntityRef found, OneOrNone());
  if (!found) return NoRowError(state_->model);
  return found;
}

std::vector<query::Expr> QueryCore::KeyColumns() const {
  std::vector<query::Expr> columns;
  for (const session::RowItem& item : state_->query.items) {
    if (item.entity == nullptr) {
      columns.push_back(item.column);
      continue;
    }
    const query::FromItem source =
        item.source ? *item.source : query::FromItem();
    for (const schema::Column* column :
         item.entity->table().primary_key().columns()) {
      columns.push_back(ColumnIn(source, *column));
    }
  }
  // Names of a subquery's columns must differ.
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i] = query::Label(columns[i], absl::StrCat("key_", i));
  }
  return columns;
}

query::Select QueryCore::KeySelect() const {
  return state_->query.select.WithOnlyColumns(KeyColumns());
}

absl::StatusOr<int64_t> QueryCore::Count() const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  if (!state_->joined && !state_->sliced && !state_->grouped &&
      state_->query.unique) {
    const std::vector<query::Expr> star = {query::Count()};
    return ReadCount(*state_->session,
                     state_->query.select.WithOnlyColumns(star).ClearOrder());
  }
  query::Select keys = KeySelect();
  if (!state_->sliced) keys = keys.ClearOrder();
  if (state_->query.unique) {
    if (state_->sliced) keys = query::Select::AllOf(keys.Subquery("slice"));
    keys = keys.Distinct();
  }
  const std::vector<query::Expr> star = {query::Count()};
  return ReadCount(*state_->session, query::Select(absl::MakeConstSpan(star))
                                         .SelectFrom(keys.Subquery("counted")));
}

absl::StatusOr<bool> QueryCore::Exists() const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  query::Select select = state_->grouped
                             ? KeySelect()
                             : state_->query.select
                                   .WithOnlyColumns(std::vector<query::Expr>{
                                       query::LiteralSql("1")})
                                   .ClearOrder();
  if (!state_->sliced) select = select.Limit(1);
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         state_->session->Execute(select));
  return cursor.Next();
}

absl::StatusOr<session::EntityResult> QueryCore::Stream(size_t rows) const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  session::EntityQuery query = state_->query;
  query.yield_per = rows;
  return state_->session->Execute(std::move(query));
}

absl::Status QueryCore::ForEach(
    int64_t limit,
    absl::FunctionRef<absl::Status(const session::EntityResult&)> row) const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  session::EntityQuery query = state_->query;
  // Nothing else is executed meanwhile: values need not be kept.
  if (ReadsColumnsOnly(query)) query.yield_per = 1;
  CUPEL_ASSIGN_OR_RETURN(session::EntityResult result,
                         state_->session->Execute(std::move(query)));
  for (int64_t i = 0; limit <= 0 || i < limit; ++i) {
    CUPEL_ASSIGN_OR_RETURN(bool more, result.Next());
    if (!more) break;
    CUPEL_RETURN_IF_ERROR(row(result));
  }
  return absl::OkStatus();
}

// Where an UPDATE or DELETE of the query's rows applies.
query::Expr QueryCore::CriteriaOf() const {
  const bool alone = state_->entity->tables().size() == 1;
  if (alone && !state_->joined && !state_->sliced && !state_->grouped)
    return query::And(state_->where);
  const auto key = state_->entity->table().primary_key().columns();
  std::vector<query::Expr> own;
  for (const schema::Column* column : key) {
    own.push_back(query::ColumnOf(*column));
  }
  const query::Expr subject = own.size() == 1 ? own.front() : query::Tuple(own);
  query::Select keys = KeySelect();
  // Some databases take no LIMIT right behind IN.
  if (state_->sliced) keys = query::Select::AllOf(keys.Subquery("slice"));
  return query::InStatement(subject, keys, false);
}

absl::StatusOr<int64_t> QueryCore::Write(
    const query::Statement& statement) const {
  CUPEL_RETURN_IF_ERROR(state_->session->Flush());
  CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                         state_->session->Execute(statement));
  CUPEL_ASSIGN_OR_RETURN(engine::ExecuteResult result, cursor.Finish());
  for (const session::EntityRef& entity : state_->session->entities()) {
    if (entity.type()->IsA(*state_->entity)) {
      CUPEL_RETURN_IF_ERROR(state_->session->Expire(entity));
    }
  }
  return result.affected_rows;
}

absl::StatusOr<int64_t> QueryCore::Update(
    absl::Span<const query::Assignment> assignments) const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  return Write(query::Update(state_->entity->table())
                   .Set(assignments)
                   .Where(CriteriaOf()));
}

absl::StatusOr<int64_t> QueryCore::Delete() const {
  CUPEL_RETURN_IF_ERROR(state_->status);
  if (state_->entity->tables().size() > 1) {
    return engine::MakeError(
        engine::ErrorKind::kUnsupported,
        absl::StrCat("rows of ", state_->entity->name(),
                     " are in several tables, which one DELETE cannot reach: "
                     "delete its entities through the session"));
  }
  return Write(query::Delete(state_->entity->table()).Where(CriteriaOf()));
}

}  // namespace cupel::orm_internal
