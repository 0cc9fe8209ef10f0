#include "cupel/session/flush_writer.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "cupel/session/row_batch.h"

namespace cupel::session {
namespace {

using engine::ValueView;

std::string KeyNames(const EntityType& type) {
  std::string names;
  for (int key : type.primary_key()) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", type.property(key).name);
  }
  return names;
}

}  // namespace

absl::Status FlushWriter::Connect() {
  CUPEL_ASSIGN_OR_RETURN(connection_, sql_->connection());
  return absl::OkStatus();
}

absl::Status FlushWriter::Execute(RowStatement statement,
                                  absl::Span<const int> computed,
                                  absl::Span<const BatchRow> rows, Done done) {
  const bool returning = !computed.empty() && can().returning &&
                         (can().update_returning ||
                          statement.verb() != RowStatement::Verb::kUpdate);
  if (returning) {
    const EntityType& type = *rows[0].first->type();
    for (int i : computed) statement.Return(*type.property(i).column);
  }
  const bool one = statement.is_of_one_row();
  CUPEL_ASSIGN_OR_RETURN(const query::Statement built,
                         statement.Build(one ? &rows[0] : nullptr));
  if (one) return ExecuteForOne(built, computed, returning, rows[0], done);
  CUPEL_ASSIGN_OR_RETURN(
      std::shared_ptr<const query::Compiled> compiled,
      sql_->statements().GetOrCompile(built, sql_->dialect()));
  RowBatch batch(compiled, statement.values(), rows);
  auto row_done = [&](const BatchRow& row, const engine::ExecuteResult& result,
                      absl::Span<const ValueView> returned) -> absl::Status {
    if (returning) {
      engine::ExecuteResult hit = result;
      hit.affected_rows = returned.empty() ? 0 : 1;
      CUPEL_RETURN_IF_ERROR(done(row, hit));
      return Receive(*compiled, computed, row.first, returned);
    }
    if (!computed.empty()) {
      account_.unread.push_back(
          {row.first, std::vector<int>(computed.begin(), computed.end())});
    }
    return done(row, result);
  };
  const bool in_pages =
      statement.verb() == RowStatement::Verb::kInsert &&
      can().insert_strategy == engine::InsertStrategy::kMultiRowReturning;
  return in_pages ? batch.ExecutePages(*connection_, row_done)
                  : batch.Execute(*connection_, row_done);
}

absl::Status FlushWriter::ExecuteInPages(const RowStatement& insert,
                                         absl::Span<const BatchRow> rows,
                                         size_t page_rows) {
  CUPEL_ASSIGN_OR_RETURN(const query::Statement built, insert.Build(nullptr));
  CUPEL_ASSIGN_OR_RETURN(
      const std::shared_ptr<const query::Compiled> compiled,
      sql_->statements().GetOrCompile(built, sql_->dialect()));
  CUPEL_ASSIGN_OR_RETURN(engine::Savepoint savepoint,
                         connection_->BeginNested());
  absl::Status status = RowBatch(compiled, insert.values(), rows, page_rows)
                            .ExecutePages(*connection_, [](const auto&...) {
                              return absl::OkStatus();
                            });
  if (status.ok()) return savepoint.Commit();
  const absl::Status undone = savepoint.Rollback();
  return undone.ok() ? status : undone;
}

absl::StatusOr<int64_t> FlushWriter::Greatest(const schema::Column& column) {
  const query::Select select(
      query::Max(query::TypedExpr<int64_t>(query::ColumnOf(column))));
  CUPEL_ASSIGN_OR_RETURN(
      query::ResultCursor cursor,
      query::Execute(*connection_, sql_->statements(), select));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  CUPEL_RET_CHECK(found) << "no greatest " << column.name();
  std::optional<int64_t> greatest;
  CUPEL_RETURN_IF_ERROR(cursor.Read(0, &greatest));
  return greatest.value_or(0);
}

absl::Status FlushWriter::ExecuteForOne(const query::Statement& statement,
                                        absl::Span<const int> computed,
                                        bool returning, const BatchRow& row,
                                        Done done) {
  if (!returning) {
    account_.unread.push_back(
        {row.first, std::vector<int>(computed.begin(), computed.end())});
    CUPEL_ASSIGN_OR_RETURN(
        const engine::ExecuteResult result,
        query::ExecuteToEnd(*connection_, sql_->statements(), statement));
    return done(row, result);
  }
  CUPEL_ASSIGN_OR_RETURN(
      query::ResultCursor cursor,
      query::Execute(*connection_, sql_->statements(), statement));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  engine::ExecuteResult hit;
  hit.affected_rows = found ? 1 : 0;
  CUPEL_RETURN_IF_ERROR(done(row, hit));
  CUPEL_RETURN_IF_ERROR(
      Receive(cursor.compiled(), computed, row.first, cursor.cells()));
  return cursor.Finish().status();
}

