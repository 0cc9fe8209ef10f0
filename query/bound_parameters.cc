#include "cupel/query/bound_parameters.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/annotated.h"
#include "cupel/query/bind_check.h"
#include "cupel/query/node.h"
#include "cupel/query/statement_parts.h"
#include "cupel/schema/schema.h"

namespace cupel::query {

using engine::BoundValue;
using engine::ValueKind;
using engine::ValueView;
using query_internal::Node;

// Lists up to this length are written as they are; longer ones are filled up to
// a power of two with their last element, so that a connection prepares few
// texts.
constexpr size_t kExactList = 16;

class ParameterFiller {
 public:
  ParameterFiller(const Compiled& compiled, absl::Span<const Node* const> binds,
                  absl::Span<const ParameterValue> parameters,
                  BoundParameters* out)
      : compiled_(compiled),
        binds_(binds),
        parameters_(parameters),
        out_(out) {}

  absl::Status Fill();

 private:
  absl::Status FillSite(const BindSite& site);
  absl::Status FillList(const BindSite& site);
  absl::Status FillDefault(const BindSite& site);
  absl::Status FillJsonPath(const BindSite& site);
  absl::Status FillLiteral(const BindSite& site);
  absl::Status Append(const ValueView& logical, const BindSite& site);
  absl::Status CheckRowValues() const;
  size_t ListLength(const BindSite& site) const;

  const Compiled& compiled_;
  const absl::Span<const Node* const> binds_;
  const absl::Span<const ParameterValue> parameters_;
  BoundParameters* const out_;
};

namespace {

// What a context default sees of its row.
class RowContext : public schema::DefaultContext {
 public:
  RowContext(const Compiled& compiled, const DefaultSite& site,
             absl::Span<const Node* const> binds,
             absl::Span<const ParameterValue> parameters)
      : compiled_(compiled),
        site_(site),
        binds_(binds),
        parameters_(parameters) {}

  const schema::Column& column() const override { return *site_.column; }
  bool is_update() const override { return site_.is_update; }
  std::optional<ValueView> Parameter(
      const schema::Column& column) const override {
    for (const RowValueSite& value : compiled_.row_values) {
      if (value.column == &column && value.row == site_.row) {
        return ValueOfBind(*binds_[value.bind], parameters_);
      }
    }
    return std::nullopt;
  }

 private:
  const Compiled& compiled_;
  const DefaultSite& site_;
  const absl::Span<const Node* const> binds_;
  const absl::Span<const ParameterValue> parameters_;
};

}  // namespace

// What a column would clip or refuse is refused here, by its own type.
absl::Status ParameterFiller::CheckRowValues() const {
  for (const RowValueSite& site : compiled_.row_values) {
    const absl::Status status = engine::CheckFits(
        site.column->type(), *ValueOfBind(*binds_[site.bind], parameters_));
    if (!status.ok()) {
      return Annotated(status, absl::StrCat("cupel: column ",
                                            site.column->table().full_name(),
                                            ".", site.column->name(), ": "));
    }
  }
  return absl::OkStatus();
}

absl::Status ParameterFiller::Fill() {
  CUPEL_RETURN_IF_ERROR(CheckParameters(binds_, parameters_));
  CUPEL_RETURN_IF_ERROR(CheckRowValues());
  if (!compiled_.expands) {
    out_->sql_ = compiled_.sql;
    for (const BindSite& site : compiled_.sites) {
      CUPEL_RETURN_IF_ERROR(FillSite(site));
    }
  } else {
    std::string& sql = out_->expanded_;
    size_t done = 0;
    for (const BindSite& site : compiled_.sites) {
      sql.append(compiled_.sql, done, site.offset - done);
      done = site.offset;
      CUPEL_RETURN_IF_ERROR(FillSite(site));
    }
    sql.append(compiled_.sql, done, std::string::npos);
    out_->sql_ = sql;
  }
  const size_t limit = compiled_.dialect->capabilities().max_bind_parameters;
  if (limit != 0 && out_->values_.size() > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cupel: ", out_->values_.size(), " bound values; the database takes ",
        limit, ": split the list over several statements"));
  }
  return absl::OkStatus();
}

