#include "cupel/query/insert_objects.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/base/optimization.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "cupel/query/annotated.h"
#include "cupel/query/bind_check.h"
#include "cupel/query/compiled.h"
#include "cupel/query/execution.h"
#include "cupel/query/insert.h"
#include "cupel/query/statement.h"

namespace cupel::query {
namespace {

using engine::BoundValue;
using engine::ValueKind;
using engine::ValueView;

bool HasPointer(const ValueView& view) {
  return view.has_bytes() || view.kind() == ValueKind::kDecimal;
}

absl::Status CheckColumns(absl::Span<const ObjectColumn> columns) {
  if (columns.empty()) {
    return absl::InvalidArgumentError("cupel: objects without a column");
  }
  for (const ObjectColumn& column : columns) {
    if (column.column == nullptr ||
        &column.column->table() != &columns[0].column->table()) {
      return absl::InvalidArgumentError(
          "cupel: objects go to columns of one table");
    }
  }
  return absl::OkStatus();
}

// The INSERT of the row whose values are `values`.
Insert RowInsert(absl::Span<const ObjectColumn> columns,
                 absl::Span<const ValueView> values) {
  std::vector<Assignment> row;
  for (size_t k = 0; k < columns.size(); ++k) {
    const schema::Column& column = *columns[k].column;
    row.push_back({ColumnOf(column), BindView(values[k], &column.type())});
  }
  return Insert(columns[0].column->table()).Values(row);
}

// Members as logical values, checked.
class ObjectReader {
 public:
  ObjectReader(const ObjectRows& rows, absl::Span<const ObjectColumn> columns,
               const engine::Capabilities& capabilities)
      : rows_(rows), columns_(columns), capabilities_(capabilities) {}

  // Member `k` of object `i`. `*bound` holds the value if the object does not.
  absl::Status Read(size_t i, size_t k, BoundValue* bound) const {
    const ObjectColumn& column = columns_[k];
    const char* const object =
        static_cast<const char*>(rows_.first) + i * rows_.stride;
    absl::Status status = column.ops->bind(object + column.offset, bound);
    if (status.ok()) status = CheckBindable(bound->view, capabilities_);
    if (status.ok()) {
      status = engine::CheckFits(column.column->type(), bound->view);
    }
    return ABSL_PREDICT_TRUE(status.ok()) ? status : At(status, i, k);
  }

  absl::Status At(const absl::Status& status, size_t i, size_t k) const {
    const schema::Column& column = *columns_[k].column;
    return Annotated(status, absl::StrCat("cupel: object ", i, ", column ",
                                          column.table().full_name(), ".",
                                          column.name(), ": "));
  }

 private:
  const ObjectRows& rows_;
  const absl::Span<const ObjectColumn> columns_;
  const engine::Capabilities& capabilities_;
};

// Storage values straight from the objects, in the order of the sites.
class ObjectSource : public engine::BatchSource {
 public:
  ObjectSource(const ObjectReader& reader, const Compiled& insert, size_t count)
      : reader_(reader),
        insert_(insert),
        count_(count),
        values_(insert.sites.size()) {}

  size_t size() const override { return count_; }

  absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
    for (size_t k = 0; k < values_.size(); ++k) {
      const BindSite& site = insert_.sites[k];
      BoundValue bound;
      CUPEL_RETURN_IF_ERROR(reader_.Read(i, site.bind, &bound));
      if (site.codec != nullptr && !bound.view.is_null()) {
        BoundValue encoded;
        const absl::Status status = site.codec->Encode(bound.view, &encoded);
        if (!status.ok()) return reader_.At(status, i, site.bind);
        // It may point into what it was made of.
        if (HasPointer(encoded.view)) encoded.Own();
        bound = std::move(encoded);
      }
      values_[k] = Kept(std::move(bound));
    }
    return absl::MakeConstSpan(values_);
  }

 private:
  // Texts of the objects stay where they are; what was made for the database is
  // kept to the end.
  ValueView Kept(BoundValue bound) {
    if (!HasPointer(bound.view) || bound.storage.view().is_null()) {
      return bound.view;
    }
    return kept_.emplace_back(std::move(bound)).view;
  }

  const ObjectReader& reader_;
  const Compiled& insert_;
  const size_t count_;
  absl::InlinedVector<ValueView, 16> values_;
  std::deque<BoundValue> kept_;
};

// With a statement for each row, for what a row of plain values does not tell:
// defaults of the program.
absl::Status InsertAsStatements(engine::Connection& connection,
                                StatementCache& cache,
                                const ObjectReader& reader, size_t count,
                                absl::Span<const ObjectColumn> columns,
                                size_t page_rows, engine::Location origin) {
  const size_t page = page_rows == 0 ? count : std::min(count, page_rows);
  std::vector<Statement> statements;
  std::vector<BoundValue> bound(columns.size());
  std::vector<ValueView> values(columns.size());
  for (size_t first = 0; first < count; first += page) {
    statements.clear();
    for (size_t i = first; i < std::min(count, first + page); ++i) {
      for (size_t k = 0; k < columns.size(); ++k) {
        CUPEL_RETURN_IF_ERROR(reader.Read(i, k, &bound[k]));
        values[k] = bound[k].view;
      }
      statements.push_back(RowInsert(columns, values));
    }
    CUPEL_RETURN_IF_ERROR(
        ExecuteMany(connection, cache, statements, origin).status());
  }
  return absl::OkStatus();
}

// Whether each site is a value of the row, so that the sites say all.
bool IsPlain(const Compiled& insert) {
  return std::all_of(
      insert.sites.begin(), insert.sites.end(),
      [](const BindSite& site) { return site.kind == BindSite::Kind::kValue; });
}

}  // namespace

absl::Status InsertObjects(engine::Connection& connection,
                           StatementCache& cache, const ObjectRows& rows,
                           absl::Span<const ObjectColumn> columns,
                           size_t page_rows, engine::Location origin) {
  if (rows.count == 0) return absl::OkStatus();
  CUPEL_RETURN_IF_ERROR(CheckColumns(columns));
  const engine::Dialect& dialect = connection.dialect();
  const ObjectReader reader(rows, columns, dialect.capabilities());
  const std::vector<ValueView> nothing(columns.size());
  CUPEL_ASSIGN_OR_RETURN(
      const std::shared_ptr<const Compiled> insert,
      cache.GetOrCompile(RowInsert(columns, nothing), dialect));
  if (!IsPlain(*insert)) {
    return InsertAsStatements(connection, cache, reader, rows.count, columns,
                              page_rows, origin);
  }
  ObjectSource source(reader, *insert, rows.count);
  return ExecutePages(
      connection, *insert, source, nullptr,
      {.rows = page_rows, .in_order = false, .values_stay = true}, origin);
}

}  // namespace cupel::query
