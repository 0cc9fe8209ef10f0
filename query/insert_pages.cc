#include "cupel/query/insert_pages.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/query/compiled.h"
#include "cupel/query/execution.h"
#include "cupel/query/statement_rows.h"
#include "cupel/schema/schema.h"

namespace cupel::query {
namespace {

using engine::BatchSink;
using engine::BatchSource;
using engine::Capabilities;
using engine::ExecuteResult;
using engine::GeneratedKeys;
using engine::Value;
using engine::ValueView;

using Cells = std::vector<Value>;

// How a returned row finds the row that went in.
struct Match {
  enum class By : uint8_t { kPosition, kGeneratedKey, kGivenKey };
  By by = By::kPosition;
  size_t column = 0;  // of the result: the key
  size_t site = 0;    // of kGivenKey: where a row brings it
};

// The site at which a row brings `column`, alone and as it is.
std::optional<size_t> SiteOf(const Compiled& insert,
                             const schema::Column& column) {
  for (size_t i = 0; i < insert.sites.size(); ++i) {
    const BindSite& site = insert.sites[i];
    if (site.kind == BindSite::Kind::kDefault) {
      if (insert.defaults[site.bind].column == &column) return i;
      continue;
    }
    for (const RowValueSite& value : insert.row_values) {
      if (value.column == &column && value.bind == site.bind) return i;
    }
  }
  return std::nullopt;
}

// Whether the database makes its values, later ones greater than earlier ones.
bool CountsUp(const schema::Column& column) {
  return column.autoincrement() ||
         (column.sequence() != nullptr && column.sequence()->ascends());
}

// Null: rows in pages could not be told apart.
std::optional<Match> MatchFor(const Compiled& insert, bool in_order) {
  const Capabilities& can = insert.dialect->capabilities();
  if (insert.columns.empty() || !in_order || can.multi_row_returning) {
    return Match();
  }
  for (size_t i = 0; i < insert.columns.size(); ++i) {
    const schema::Column* column = insert.columns[i].column;
    if (column == nullptr) continue;
    if (!column->primary_key() ||
        column->table().primary_key().columns().size() != 1) {
      continue;
    }
    const auto& set = insert.row.columns;
    if (std::find(set.begin(), set.end(), column) == set.end()) {
      if (CountsUp(*column) &&
          can.generated_keys != GeneratedKeys::kUnordered) {
        return Match{Match::By::kGeneratedKey, i, 0};
      }
    } else if (const auto site = SiteOf(insert, *column)) {
      return Match{Match::By::kGivenKey, i, *site};
    }
  }
  return std::nullopt;
}

// Whether all values stand in the row, which may be repeated then.
bool HasRepeatableRow(const Compiled& insert) {
  if (insert.row.begin == insert.row.end || insert.expands) return false;
  return std::all_of(
      insert.sites.begin(), insert.sites.end(), [&](const BindSite& site) {
        return site.offset > insert.row.begin && site.offset < insert.row.end;
      });
}

// The text of an INSERT with its row as often as wanted.
class PageText {
 public:
  explicit PageText(const Compiled& insert)
      : insert_(insert), text_(WithoutPlaceholders(insert)) {}

  std::string Of(size_t rows) const {
    std::string sql = text_.substr(0, insert_.row.begin);
    size_t placeholder = 0;
    for (size_t i = 0; i < rows; ++i) {
      if (i > 0) sql.append(", ");
      size_t done = insert_.row.begin;
      for (const BindSite& site : insert_.sites) {
        sql.append(text_, done, site.offset - done);
        done = site.offset;
        insert_.dialect->AppendPlaceholder(++placeholder, &sql);
      }
      sql.append(text_, done, insert_.row.end - done);
    }
    sql.append(text_, insert_.row.end, std::string::npos);
    return sql;
  }

  // Whether nothing but placeholders stands in the row, and nothing behind it.
  bool IsPlain() const {
    const size_t sites = insert_.sites.size();
    return sites > 0 && insert_.row.end == text_.size() &&
           insert_.row.end - insert_.row.begin == 2 * sites;  // (, , )
  }

  // Rows that fit into one statement.
  size_t MaxRows(size_t wanted) const {
    const Capabilities& can = insert_.dialect->capabilities();
    if (!can.multi_row_values) return 1;
    size_t rows = wanted;
    const auto limit = [&rows](size_t most) {
      rows = rows == 0 ? most : std::min(rows, most);
    };
    if (can.max_insert_rows != 0) limit(can.max_insert_rows);
    const size_t sites = insert_.sites.size();
    if (can.max_bind_parameters != 0 && sites != 0) {
      limit(can.max_bind_parameters / sites);
    }
    if (can.max_statement_bytes != 0) {
      // A placeholder and a comma: generously.
      const size_t row = insert_.row.end - insert_.row.begin + 2 + sites * 8;
      limit((can.max_statement_bytes -
             std::min(can.max_statement_bytes, text_.size())) /
            row);
    }
    return std::max<size_t>(rows, 1);
  }