absl::Status FlushWriter::Receive(const query::Compiled& compiled,
                                  absl::Span<const int> properties,
                                  EntityState* state,
                                  absl::Span<const ValueView> returned) {
  const EntityType& type = *state->type();
  CUPEL_RET_CHECK(returned.size() >= properties.size())
      << "returned columns of " << type.name();
  engine::BoundValue logical;
  for (size_t i = 0; i < properties.size(); ++i) {
    const Property& property = type.property(properties[i]);
    if (properties[i] != type.generated_key()) {
      sql_->core().undo().Save(state, properties[i]);
    }
    const engine::Codec* codec = compiled.columns[i].codec;
    ValueView view = returned[i];
    if (codec != nullptr && !view.is_null()) {
      CUPEL_RETURN_IF_ERROR(codec->Decode(view, &logical));
      view = logical.view;
    }
    CUPEL_RETURN_IF_ERROR(
        property.ops->read(view, state->member(property.offset)));
    if (property.slot_offset != Property::kNoSlot) {
      static_cast<ColumnSlot*>(state->member(property.slot_offset))
          ->MarkLoaded();
    }
  }
  return absl::OkStatus();
}

absl::Status FlushWriter::Assign(EntityState* state, int property,
                                 const ValueView& value) {
  const Property& p = state->type()->property(property);
  sql_->core().undo().Save(state, property);
  return p.ops->read(value, state->member(p.offset));
}

absl::Status FlushWriter::Flow(const KeyFlow& flow) {
  const Relationship& r = *flow.r;
  const bool of_child = r.kind == RelationshipKind::kManyToOne;
  const EntityType& child = *flow.child->type();
  const bool parent_goes =
      flow.parent != nullptr && plan_->IsDoomed(flow.parent);
  for (const Relationship::Pair& pair : r.pairs) {
    const int foreign = of_child ? pair.local : pair.remote;
    const Property& to = child.property(foreign);
    if (flow.parent == nullptr || parent_goes) {
      if (to.ops->nullable) {
        CUPEL_RETURN_IF_ERROR(Assign(flow.child, foreign, ValueView::Null()));
        continue;
      }
      // A new child of nobody keeps the key that it was given as a value.
      if (flow.child->lifecycle == Lifecycle::kPending && !parent_goes) {
        continue;
      }
      return engine::MakeError(
          engine::ErrorKind::kMisuse,
          absl::StrCat(child.name(), ".", to.name, " cannot be null, but ",
                       r.DebugName(),
                       " no longer links to anything: set "
                       "another target, delete the ",
                       child.name(), ", or use Cascade::kDeleteOrphan"));
    }
    const Property& from =
        flow.parent->type()->property(of_child ? pair.remote : pair.local);
    const void* source = flow.parent->member(from.offset);
    if (to.ops == from.ops) {
      sql_->core().undo().Save(flow.child, foreign);
      to.ops->copy_assign(flow.child->member(to.offset), source);
      continue;
    }
    engine::BoundValue bound;
    CUPEL_RETURN_IF_ERROR(from.ops->bind(source, &bound));
    CUPEL_RETURN_IF_ERROR(Assign(flow.child, foreign, bound.view));
  }
  return absl::OkStatus();
}

absl::Status StaleError(const EntityState& state, absl::string_view verb,
                        int64_t matched) {
  const EntityType& type = *state.type();
  engine::ErrorInfo info;
  info.kind = engine::ErrorKind::kStale;
  info.table = type.table().name();
  info.retry = engine::Retry::kTransaction;
  // Numbers only: other values may be somebody's secret.
  auto tell = [&](absl::string_view what, const Property& p,
                  const void* member) {
    engine::BoundValue bound;
    if (!p.ops->bind(member, &bound).ok() ||
        bound.view.kind() != engine::ValueKind::kInt64) {
      return;
    }
    absl::StrAppend(&info.detail, info.detail.empty() ? "" : ", ", what, p.name,
                    "=", bound.view.int64_value());
  };
  for (int key : type.primary_key()) {
    const Property& p = type.property(key);
    tell("", p, state.member(p.offset));
  }
  absl::string_view expected;
  if (type.version_property() >= 0) {
    expected = " at the version that was read";
    const Property& p = type.property(type.version_property());
    tell("expected ", p, MemberBefore(&state, p));
  }
  return engine::MakeError(
      info, absl::StrCat("stale ", type.name(), ": ", verb, " by its key (",
                         KeyNames(type), ")", expected, " expected 1 row of ",
                         type.table().name(), ", matched ", matched,
                         ": another transaction changed or deleted it; "
                         "refresh and try again"));
}

}  // namespace cupel::session
