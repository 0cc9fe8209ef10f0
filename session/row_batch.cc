#include "cupel/session/row_batch.h"

#include <algorithm>
#include <utility>

namespace cupel::session {
RowBatch::RowBatch(std::shared_ptr<const query::Compiled> compiled,
                   std::vector<RowValue> values,
                   absl::Span<const BatchRow> rows, size_t page_rows)
    : compiled_(std::move(compiled)),
      values_(std::move(values)),
      rows_(rows),
      page_rows_(page_rows) {
  for (const RowValue& value : values_) {
    may_not_fit_.push_back(MayNotFit(value));
  }
  const size_t kept = std::max<size_t>(1, page_rows_);
  logical_.resize(kept * compiled_->sites.size());
  encoded_.resize(kept * compiled_->sites.size());
  views_.resize(compiled_->sites.size());
}

absl::Status RowBatch::Execute(engine::Connection& connection, Done done) {
  done_ = &done;
  return connection.ExecuteBatch(compiled_->sql, *this, this);
}

absl::Status RowBatch::ExecutePages(engine::Connection& connection, Done done) {
  done_ = &done;
  return query::ExecutePages(
      connection, *compiled_, *this, this,
      {.rows = page_rows_, .values_stay = page_rows_ != 0});
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
  const size_t first =
      page_rows_ == 0 ? 0 : i % page_rows_ * compiled_->sites.size();
  for (size_t k = 0; k < compiled_->sites.size(); ++k) {
    const query::BindSite& site = compiled_->sites[k];
    engine::BoundValue& logical = logical_[first + k];
    engine::BoundValue& encoded = encoded_[first + k];
    if (site.kind == query::BindSite::Kind::kDefault) {
      CUPEL_RETURN_IF_ERROR(BindDefault(site, current, &logical));
    } else {
      CUPEL_RETURN_IF_ERROR(BindRowValue(
          values_[site.bind], may_not_fit_[site.bind], current, &logical));
    }
    if (site.codec == nullptr || logical.view.is_null()) {
      views_[k] = logical.view;
    } else {
      CUPEL_RETURN_IF_ERROR(site.codec->Encode(logical.view, &encoded));
      views_[k] = encoded.view;
    }
  }
  return absl::MakeConstSpan(views_);
}

absl::Status RowBatch::OnRow(size_t i, const engine::ExecuteResult& result,
                             absl::Span<const engine::ValueView> returned) {
  return (*done_)(rows_[i], result, returned);
}

}  // namespace cupel::session