 private:
  static std::string WithoutPlaceholders(const Compiled& insert) {
    std::string text;
    size_t done = 0;   // in the text with placeholders
    size_t shift = 0;  // their length so far
    size_t index = 0;
    for (const BindSite& site : insert.sites) {
      const size_t at = site.offset + shift;
      text.append(insert.sql, done, at - done);
      std::string placeholder;
      insert.dialect->AppendPlaceholder(++index, &placeholder);
      shift += placeholder.size();
      done = at + placeholder.size();
    }
    text.append(insert.sql, done, std::string::npos);
    return text;
  }

  const Compiled& insert_;
  const std::string text_;
};

absl::Status Unmatched(const Compiled& insert, absl::string_view why) {
  return engine::MakeError(
      engine::ErrorKind::kUnsupported,
      absl::StrCat("the rows that an INSERT into ",
                   insert.tables_written[0]->full_name(), " returned ", why,
                   ": they cannot be matched with the rows given; roll back, "
                   "and insert row by row or without order"));
}

// Whether the driver takes so many rows faster than statements of several.
bool LoadsInBulk(const Compiled& insert, size_t rows) {
  const size_t bulk = insert.dialect->capabilities().bulk_insert_rows;
  return bulk != 0 && rows >= bulk && insert.columns.empty() &&
         PageText(insert).IsPlain();
}

// Confined to one call.
class PageInserter {
 public:
  PageInserter(engine::Connection& connection, const Compiled& insert,
               BatchSource& rows, BatchSink* sink, Match match,
               bool values_stay, engine::Location origin)
      : connection_(connection),
        insert_(insert),
        text_(insert),
        rows_(rows),
        sink_(sink),
        match_(match),
        copies_(!values_stay || match.by == Match::By::kGivenKey),
        origin_(origin) {}