absl::Status ParameterFiller::FillSite(const BindSite& site) {
  switch (site.kind) {
    case BindSite::Kind::kValue: {
      const Node& bind = *binds_[site.bind];
      if (ABSL_PREDICT_TRUE(bind.text().empty())) {
        return Append(bind.values()[0], site);
      }
      return Append(*ValueOfBind(bind, parameters_), site);
    }
    case BindSite::Kind::kList:
      return FillList(site);
    case BindSite::Kind::kListOpen:
      if (ListLength(site) == 0) out_->expanded_.append("(");
      return absl::OkStatus();
    case BindSite::Kind::kListClose:
      if (ListLength(site) == 0) AppendEmptyTest(site, &out_->expanded_);
      return absl::OkStatus();
    case BindSite::Kind::kDefault:
      return FillDefault(site);
    case BindSite::Kind::kJsonPath:
      return FillJsonPath(site);
    case BindSite::Kind::kLiteral:
      return FillLiteral(site);
  }
  return absl::InternalError("cupel: an unknown kind of bind");
}

size_t ParameterFiller::ListLength(const BindSite& site) const {
  return binds_[site.bind]->values().size();
}

absl::Status ParameterFiller::Append(const ValueView& logical,
                                     const BindSite& site) {
  if (compiled_.expands) {
    compiled_.dialect->AppendPlaceholder(out_->values_.size() + 1,
                                         &out_->expanded_);
  }
  CUPEL_RETURN_IF_ERROR(
      CheckBindable(logical, compiled_.dialect->capabilities()));
  if (site.codec == nullptr || logical.is_null()) {
    out_->values_.push_back(logical);
    return absl::OkStatus();
  }
  BoundValue encoded;
  const absl::Status status = site.codec->Encode(logical, &encoded);
  if (!status.ok()) {
    return Annotated(status, absl::StrCat("cupel: bound value ",
                                          out_->values_.size() + 1, ": "));
  }
  if (encoded.view.has_bytes() || encoded.view.kind() == ValueKind::kDecimal) {
    out_->owned_.push_back(std::make_unique<BoundValue>(std::move(encoded)));
    out_->values_.push_back(out_->owned_.back()->view);
  } else {
    out_->values_.push_back(encoded.view);
  }
  return absl::OkStatus();
}

absl::Status ParameterFiller::FillList(const BindSite& site) {
  const absl::Span<const ValueView> values = binds_[site.bind]->values();
  if (values.empty()) {
    AppendEmptyList(site, &out_->expanded_);
    return absl::OkStatus();
  }
  const size_t width = site.width;
  const size_t rows = values.size() / width;
  const size_t limit = compiled_.dialect->capabilities().max_bind_parameters;
  if (limit != 0 && values.size() > limit) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cupel: an IN list of ", values.size(), " values; the database takes ",
        limit, ": split it over several statements"));
  }
  size_t padded = rows;
  if (rows > kExactList) {
    padded = kExactList;
    while (padded < rows) padded *= 2;
    if (limit != 0 && padded * width + out_->values_.size() > limit) {
      padded = rows;
    }
  }
  std::string& sql = out_->expanded_;
  for (size_t i = 0; i < padded; ++i) {
    const size_t from = std::min(i, rows - 1) * width;
    sql.append(i > 0 ? ", " : "").append(width > 1 ? "(" : "");
    for (size_t k = 0; k < width; ++k) {
      if (k > 0) sql.append(", ");
      CUPEL_RETURN_IF_ERROR(Append(values[from + k], site));
    }
    if (width > 1) sql.append(")");
  }
  return absl::OkStatus();
}

