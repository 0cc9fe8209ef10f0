#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/codec.h"
#include "cupel/query/compiled.h"
#include "cupel/query/compiler.h"

namespace cupel::query_internal {
namespace {

// How deep the compiler itself recurses, whatever the database takes.
constexpr size_t kMaxHeight = 2000;

}  // namespace

Compiler::Compiler(const engine::Dialect& dialect, query::Compiled* compiled)
    : dialect_(dialect), compiled_(compiled) {}

absl::Status Compiler::Unsupported(absl::string_view what) const {
  return absl::UnimplementedError(absl::StrCat(
      "cupel: the dialect ", dialect_.name(), " does not support ", what));
}

absl::Status Compiler::Nesting::Check(size_t limit,
                                      absl::string_view what) const {
  if (limit == 0 || *depth_ <= limit) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("cupel: a statement nests more than ", limit, " ", what,
                   ", which the database does not take"));
}

absl::Status Compiler::WriteTopLevel(const Node& statement, SqlText* out) {
  size_t limit = kMaxHeight;
  if (can().max_expression_depth != 0) {
    limit = std::min(limit, can().max_expression_depth);
  }
  if (statement.height() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cupel: a statement is nested ", statement.height(),
                     " deep; the limit is ", limit));
  }
  SqlText body;
  CUPEL_RETURN_IF_ERROR(
      WriteStatement({&statement, 0}, {.is_result = true}, &body));
  CUPEL_RETURN_IF_ERROR(WriteWith(out));
  compiled_->row.begin += static_cast<uint32_t>(out->sql().size());
  compiled_->row.end += static_cast<uint32_t>(out->sql().size());
  out->Add(std::move(body));
  if (can().max_statement_bytes != 0 &&
      out->sql().size() > can().max_statement_bytes) {
    return absl::ResourceExhaustedError(
        "cupel: a statement is longer than the database takes");
  }
  return absl::OkStatus();
}

}  // namespace cupel::query_internal

namespace cupel::query {
namespace {

using query_internal::Compiler;
using query_internal::Node;
using query_internal::NodeKind;
using query_internal::SqlText;

// The text with its placeholders: only for statements without lists.
std::string FillPlaceholders(const Compiled& compiled,
                             const engine::Dialect& dialect) {
  std::string filled;
  filled.reserve(compiled.sql.size() + 4 * compiled.sites.size());
  size_t done = 0;
  size_t index = 0;
  for (const BindSite& site : compiled.sites) {
    filled.append(compiled.sql, done, site.offset - done);
    done = site.offset;
    dialect.AppendPlaceholder(++index, &filled);
  }
  filled.append(compiled.sql, done, std::string::npos);
  return filled;
}

absl::Status AppendLiterals(const Compiled& compiled, const BindSite& site,
                            absl::Span<const Node* const> binds,
                            const engine::Dialect& dialect, std::string* out) {
  static const engine::Type kUntyped;
  const engine::Type& type = site.type != nullptr ? *site.type : kUntyped;
  switch (site.kind) {
    case BindSite::Kind::kValue:
      if (!binds[site.bind]->text().empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("cupel: the statement's parameter \"",
                         absl::CHexEscape(binds[site.bind]->text()),
                         "\" has no value to write as a literal"));
      }
      return dialect.AppendLiteral(type, binds[site.bind]->values()[0], out);
    case BindSite::Kind::kList: {
      const auto values = binds[site.bind]->values();
      for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out->append(", ");
        if (site.width > 1 && i % site.width == 0) out->append("(");
        CUPEL_RETURN_IF_ERROR(dialect.AppendLiteral(type, values[i], out));
        if (site.width > 1 && (i + 1) % site.width == 0) out->append(")");
      }
      if (values.empty()) AppendEmptyList(site, out);
      return absl::OkStatus();
    }
    case BindSite::Kind::kListOpen:
      if (binds[site.bind]->values().empty()) out->append("(");
      return absl::OkStatus();
    case BindSite::Kind::kListClose:
      if (binds[site.bind]->values().empty()) AppendEmptyTest(site, out);
      return absl::OkStatus();
    default:
      break;
  }
  (void)compiled;
  return absl::UnimplementedError(
      "cupel: this statement holds a value that has no literal form");
}

