// RowValue: where a statement that writes rows takes the value of a parameter
// from, given a row.

#ifndef CUPEL_SESSION_ROW_VALUE_H_
#define CUPEL_SESSION_ROW_VALUE_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/change_set.h"
#include "cupel/session/entity_state.h"
#include "cupel/session/entity_type.h"

namespace cupel::session {

struct BatchRow {
  EntityState* first;
  EntityState* second;  // the other end of a link, else null
};

struct RowValue {
  enum class From : uint8_t {
    kMember,  // the entity's member
    kBefore,  // the member as the last flush left it (its snapshot, if any)
    kSecond,  // the member of the row's second entity
    kNull,
  };
  From from = From::kMember;
  const Property* property = nullptr;
  // Whether NULL is written: refused before SQL where the column forbids it.
  bool is_assignment = true;
};

// The member as the last flush left it.
inline const void* MemberBefore(const EntityState* state, const Property& p) {
  return state->edit != nullptr && state->edit->has_snapshot
             ? state->edit->before(p)
             : state->member(p.offset);
}

// Whether the C++ type may hold what the column does not: such values are to
// be checked.
bool MayNotFit(const RowValue& value);

// Binds the value in `row`; the inline part of BindRowValue().
inline absl::Status BindUnchecked(const RowValue& value, const BatchRow& row,
                                  engine::BoundValue* out) {
  const Property& p = *value.property;
  switch (value.from) {
    case RowValue::From::kMember:
      return p.ops->bind(row.first->member(p.offset), out);
    case RowValue::From::kBefore:
      return p.ops->bind(MemberBefore(row.first, p), out);
    case RowValue::From::kSecond:
      return p.ops->bind(row.second->member(p.offset), out);
    case RowValue::From::kNull:
      break;
  }
  out->view = engine::ValueView::Null();
  return absl::OkStatus();
}

// Why the column cannot take `view`, or OK.
absl::Status CheckRowValue(const RowValue& value, const engine::ValueView& view,
                           bool may_not_fit);
// `status`, with the name of the member.
absl::Status WithMember(const absl::Status& status, const RowValue& value,
                        const BatchRow& row);

// Binds the value in `row`. `may_not_fit` is MayNotFit(value).
// Errors: kInvalidArgument for what the column cannot hold.
inline absl::Status BindRowValue(const RowValue& value, bool may_not_fit,
                                 const BatchRow& row, engine::BoundValue* out) {
  absl::Status status = BindUnchecked(value, row, out);
  if (status.ok() &&
      (may_not_fit || (value.is_assignment && out->view.is_null()))) {
    status = CheckRowValue(value, out->view, may_not_fit);
  }
  return status.ok() ? status : WithMember(status, value, row);
}

// What a client default sees of the row.
class RowDefaultContext final : public schema::DefaultContext {
 public:
  RowDefaultContext(const schema::Column& column, const EntityState* state,
                    bool is_update)
      : column_(column), state_(state), is_update_(is_update) {}

  const schema::Column& column() const override { return column_; }
  bool is_update() const override { return is_update_; }
  std::optional<engine::ValueView> Parameter(
      const schema::Column& column) const override;

 private:
  const schema::Column& column_;
  const EntityState* state_;
  bool is_update_;
  mutable engine::BoundValue bound_;
};

}  // namespace cupel::session

#endif  // CUPEL_SESSION_ROW_VALUE_H_
