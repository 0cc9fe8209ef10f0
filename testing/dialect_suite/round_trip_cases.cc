// Values at the edges of every type, on every way into a column: they come back
// to the bit, or are refused; none is changed in silence.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/utf8.h"
#include "cupel/query/compiled.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/boundary_values.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using engine::ErrorKind;
using engine::Value;
using engine::ValueKind;
using query::Insert;
using query::TypedSelect;

enum class Way : uint8_t {
  kLiteral,
  kBound,
  kBatch,
  kReturning,
  kRows,
  kUpdate,
};
constexpr struct {
  Way way;
  const char* name;
} kWays[] = {{Way::kLiteral, "literal"}, {Way::kBound, "bound"},
             {Way::kBatch, "batch"},     {Way::kReturning, "returning"},
             {Way::kRows, "rows"},       {Way::kUpdate, "update"}};
// Those that the number of cells counts; the others are for good measure.
constexpr size_t kCountedWays = 4;

// A database may write documents with other blanks between their tokens.
std::string WithoutBlanks(absl::string_view json) {
  std::string dense;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (json[i] == '"') in_text = !in_text;
    if (in_text && json[i] == '\\') dense.push_back(json[i++]);
    if (i < json.size() && (in_text || json[i] != ' ')) {
      dense.push_back(json[i]);
    }
  }
  return dense;
}

bool IsSame(const Value& found, const Value& value) {
  if (value.kind() != ValueKind::kJson || found.kind() != ValueKind::kJson) {
    return found == value;
  }
  return WithoutBlanks(found.view().bytes()) == value.view().bytes();
}

bool IsDeclaredRefusal(const absl::Status& status) {
  switch (engine::KindOf(status)) {
    case ErrorKind::kTooBig:
    case ErrorKind::kInvalidValue:
    case ErrorKind::kUnsupported:
    case ErrorKind::kCheckViolation:  // of a list of names
      return true;
    default:
      return false;
  }
}

