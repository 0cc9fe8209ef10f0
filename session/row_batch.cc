#include "cupel/session/row_batch.h"

#include <utility>

namespace cupel::session {
RowBatch::RowBatch(std::shared_ptr<const query::Compiled> compiled,
                   std::vector<RowValue> values,
                   absl::Span<const BatchRow> rows)
    : compiled_(std::move(compiled)), values_(std::move(values)), rows_(rows) {
  for (const RowValue& value : values_) {
    may_not_fit_.push_back(MayNotFit(value));
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

absl::Status RowBatch::BindDefault(const query::BindSite& site,
                                   const BatchRow& row,
                                   engine::BoundValue* out) const {
  const query::DefaultSite& what = compiled_->defaults[site.bind];
  RowDefaultContext context(*what.column, row.first, what.is_update);
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
      CUPEL_RETURN_IF_ERROR(BindRowValue(
          values_[site.bind], may_not_fit_[site.bind], current, &logical));
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