// What a column would clip is refused, as it is when it is bound.
absl::Status CheckRowValues(const Compiled& compiled,
                            absl::Span<const Node* const> binds) {
  for (const RowValueSite& site : compiled.row_values) {
    const Node& bind = *binds[site.bind];
    if (!bind.text().empty()) continue;  // a parameter has no value
    CUPEL_RETURN_IF_ERROR(
        engine::CheckFits(site.column->type(), bind.values()[0]));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FillLiterals(const Compiled& compiled,
                                         const std::string& sql,
                                         absl::Span<const BindSite> sites,
                                         const Node& root,
                                         const engine::Dialect& dialect) {
  std::vector<const Node*> binds(root.bind_count());
  query_internal::CollectBinds(root, absl::MakeSpan(binds));
  CUPEL_RETURN_IF_ERROR(CheckRowValues(compiled, binds));
  std::string filled;
  size_t done = 0;
  for (const BindSite& site : sites) {
    filled.append(sql, done, site.offset - done);
    done = site.offset;
    CUPEL_RETURN_IF_ERROR(
        AppendLiterals(compiled, site, binds, dialect, &filled));
  }
  filled.append(sql, done, std::string::npos);
  return filled;
}

// Writes the text of a statement with its parameters in a style.
class ParameterWriter {
 public:
  ParameterWriter(ParameterStyle style, absl::Span<const Node* const> binds)
      : style_(style), binds_(binds) {}

  std::string Filled(const std::string& sql, absl::Span<const BindSite> sites) {
    size_t done = 0;
    for (const BindSite& site : sites) {
      AppendText(absl::string_view(sql).substr(done, site.offset - done));
      done = site.offset;
      AppendSite(site);
    }
    AppendText(absl::string_view(sql).substr(done));
    return std::move(out_);
  }

 private:
  bool has_percents() const {
    return style_ == ParameterStyle::kFormat ||
           style_ == ParameterStyle::kPyformat;
  }
  void AppendText(absl::string_view text) {
    if (has_percents()) {
      absl::StrAppend(&out_, absl::StrReplaceAll(text, {{"%", "%%"}}));
    } else {
      absl::StrAppend(&out_, text);
    }
  }

  void AppendSite(const BindSite& site) {
    if (site.kind == BindSite::Kind::kDefault) {
      return AppendParameter(absl::StrCat("default", site.bind + 1));
    }
    const Node& bind = *binds_[site.bind];
    const std::string name = bind.text().empty()
                                 ? absl::StrCat("p", site.bind + 1)
                                 : std::string(bind.text());
    const bool is_empty = bind.values().empty();
    switch (site.kind) {
      case BindSite::Kind::kListOpen:
        if (is_empty) out_.append("(");
        return;
      case BindSite::Kind::kListClose:
        if (is_empty) AppendEmptyTest(site, &out_);
        return;
      case BindSite::Kind::kList:
        if (is_empty) return AppendEmptyList(site, &out_);
        return AppendList(site, bind.values().size(), name);
      default:
        return AppendParameter(name);
    }
  }

  void AppendList(const BindSite& site, size_t count, const std::string& name) {
    for (size_t i = 0; i < count; ++i) {
      if (i > 0) out_.append(", ");
      if (site.width > 1 && i % site.width == 0) out_.append("(");
      AppendParameter(absl::StrCat(name, "_", i + 1));
      if (site.width > 1 && (i + 1) % site.width == 0) out_.append(")");
    }
  }

  void AppendParameter(const std::string& name) {
    ++count_;
    switch (style_) {
      case ParameterStyle::kQuestion:
        out_.append("?");
        return;
      case ParameterStyle::kNumeric:
        absl::StrAppend(&out_, ":", count_);
        return;
      case ParameterStyle::kDollar:
        absl::StrAppend(&out_, "$", count_);
        return;
      case ParameterStyle::kNamed:
        absl::StrAppend(&out_, ":", name);
        return;
      case ParameterStyle::kFormat:
        out_.append("%s");
        return;
      case ParameterStyle::kPyformat:
        absl::StrAppend(&out_, "%(", name, ")s");
        return;
    }
  }

  const ParameterStyle style_;
  const absl::Span<const Node* const> binds_;
  size_t count_ = 0;
  std::string out_;
};

absl::Status Write(const Statement& statement, const engine::Dialect& dialect,
                   Compiled* compiled, SqlText* text) {
  if (statement.empty()) {
    return absl::InvalidArgumentError("cupel: an empty statement");
  }
  const Node& node = *statement.node();
  CUPEL_RETURN_IF_ERROR(query_internal::ErrorOf(node));
  compiled->kind = statement.kind();
  compiled->dialect = &dialect;
  compiled->bind_count = node.bind_count();
  Compiler compiler(dialect, compiled);
  return compiler.WriteTopLevel(node, text);
}

}  // namespace

void AppendEmptyList(const BindSite& site, std::string* out) {
  if (site.width == 1) {
    out->append("NULL");
    return;
  }
  for (int i = 0; i < site.width; ++i) out->append(i == 0 ? "(NULL" : ", NULL");
  out->append(")");
}

void AppendEmptyTest(const BindSite& site, std::string* out) {
  out->append(site.negated ? " OR 1 = 1)" : " AND 1 = 0)");
}

absl::StatusOr<std::shared_ptr<const Compiled>> Compile(
    const Statement& statement, const engine::Dialect& dialect) {
  auto compiled = std::make_shared<Compiled>();
  SqlText text;
  CUPEL_RETURN_IF_ERROR(Write(statement, dialect, compiled.get(), &text));
  compiled->statement = statement.node();
  compiled->sql = text.sql();
  compiled->sites = std::move(text).TakeSites();
  if (!compiled->expands) {
    compiled->sql = FillPlaceholders(*compiled, dialect);
  }
  return std::shared_ptr<const Compiled>(std::move(compiled));
}

absl::StatusOr<std::string> RenderLiteral(const Statement& statement,
                                          const engine::Dialect& dialect) {
  Compiled compiled;
  SqlText text;
  CUPEL_RETURN_IF_ERROR(Write(statement, dialect, &compiled, &text));
  const std::string sql = text.sql();
  const auto sites = std::move(text).TakeSites();
  return FillLiterals(compiled, sql, sites, *statement.node(), dialect);
}

absl::StatusOr<std::string> RenderParameters(const Statement& statement,
                                             const engine::Dialect& dialect,
                                             ParameterStyle style) {
  Compiled compiled;
  SqlText text;
  CUPEL_RETURN_IF_ERROR(Write(statement, dialect, &compiled, &text));
  const std::string sql = text.sql();
  const auto sites = std::move(text).TakeSites();
  std::vector<const Node*> binds(statement.node()->bind_count());
  query_internal::CollectBinds(*statement.node(), absl::MakeSpan(binds));
  return ParameterWriter(style, binds).Filled(sql, sites);
}

absl::StatusOr<std::string> RenderLiteral(const Expr& expr,
                                          const engine::Dialect& dialect) {
  if (expr.empty()) {
    return absl::InvalidArgumentError("cupel: an empty expression");
  }
  CUPEL_RETURN_IF_ERROR(query_internal::ErrorOf(*expr.node()));
  Compiled compiled;
  Compiler compiler(dialect, &compiled);
  compiler.set_free_columns(true);
  SqlText text;
  CUPEL_RETURN_IF_ERROR(compiler.WriteExpr({expr.node().get(), 0},
                                           query_internal::Scope(), &text));
  const std::string sql = text.sql();
  const auto sites = std::move(text).TakeSites();
  return FillLiterals(compiled, sql, sites, *expr.node(), dialect);
}

}  // namespace cupel::query
