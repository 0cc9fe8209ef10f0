#include "cupel/engine/value.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "cupel/engine/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

std::vector<Value> OneOfEach() {
  return {Value(),
          Value::Bool(true),
          Value::Int64(1),
          Value::Double(1),
          Value::Decimal(1),
          Value::Text("one"),
          Value::Blob("one"),
          Value::Date(1),
          Value::Time(1),
          Value::Timestamp(1),
          Value::Interval(1),
          Value::Uuid(Uuid()),
          Value::Json("1")};
}

TEST(ValueTest, KindsAndContentMakeValuesDiffer) {
  std::vector<Value> values = OneOfEach();
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(values[i].kind()), i);
    for (size_t j = 0; j < values.size(); ++j) {
      EXPECT_EQ(values[i] == values[j], i == j) << i << " " << j;
    }
    EXPECT_EQ(Value(values[i].view()), values[i]);
  }
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(values));
}

TEST(ValueTest, DoublesCompareByTheirBits) {
  EXPECT_EQ(Value::Double(std::nan("")), Value::Double(std::nan("")));
  EXPECT_FALSE(Value::Double(0.0) == Value::Double(-0.0));
}

TEST(ValueTest, DescriptionsShowNoContent) {
  EXPECT_EQ(Value::Text("topsecret").DebugString(), "text(9 bytes)");
  EXPECT_EQ(Value::Blob("topsecret").DebugString(), "blob(9 bytes)");
  EXPECT_EQ(Value::Int64(42).DebugString(), "int64");
  EXPECT_EQ(Value().DebugString(), "null");
}

TEST(BoundValueTest, CopiesAndMovesKeepTheirOwnStorage) {
  for (const Value& value : OneOfEach()) {
    BoundValue bound;
    bound.Set(value);
    std::vector<BoundValue> copies(3, bound);
    copies.reserve(100);  // moves them
    bound.Set(Value::Text("changed"));
    for (const BoundValue& copy : copies) EXPECT_EQ(Value(copy.view), value);
  }
}

TEST(BoundValueTest, GivesItsStorageAwayWhenItMoves) {
  for (const char* text : {"short", "too long for a string's own buffer"}) {
    BoundValue bound;
    bound.Set(Value::Text(text));
    BoundValue moved(std::move(bound));
    EXPECT_EQ(moved.view.bytes(), text);
    EXPECT_TRUE(bound.view.is_null());  // NOLINT: what a move leaves behind.
    bound = std::move(moved);
    EXPECT_EQ(bound.view.bytes(), text);
  }
}

TEST(BoundValueTest, OwnsWhatItIsGiven) {
  BoundValue bound;
  {
    std::string text = "short lived";
    bound.view = ValueView::Text(text);
    bound.Own();
    text.assign("overwritten");
  }
  EXPECT_EQ(bound.view.bytes(), "short lived");
  bound.Own();
  EXPECT_EQ(bound.view.bytes(), "short lived");
}

TEST(TypeTest, IsAConstant) {
  constexpr Type kType = Numeric(12, 2);
  static_assert(kType.precision == 12 && kType.scale == 2);
  static_assert(LogicalKind(kType) == ValueKind::kDecimal);
  EXPECT_EQ(kType.DebugString(), "numeric(12, 2)");
  EXPECT_EQ(String(80).DebugString(), "string(80)");
  EXPECT_EQ(ExactType("VARCHAR2(10)").DebugString(), "VARCHAR2(10)");
}

TEST(TypeTest, EqualTypesAreRenderedAlike) {
  EXPECT_EQ(String(80), String(80));
  EXPECT_FALSE(String(80) == String(81));
  EXPECT_FALSE(Numeric(4, 2) == Numeric(4, 2, NumericStorage::kText));
  EXPECT_EQ(EnumType(InternEnumerators({"a", "b"})),
            EnumType(InternEnumerators({"a", "b"})));
  EXPECT_FALSE(EnumType(InternEnumerators({"a", "b"})) ==
               EnumType(InternEnumerators({"b", "a"})));
}

TEST(TypeTest, InternedNamesOutliveTheirSource) {
  absl::string_view name;
  {
    std::string source = "TIMESTAMP(3) WITH TIME ZONE";
    name = InternTypeName(source);
    EXPECT_EQ(InternTypeName(source).data(), name.data());
    source.assign(source.size(), 'x');
  }
  EXPECT_EQ(name, "TIMESTAMP(3) WITH TIME ZONE");
}

}  // namespace
}  // namespace cupel::engine