  absl::Status Execute(size_t wanted) {
    const size_t total = rows_.size();
    const size_t page = std::min(text_.MaxRows(wanted), total);
    for (size_t first = 0; first < total; first += page) {
      CUPEL_RETURN_IF_ERROR(ExecutePage(first, std::min(page, total - first)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ExecutePage(size_t first, size_t count) {
    CUPEL_RETURN_IF_ERROR(CollectValues(first, count));
    if (count != sql_rows_) sql_ = text_.Of(count);
    sql_rows_ = count;
    CUPEL_ASSIGN_OR_RETURN(engine::Cursor cursor,
                           connection_.Query(sql_, views_, origin_));
    if (insert_.columns.empty()) {
      CUPEL_RETURN_IF_ERROR(cursor.Finish().status());
      if (sink_ != nullptr) returned_.assign(count, {});
    } else {
      CUPEL_RETURN_IF_ERROR(ReadReturned(cursor, count));
      CUPEL_RETURN_IF_ERROR(PutInOrder());
    }
    return Report(first);
  }

  absl::Status CollectValues(size_t first, size_t count) {
    values_.clear();
    views_.clear();
    for (size_t i = first; i < first + count; ++i) {
      CUPEL_ASSIGN_OR_RETURN(const absl::Span<const ValueView> row,
                             rows_.row(i));
      CUPEL_RET_CHECK(row.size() == insert_.sites.size())
          << "values of a row of a page";
      if (!copies_) {
        views_.insert(views_.end(), row.begin(), row.end());
        continue;
      }
      for (const ValueView& value : row) values_.emplace_back(value);
    }
    for (const Value& value : values_) views_.push_back(value.view());
    return absl::OkStatus();
  }

  absl::Status ReadReturned(engine::Cursor& cursor, size_t count) {
    returned_.clear();
    returned_.reserve(count);
    for (;;) {
      CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
      if (!more) break;
      Cells& cells = returned_.emplace_back();
      for (const ValueView& cell : cursor.row()) cells.emplace_back(cell);
    }
    if (returned_.size() == count) return absl::OkStatus();
    return Unmatched(insert_, "are not as many as were given");
  }

  absl::Status PutInOrder() {
    switch (match_.by) {
      case Match::By::kPosition:
        return absl::OkStatus();
      case Match::By::kGeneratedKey:
        return SortByGeneratedKey();
      case Match::By::kGivenKey:
        return SortByGivenKey();
    }
    return absl::OkStatus();
  }

  absl::Status SortByGeneratedKey() {
    const size_t column = match_.column;
    for (const Cells& cells : returned_) {
      if (cells[column].kind() != engine::ValueKind::kInt64) {
        return Unmatched(insert_, "have keys that are not numbers");
      }
    }
    const auto key = [column](const Cells& cells) {
      return cells[column].view().int64_value();
    };
    std::sort(returned_.begin(), returned_.end(),
              [&](const Cells& a, const Cells& b) { return key(a) < key(b); });
    const auto span = static_cast<uint64_t>(key(returned_.back())) -
                      static_cast<uint64_t>(key(returned_.front()));
    if (insert_.dialect->capabilities().generated_keys ==
            GeneratedKeys::kConsecutive &&
        span != returned_.size() - 1) {
      return Unmatched(insert_, "have keys that are not consecutive");
    }
    return absl::OkStatus();
  }

  absl::Status SortByGivenKey() {
    const size_t width = insert_.sites.size();
    absl::flat_hash_map<Value, size_t> rows;
    for (size_t i = 0; i < returned_.size(); ++i) {
      rows.emplace(values_[i * width + match_.site], i);
    }
    std::vector<Cells> sorted(returned_.size());
    std::vector<bool> found(returned_.size(), false);
    for (Cells& cells : returned_) {
      const auto row = rows.find(cells[match_.column]);
      if (row == rows.end() || found[row->second]) {
        return Unmatched(insert_, "have other keys than those given");
      }
      found[row->second] = true;
      sorted[row->second] = std::move(cells);
    }
    returned_ = std::move(sorted);
    return absl::OkStatus();
  }

  absl::Status Report(size_t first) {
    if (sink_ == nullptr) return absl::OkStatus();
    ExecuteResult result;
    result.affected_rows = 1;
    std::vector<ValueView> cells;
    for (size_t i = 0; i < returned_.size(); ++i) {
      cells.clear();
      for (const Value& value : returned_[i]) cells.push_back(value.view());
      CUPEL_RETURN_IF_ERROR(sink_->OnRow(first + i, result, cells));
    }
    return absl::OkStatus();
  }

  engine::Connection& connection_;
  const Compiled& insert_;
  const PageText text_;
  BatchSource& rows_;
  BatchSink* const sink_;
  const Match match_;
  const bool copies_;
  const engine::Location origin_;
  std::string sql_;
  size_t sql_rows_ = 0;
  // Of the page under way.
  std::vector<Value> values_;
  std::vector<ValueView> views_;
  std::vector<Cells> returned_;
};

}  // namespace

absl::Status ExecutePages(engine::Connection& connection,
                          const Compiled& insert, BatchSource& rows,
                          BatchSink* sink, const PageOptions& options,
                          engine::Location origin) {
  const std::optional<Match> match = MatchFor(insert, options.in_order);
  if (options.rows == 1 || !match.has_value() || !HasRepeatableRow(insert) ||
      LoadsInBulk(insert, rows.size())) {
    return connection.ExecuteBatch(insert.sql, rows, sink, origin);
  }
  return PageInserter(connection, insert, rows, sink, *match,
                      options.values_stay, origin)
      .Execute(options.rows);
}

}  // namespace cupel::query

namespace cupel::query_internal {
namespace {

class DecodingSink : public engine::BatchSink {
 public:
  DecodingSink(const query::Compiled& compiled, size_t width,
               absl::FunctionRef<void(absl::Span<CellTarget>)> row)
      : compiled_(compiled), targets_(width), row_(row) {}

  absl::Status OnRow(size_t, const engine::ExecuteResult&,
                     absl::Span<const engine::ValueView> returned) override {
    row_(absl::MakeSpan(targets_));
    for (size_t i = 0; i < targets_.size(); ++i) {
      CUPEL_RETURN_IF_ERROR(ReadCell(compiled_, returned, i, *targets_[i].ops,
                                     targets_[i].object));
    }
    return absl::OkStatus();
  }

 private:
  const query::Compiled& compiled_;
  absl::InlinedVector<CellTarget, 16> targets_;
  const absl::FunctionRef<void(absl::Span<CellTarget>)> row_;
};

}  // namespace

absl::Status InsertManyInto(
    engine::Connection& connection, query::StatementCache& cache,
    absl::Span<const query::Statement> inserts,
    const query::PageOptions& options, engine::Location origin, size_t width,
    absl::FunctionRef<void(absl::Span<CellTarget>)> row) {
  if (inserts.empty()) return absl::OkStatus();
  CUPEL_ASSIGN_OR_RETURN(const std::shared_ptr<const query::Compiled> compiled,
                         CompileBatch(inserts, connection.dialect(), cache));
  if (compiled->kind != query::StatementKind::kInsert ||
      compiled->columns.size() != width) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cupel: INSERTs that return ", width, " columns were asked for; the ",
        "statements return ", compiled->columns.size()));
  }
  StatementRows rows(*compiled, inserts);
  DecodingSink sink(*compiled, width, row);
  return query::ExecutePages(connection, *compiled, rows, &sink, options,
                             origin);
}

}  // namespace cupel::query_internal
