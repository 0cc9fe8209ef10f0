#include "cupel/session/row_batch.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace cupel::session {
namespace {

using engine::TypeKind;

// Whether the C++ type may hold what the column does not.
bool NeedsCheck(const Property& property) {
  const engine::Type& type = property.column->type();
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kBinary:
      return type.length > 0;
    case TypeKind::kSmallInteger:
    case TypeKind::kInteger:
    case TypeKind::kNumeric:
    case TypeKind::kEnum:
      return !(property.ops->type == type) || type.kind == TypeKind::kNumeric ||
             type.kind == TypeKind::kEnum;
    default:
      return false;
  }
}

// What a client default sees of the row.
class RowContext final : public schema::DefaultContext {
 public:
  RowContext(const schema::Column& column, const EntityState* state,
             bool is_update)
      : column_(column), state_(state), is_update_(is_update) {}

  const schema::Column& column() const override { return column_; }
  bool is_update() const override { return is_update_; }
  std::optional<engine::ValueView> Parameter(
      const schema::Column& column) const override {
    const int property = state_->type()->FindColumn(column);
    if (property < 0) return std::nullopt;
    const Property& p = state_->type()->property(property);
    if (!p.ops->bind(state_->member(p.offset), &bound_).ok()) {
      return std::nullopt;
    }
    return bound_.view;
  }

 private:
  const schema::Column& column_;
  const EntityState* state_;
  bool is_update_;
  mutable engine::BoundValue bound_;
};

}  // namespace

RowBatch::RowBatch(std::shared_ptr<const query::Compiled> compiled,
                   std::vector<RowValue> values,
                   absl::Span<const BatchRow> rows)
    : compiled_(std::move(compiled)), values_(std::move(values)), rows_(rows) {
  for (const RowValue& value : values_) {
    checked_.push_back(value.from == RowValue::From::kMember &&
                       value.is_assignment && NeedsCheck(*value.property));
  }
  logical_.resize(compiled_->sites.size());
  encoded_.resize(compiled_->sites.size());
  views_.resize(compiled_->sites.size());
}

absl::Status RowBatch::Execute(engine::Connection& connection, Done done) {
  done_ = &done;
  return connection.ExecuteBatch(compiled_->sql, *this, this);
}

absl::Status RowBatch::ExecutePages(engine::Connection& connection, Done done) {
  done_ = &done;
  return query::ExecutePages(connection, *compiled_, *this, this);
}

absl::Status RowBatch::Bind(const RowValue& value, const BatchRow& row,
                            engine::BoundValue* out) const {
  const Property& p = *value.property;
  switch (value.from) {
    case RowValue::From::kMember:
      return p.ops->bind(row.first->member(p.offset), out);
    case RowValue::From::kBefore: {
      const EditRecord* record = row.first->edit;
      const void* member = record != nullptr && record->has_snapshot
                               ? record->before(p)
                               : row.first->member(p.offset);
      return p.ops->bind(member, out);
    }
    case RowValue::From::kSecond:
      return p.ops->bind(row.second->member(p.offset), out);
    case RowValue::From::kNull:
      out->view = engine::ValueView::Null();
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status RowBatch::BindDefault(const query::BindSite& site,
                                   const BatchRow& row,
                                   engine::BoundValue* out) const {
  const query::DefaultSite& what = compiled_->defaults[site.bind];
  RowContext context(*what.column, row.first, what.is_update);
  const schema::ClientDefault& source = what.is_update
                                            ? what.column->client_on_update()
                                            : what.column->client_default();
  CUPEL_ASSIGN_OR_RETURN(engine::Value value, source.Evaluate(context));
  out->Set(std::move(value));
  return absl::OkStatus();
}

absl::StatusOr<absl::Span<const engine::ValueView>> RowBatch::row(size_t i) {
  const BatchRow& current = rows_[i];
  for (size_t k = 0; k < compiled_->sites.size(); ++k) {
    const query::BindSite& site = compiled_->sites[k];
    engine::BoundValue& logical = logical_[k];
    if (site.kind == query::BindSite::Kind::kDefault) {
      CUPEL_RETURN_IF_ERROR(BindDefault(site, current, &logical));
    } else {
      const RowValue& value = values_[site.bind];
      absl::Status status = Bind(value, current, &logical);
      if (status.ok() && checked_[site.bind]) {
        status =
            engine::CheckFits(value.property->column->type(), logical.view);
      }
      if (status.ok() && value.is_assignment && logical.view.is_null() &&
          value.property != nullptr && !value.property->column->nullable()) {
        status = engine::MakeError(engine::ErrorKind::kInvalidValue,
                                   "null in a column that is not nullable");
      }
      if (!status.ok()) {
        return engine::WithContext(
            status,
            absl::StrCat(current.first->type()->name(), ".",
                         value.property == nullptr ? absl::string_view()
                                                   : value.property->name));
      }
    }
    if (site.codec == nullptr || logical.view.is_null()) {
      views_[k] = logical.view;
    } else {
      CUPEL_RETURN_IF_ERROR(site.codec->Encode(logical.view, &encoded_[k]));
      views_[k] = encoded_[k].view;
    }
  }
  return absl::MakeConstSpan(views_);
}

absl::Status RowBatch::OnRow(size_t i, const engine::ExecuteResult& result,
                             absl::Span<const engine::ValueView> returned) {
  return (*done_)(rows_[i], result, returned);
}

}  // namespace cupel::session