absl::Status ParameterFiller::FillDefault(const BindSite& site) {
  const DefaultSite& target = compiled_.defaults[site.bind];
  const schema::ClientDefault& client = target.is_update
                                            ? target.column->client_on_update()
                                            : target.column->client_default();
  CUPEL_ASSIGN_OR_RETURN(
      const engine::Value value,
      client.Evaluate(RowContext(compiled_, target, binds_, parameters_)));
  auto owner = std::make_unique<BoundValue>();
  owner->Set(value);
  const ValueView view = owner->view;
  out_->owned_.push_back(std::move(owner));
  return Append(view, site);
}

absl::Status ParameterFiller::FillJsonPath(const BindSite& site) {
  const auto steps =
      query_internal::JsonStepsOf(binds_[site.bind]->values()[0].bytes());
  auto owner = std::make_unique<BoundValue>();
  CUPEL_ASSIGN_OR_RETURN(std::string path,
                         query_internal::JsonPathText(
                             steps, compiled_.dialect->syntax().json_path));
  owner->Set(engine::Value::Text(std::move(path)));
  const ValueView view = owner->view;
  out_->owned_.push_back(std::move(owner));
  return Append(view, {});
}

absl::Status ParameterFiller::FillLiteral(const BindSite& site) {
  const ValueView value = *ValueOfBind(*binds_[site.bind], parameters_);
  CUPEL_RETURN_IF_ERROR(
      CheckBindable(value, compiled_.dialect->capabilities()));
  return compiled_.dialect->AppendLiteral(*site.type, value, &out_->expanded_);
}

absl::Status BoundParameters::Fill(
    const Compiled& compiled, const Statement& statement,
    absl::Span<const ParameterValue> parameters) {
  const Node& root = *statement.node();
  if (root.bind_count() != compiled.bind_count) {
    return absl::InvalidArgumentError(
        "cupel: the statement is not of the compiled shape");
  }
  absl::InlinedVector<const Node*, 32> binds(root.bind_count());
  query_internal::CollectBinds(root, absl::MakeSpan(binds));
  values_.clear();
  owned_.clear();
  expanded_.clear();
  return ParameterFiller(compiled, binds, parameters, this).Fill();
}

}  // namespace cupel::query

namespace cupel::query_internal {
namespace {

// Whether a path can name the member. Where it cannot, databases find nothing
// and do not say why.
bool ReachesMember(absl::string_view name, engine::JsonPathStyle style) {
  const bool escapes = style == engine::JsonPathStyle::kDollarEscaped;
  // That database takes it for a number.
  if (escapes && !name.empty() && name[0] == '-') return false;
  for (const char c : name) {
    // JSON texts write these with a backslash.
    if (static_cast<unsigned char>(c) < ' ') return false;
    if (!escapes && (c == '"' || c == '\\')) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::string> JsonPathText(absl::Span<const JsonPathStep> steps,
                                         engine::JsonPathStyle style) {
  const bool array = style == engine::JsonPathStyle::kTextArray;
  std::string path(array ? "{" : "$");
  for (const JsonPathStep& step : steps) {
    if (array) {
      absl::StrAppend(&path, path.size() > 1 ? "," : "", "\"");
      for (const char c : step.text) {
        if (c == '"' || c == '\\') path.push_back('\\');
        path.push_back(c);
      }
      path.push_back('"');
      continue;
    }
    if (step.is_index) {
      const bool from_end = step.text[0] == '-';
      absl::StrAppend(&path, "[", from_end ? "#" : "", step.text, "]");
      continue;
    }
    if (!ReachesMember(step.text, style)) {
      return absl::InvalidArgumentError(
          "cupel: the database cannot reach a JSON member of this name, with "
          "its quote, backslash, control character or minus");
    }
    path.append(".\"");
    for (const char c : step.text) {
      if (c == '"' || c == '\\') path.push_back('\\');
      path.push_back(c);
    }
    path.push_back('"');
  }
  if (array) path.push_back('}');
  return path;
}

}  // namespace cupel::query_internal