class RoundTripTest : public DialectTest,
                      public ::testing::WithParamInterface<BoundaryValues> {
 protected:
  using Found = absl::StatusOr<std::vector<Value>>;

  void Open() override {
    DialectTest::Open();
    table_ = &Create(
        Keyed("boundary").Column({.name = "value", .type = GetParam().type}));
    CUPEL_ASSERT_OK(connection().Commit());
    id_ = Col<int64_t>(*table_, "id");
    value_ = Col<std::string>(*table_, "value");
  }

  query::Assignment Assigned(const Value& value) const {
    return {value_, query::BindView(value.view(), value_.type())};
  }
  std::vector<Insert> Inserts(absl::Span<const Value> values) const {
    std::vector<Insert> inserts;
    for (const Value& value : values) {
      const auto id = static_cast<int64_t>(inserts.size());
      inserts.push_back(
          Insert(*table_).Values({query::Assign(id_, id), Assigned(value)}));
    }
    return inserts;
  }

  // The cells of the statement's last column, as logical values.
  absl::Status Read(const query::Statement& statement,
                    std::vector<Value>* found) {
    CUPEL_ASSIGN_OR_RETURN(query::ResultCursor cursor,
                           query::Execute(connection(), cache(), statement));
    while (true) {
      CUPEL_ASSIGN_OR_RETURN(const bool more, cursor.Next());
      if (!more) return absl::OkStatus();
      engine::BoundValue logical;
      logical.view = cursor.cells().back();
      if (logical.view.kind() == ValueKind::kInt64 &&
          engine::LogicalKind(GetParam().type) == ValueKind::kDouble) {
        // A database may return a whole number as an integer.
        double number = 0;
        CUPEL_RETURN_IF_ERROR(cursor.Read(cursor.column_count() - 1, &number));
        logical.view = engine::ValueView::Double(number);
      }
      if (const auto* codec = cursor.columns().back().codec) {
        engine::BoundValue decoded;
        CUPEL_RETURN_IF_ERROR(codec->Decode(logical.view, &decoded));
        found->emplace_back(decoded.view);
      } else {
        found->emplace_back(logical.view);
      }
    }
  }
  Found ReadAll() {
    std::vector<Value> found;
    CUPEL_RETURN_IF_ERROR(Read(TypedSelect(id_, value_).OrderBy(id_), &found));
    return found;
  }

  // Stores the values in this way, and reads them back.
  Found Store(Way way, absl::Span<const Value> values) {
    const std::vector<Insert> inserts = Inserts(values);
    std::vector<Value> returned;
    switch (way) {
      case Way::kLiteral:
        for (const Insert& insert : inserts) {
          CUPEL_ASSIGN_OR_RETURN(const std::string sql,
                                 query::RenderLiteral(insert, dialect()));
          CUPEL_RETURN_IF_ERROR(Execute(sql).status());
        }
        return ReadAll();
      case Way::kBound:
        for (const Insert& insert : inserts) {
          CUPEL_RETURN_IF_ERROR(Execute(insert).status());
        }
        return ReadAll();
      case Way::kBatch:
        CUPEL_RETURN_IF_ERROR(
            query::ExecuteMany(
                connection(), cache(),
                std::vector<query::Statement>(inserts.begin(), inserts.end()))
                .status());
        return ReadAll();
      case Way::kReturning:
        for (const Insert& insert : inserts) {
          CUPEL_RETURN_IF_ERROR(Read(insert.Returning(value_), &returned));
        }
        return returned;
      case Way::kRows: {
        Insert all = inserts[0];
        for (size_t i = 1; i < values.size(); ++i) {
          all = all.AddRow({query::Assign(id_, static_cast<int64_t>(i)),
                            Assigned(values[i])});
        }
        CUPEL_RETURN_IF_ERROR(Execute(all).status());
        return ReadAll();
      }
      case Way::kUpdate: {
        CUPEL_RETURN_IF_ERROR(Execute(Inserts({Value()})[0]).status());
        for (const Value& value : values) {
          CUPEL_RETURN_IF_ERROR(
              Execute(query::Update(*table_).Set({Assigned(value)})).status());
          CUPEL_RETURN_IF_ERROR(
              Read(TypedSelect(value_).SelectFrom(*table_), &returned));
        }
        return returned;
      }
    }
    return absl::InternalError("no way");
  }

  // What is known of a value at the edge: whether the database keeps it.
  enum class Fate : uint8_t { kKept, kRefused, kEither };
  Fate FateOf(const Value& value) const {
    const auto kept_if = [](bool keeps) {
      return keeps ? Fate::kKept : Fate::kRefused;
    };
    if (value.kind() == ValueKind::kDouble &&
        !std::isfinite(value.view().double_value())) {
      return kept_if(can().keeps_non_finite);
    }
    if (value.kind() == ValueKind::kText) {
      const absl::string_view text = value.view().bytes();
      if (engine::FindInvalidUtf8(text) != text.npos) return Fate::kRefused;
      if (absl::StrContains(text, '\0')) {
        return kept_if(can().keeps_nul_in_text);
      }
    }
    return Fate::kEither;
  }

  void ExpectKept(Way way) {
    const std::vector<Value>& values = GetParam().kept;
    const Found found = Store(way, values);
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->size(), values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      ++judged_;
      EXPECT_TRUE(IsSame((*found)[i], values[i])) << Changed(i, (*found)[i]);
    }
  }
  void ExpectKeptOrRefused(Way way, size_t i) {
    const Value& value = GetParam().edges[i];
    const Found found = Store(way, {&value, 1});
    ++judged_;
    const Fate fate = FateOf(value);
    if (found.ok()) {
      EXPECT_NE(fate, Fate::kRefused);
      ASSERT_EQ(found->size(), 1u);
      EXPECT_TRUE(IsSame((*found)[0], value)) << Changed(i, (*found)[0]);
      return;
    }
    ++refused_;
    EXPECT_NE(fate, Fate::kKept) << found.status();
    EXPECT_TRUE(IsDeclaredRefusal(found.status())) << found.status();
  }
  static std::string Changed(size_t i, const Value& found) {
    return absl::StrCat("value ", i, " came back as another ",
                        found.DebugString());
  }

  size_t judged_ = 0;
  size_t refused_ = 0;
  const schema::Table* table_ = nullptr;
  query::TypedExpr<int64_t> id_;
  // Of any type: only its cells are read.
  query::TypedExpr<std::string> value_;
};

// G17
TEST_P(RoundTripTest, KeepsOrRefuses) {
  for (const auto& [way, name] : kWays) {
    SCOPED_TRACE(name);
    if (way == Way::kReturning && !can().returning) {
      EXPECT_THAT(Sql(Inserts({Value()})[0].Returning(value_)), IsRefused());
      judged_ += GetParam().size();
      continue;
    }
    ExpectKept(way);
    CUPEL_ASSERT_OK(connection().Rollback());
    for (size_t i = 0; i < GetParam().edges.size(); ++i) {
      SCOPED_TRACE(absl::StrCat("edge ", i));
      ExpectKeptOrRefused(way, i);
      CUPEL_ASSERT_OK(connection().Rollback());
    }
  }
  EXPECT_EQ(judged_, GetParam().size() * std::size(kWays));
  RecordProperty("refused", static_cast<int>(refused_));
}

INSTANTIATE_TEST_SUITE_P(Types, RoundTripTest,
                         ::testing::ValuesIn(AllBoundaryValues()),
                         [](const auto& info) { return info.param.name; });

// G17: of a value on a way; what the cases above judge, each of its own type.
TEST(RoundTripCellsTest, AreAThousandOfEachDatabase) {
  size_t values = 0;
  for (const BoundaryValues& row : AllBoundaryValues()) values += row.size();
  const size_t cells = values * kCountedWays;
  std::cout << cells << " cells: " << values << " values of "
            << AllBoundaryValues().size() << " types, each literal, bound, in "
            << "a batch and returned\n";
  EXPECT_GE(cells, 1000u);
}

}  // namespace
}  // namespace cupel::dialect_suite
