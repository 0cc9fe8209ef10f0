// Expressions: arithmetic, texts, conditions, NULL, lists, patterns, casts.

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"

namespace cupel::dialect_suite {
namespace {

using query::Bind;
using query::TypedExpr;
using query::TypedSelect;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using NullableInt = std::optional<int64_t>;

// Evaluates expressions without a table.
class ExpressionTest : public DialectTest {
 protected:
  template <typename T>
  absl::StatusOr<T> Value(const TypedExpr<T>& expr) {
    return Scalar(TypedSelect(expr));
  }
  static TypedExpr<int64_t> Int(int64_t value) { return Bind(value); }
  static TypedExpr<double> Real(double value) { return Bind(value); }
  static TypedExpr<std::string> Str(const char* text) { return Bind(text); }
  static TypedExpr<NullableInt> Nothing() { return Bind(NullableInt()); }
};

using ArithmeticTest = ExpressionTest;

TEST_F(ArithmeticTest, Basics) {
  EXPECT_THAT(Value(Int(7) + 3), IsOkAndHolds(10));
  EXPECT_THAT(Value(Int(7) - 10), IsOkAndHolds(-3));
  EXPECT_THAT(Value(Int(-7) * 3), IsOkAndHolds(-21));
}
TEST_F(ArithmeticTest, DivisionKeepsTheFraction) {
  EXPECT_THAT(Value(Int(5) / 2), IsOkAndHolds(2.5));
  EXPECT_THAT(Value(Int(-15) / 10), IsOkAndHolds(-1.5));
}
TEST_F(ArithmeticTest, DivisionOfReals) {
  EXPECT_THAT(Value(Real(7.5) / 2.5), IsOkAndHolds(3.0));
}
TEST_F(ArithmeticTest, FloorDivisionOfPositives) {
  EXPECT_THAT(Value(Int(15).FloorDivide(10)), IsOkAndHolds(1));
}
TEST_F(ArithmeticTest, Modulo) {
  EXPECT_THAT(Value(Int(17) % 5), IsOkAndHolds(2));
}
TEST_F(ArithmeticTest, Negation) {
  EXPECT_THAT(Value(-Int(4)), IsOkAndHolds(-4));
  EXPECT_THAT(Value(-(-Int(4))), IsOkAndHolds(4));
}
TEST_F(ArithmeticTest, Precedence) {
  EXPECT_THAT(Value((Int(2) + 3) * 4), IsOkAndHolds(20));
  EXPECT_THAT(Value(Int(2) + Int(3) * 4), IsOkAndHolds(14));
  EXPECT_THAT(Value(Int(10) - (Int(4) - 3)), IsOkAndHolds(9));
}
TEST_F(ArithmeticTest, WithNullIsNull) {
  EXPECT_THAT(Value(Nothing() + 1), IsOkAndHolds(std::nullopt));
}
TEST_F(ArithmeticTest, OfReals) {
  EXPECT_THAT(Value(Real(0.5) + 0.25), IsOkAndHolds(0.75));
  EXPECT_THAT(Value(Real(1e300) * 10.0), IsOkAndHolds(1e301));
}
TEST_F(ArithmeticTest, Absolute) {
  EXPECT_THAT(Value(query::Abs(Int(-8))), IsOkAndHolds(8));
}

using BitwiseTest = ExpressionTest;

TEST_F(BitwiseTest, AndOr) {
  EXPECT_THAT(Value(Int(12).BitAnd(10)), IsOkAndHolds(8));
  EXPECT_THAT(Value(Int(12).BitOr(10)), IsOkAndHolds(14));
}
TEST_F(BitwiseTest, Xor) {
  const auto exclusive = Value(Int(12).BitXor(10));
  if (syntax().bitwise_xor.empty()) {
    EXPECT_THAT(exclusive, IsRefused());
  } else {
    EXPECT_THAT(exclusive, IsOkAndHolds(6));
  }
}
TEST_F(BitwiseTest, Shifts) {
  EXPECT_THAT(Value(Int(3).ShiftLeft(4)), IsOkAndHolds(48));
  EXPECT_THAT(Value(Int(48).ShiftRight(4)), IsOkAndHolds(3));
}
TEST_F(BitwiseTest, Not) {
  // Databases differ in the sign of ~5: the low bits are the same.
  EXPECT_THAT(Value(Int(5).BitNot().BitAnd(7)), IsOkAndHolds(2));
}

using TextFunctionTest = ExpressionTest;

TEST_F(TextFunctionTest, Concatenates) {
  EXPECT_THAT(Value(Str("ab") + "cd"), IsOkAndHolds("abcd"));
  EXPECT_THAT(Value("<" + Str("x") + ">"), IsOkAndHolds("<x>"));
}
TEST_F(TextFunctionTest, ConcatenationWithNullIsNull) {
  const auto none = Bind(std::optional<std::string>());
  EXPECT_THAT(Value(none + "x"), IsOkAndHolds(std::nullopt));
}
TEST_F(TextFunctionTest, ChangesCase) {
  EXPECT_THAT(Value(query::Lower(Str("AbC"))), IsOkAndHolds("abc"));
  EXPECT_THAT(Value(query::Upper(Str("AbC"))), IsOkAndHolds("ABC"));
}
TEST_F(TextFunctionTest, Trims) {
  EXPECT_THAT(Value(query::Trim(Str("  x  "))), IsOkAndHolds("x"));
}
TEST_F(TextFunctionTest, CountsCharacters) {
  EXPECT_THAT(Value(query::CharLength(Str("caf\u00e9"))), IsOkAndHolds(4));
  EXPECT_THAT(Value(query::CharLength(Str("\U0001F600"))), IsOkAndHolds(1));
}
TEST_F(TextFunctionTest, CallsFunctionsByTheirGenericNames) {
  EXPECT_THAT(Value(query::Function<std::string>("substring", Str("abcdef"),
                                                 int64_t{2}, int64_t{3})),
              IsOkAndHolds("bcd"));
  EXPECT_THAT(Value(query::Function<std::string>(
                  "replace", Str("a-b-c"), std::string("-"), std::string("+"))),
              IsOkAndHolds("a+b+c"));
}
TEST_F(TextFunctionTest, GreatestAndLeast) {
  EXPECT_THAT(
      Value(query::Function<int64_t>("greatest", Int(3), Int(9), Int(5))),
      IsOkAndHolds(9));
  EXPECT_THAT(Value(query::Function<int64_t>("least", Int(3), Int(9), Int(5))),
              IsOkAndHolds(3));
}

using CastTest = ExpressionTest;

TEST_F(CastTest, TextToInteger) {
  EXPECT_THAT(Value(Str("42").Cast<int64_t>()), IsOkAndHolds(42));
}
TEST_F(CastTest, IntegerToText) {
  EXPECT_THAT(Value(Int(42).Cast<std::string>()), IsOkAndHolds("42"));
}
TEST_F(CastTest, IntegerToDouble) {
  EXPECT_THAT(Value(Int(42).Cast<double>()), IsOkAndHolds(42.0));
}
TEST_F(CastTest, ToANumericOfAScale) {
  const auto cast = Int(7).Cast<Decimal>(engine::Numeric(10, 2));
  if (can().native_decimal) {
    EXPECT_THAT(Value(cast), IsOkAndHolds(*Decimal::Parse("7.00")));
  } else {
    EXPECT_THAT(Value(cast), IsRefused());
  }
}
TEST_F(CastTest, OfNull) {
  EXPECT_THAT(Value(Nothing().Cast<std::string>()), IsOkAndHolds(std::nullopt));
}
TEST_F(CastTest, Trying) {
  const auto tried = TypedSelect(Str("x").TryCast<int64_t>());
  if (can().try_cast) {
    EXPECT_THAT(Scalar(tried), IsOkAndHolds(std::nullopt));
  } else {
    EXPECT_THAT(Sql(tried), IsRefused());
  }
}

using CaseTest = ExpressionTest;

TEST_F(CaseTest, Searched) {
  EXPECT_THAT(Value(query::Case<std::string>()
                        .When(Int(1) == 2, "one")
                        .When(Int(2) == 2, "two")
                        .Else("none")),
              IsOkAndHolds("two"));
}
TEST_F(CaseTest, Simple) {
  EXPECT_THAT(
      Value(query::Case<int64_t>(Str("b")).When("a", 1).When("b", 2).Else(0)),
      IsOkAndHolds(2));
}
TEST_F(CaseTest, WithoutElseIsNull) {
  EXPECT_THAT(Value(query::Case<int64_t>().When(Int(1) == 2, 5).End()),
              IsOkAndHolds(std::nullopt));
}
TEST_F(CaseTest, Coalesce) {
  EXPECT_THAT(Value(query::Coalesce(Nothing(), 3)), IsOkAndHolds(3));
  EXPECT_THAT(Value(query::Coalesce(Int(1), 3)), IsOkAndHolds(1));
}
TEST_F(CaseTest, NullIf) {
  EXPECT_THAT(Value(query::NullIf(Int(3), 3)), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(Value(query::NullIf(Int(3), 4)), IsOkAndHolds(3));
}

using ConditionTest = ExpressionTest;

TEST_F(ConditionTest, AreValues) {
  EXPECT_THAT(Value(Int(1) == 1), IsOkAndHolds(true));
  EXPECT_THAT(Value(Int(1) > 1), IsOkAndHolds(false));
}
TEST_F(ConditionTest, Constants) {
  EXPECT_THAT(Value(query::True()), IsOkAndHolds(true));
  EXPECT_THAT(Value(query::False()), IsOkAndHolds(false));
}
TEST_F(ConditionTest, AndOrNot) {
  EXPECT_THAT(Value(Int(1) == 1 && Int(2) == 2), IsOkAndHolds(true));
  EXPECT_THAT(Value(Int(1) == 2 || Int(2) == 2), IsOkAndHolds(true));
  EXPECT_THAT(Value(!(Int(1) == 1 || Int(2) == 3)), IsOkAndHolds(false));
}
TEST_F(ConditionTest, Comparisons) {
  EXPECT_THAT(Value(Int(1) <= 1 && Int(2) >= 2 && Int(1) < 2 && Int(1) != 2),
              IsOkAndHolds(true));
}
TEST_F(ConditionTest, Between) {
  EXPECT_THAT(Value(Int(5).Between(1, 5)), IsOkAndHolds(true));
  EXPECT_THAT(Value(Int(6).Between(1, 5)), IsOkAndHolds(false));
  EXPECT_THAT(Value(Int(6).NotBetween(1, 5)), IsOkAndHolds(true));
}
TEST_F(ConditionTest, BetweenEndsInEitherOrder) {
  EXPECT_THAT(Value(Int(3).BetweenSymmetric(5, 1)), IsOkAndHolds(true));
  EXPECT_THAT(Value(Int(6).BetweenSymmetric(5, 1)), IsOkAndHolds(false));
}
TEST_F(ConditionTest, OfNoneAndOfMany) {
  EXPECT_THAT(Value(query::And({})), IsOkAndHolds(true));
  EXPECT_THAT(Value(query::Or({})), IsOkAndHolds(false));
  std::vector<query::Expr> terms;
  for (int64_t n = 0; n < 300; ++n) terms.push_back(Int(n) == 299);
  EXPECT_THAT(Value(query::Or(terms)), IsOkAndHolds(true));
}
// F20
TEST_F(ConditionTest, DeepNestingWorksOrIsRefused) {
  TypedExpr<bool> deep = Int(1) == 1;
  for (int n = 0; n < 60; ++n) {
    deep = n % 2 == 0 ? (deep && Int(n) >= 0) : (deep || Int(n) < 0);
  }
  EXPECT_THAT(Value(deep), IsOkAndHolds(true));
}

class NullLogicTest : public ExpressionTest {
 protected:
  void Open() override {
    ExpressionTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(FillItems());
  }
  auto Find(const query::Expr& condition) {
    return Scalars(
        TypedSelect(items_->id).Where(condition).OrderBy(items_->id));
  }
  std::optional<Items> items_;
};

TEST_F(NullLogicTest, IsNull) {
  EXPECT_THAT(Find(items_->amount.IsNull()), IsOkAndHolds(ElementsAre(3)));
  EXPECT_THAT(Find(items_->amount == std::nullopt),
              IsOkAndHolds(ElementsAre(3)));
  EXPECT_THAT(Find(items_->amount == NullableInt()),
              IsOkAndHolds(ElementsAre(3)));
}
TEST_F(NullLogicTest, IsNotNull) {
  EXPECT_THAT(Find(items_->amount != std::nullopt),
              IsOkAndHolds(ElementsAre(1, 2, 4, 5)));
}
TEST_F(NullLogicTest, ComparingWithNullIsNeverTrue) {
  EXPECT_THAT(Find(items_->amount == Nothing()), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(items_->amount != Nothing()), IsOkAndHolds(IsEmpty()));
}
TEST_F(NullLogicTest, NotEqualLeavesNullOut) {
  EXPECT_THAT(Find(items_->amount != 20), IsOkAndHolds(ElementsAre(1, 5)));
}
TEST_F(NullLogicTest, IsDistinctFrom) {
  EXPECT_THAT(Find(items_->amount.IsDistinctFrom(20)),
              IsOkAndHolds(ElementsAre(1, 3, 5)));
}
TEST_F(NullLogicTest, IsNotDistinctFrom) {
  EXPECT_THAT(Find(items_->amount.IsNotDistinctFrom(Nothing())),
              IsOkAndHolds(ElementsAre(3)));
  EXPECT_THAT(Find(items_->amount.IsNotDistinctFrom(20)),
              IsOkAndHolds(ElementsAre(2, 4)));
}
TEST_F(NullLogicTest, NotOfUnknownIsUnknown) {
  EXPECT_THAT(Find(!(items_->amount > 15)), IsOkAndHolds(ElementsAre(1)));
}

class InListTest : public NullLogicTest {};

TEST_F(InListTest, OfValues) {
  EXPECT_THAT(Find(items_->id.In({1, 3, 9})), IsOkAndHolds(ElementsAre(1, 3)));
}
TEST_F(InListTest, OfOne) {
  EXPECT_THAT(Find(items_->id.In({2})), IsOkAndHolds(ElementsAre(2)));
}
TEST_F(InListTest, Empty) {
  EXPECT_THAT(Find(items_->id.In(std::vector<int64_t>())),
              IsOkAndHolds(IsEmpty()));
}
TEST_F(InListTest, NotInEmptyIsAll) {
  EXPECT_THAT(Find(items_->id.NotIn(std::vector<int64_t>())),
              IsOkAndHolds(ElementsAre(1, 2, 3, 4, 5)));
}
TEST_F(InListTest, EmptyOfTexts) {
  EXPECT_THAT(Find(items_->name.In(std::vector<std::string>())),
              IsOkAndHolds(IsEmpty()));
}
TEST_F(InListTest, NotIn) {
  EXPECT_THAT(Find(items_->id.NotIn({1, 2})),
              IsOkAndHolds(ElementsAre(3, 4, 5)));
}
TEST_F(InListTest, OfTexts) {
  EXPECT_THAT(Find(items_->name.In({"ant", "dog", "it's"})),
              IsOkAndHolds(ElementsAre(1, 4)));
}
TEST_F(InListTest, NullColumnIsNeverIn) {
  EXPECT_THAT(Find(items_->amount.In({10, 20})),
              IsOkAndHolds(ElementsAre(1, 2, 4)));
  EXPECT_THAT(Find(items_->amount.NotIn({10, 20})),
              IsOkAndHolds(ElementsAre(5)));
}
TEST_F(InListTest, OneCompiledStatementForAllLengths) {
  for (size_t size : {1, 2, 5, 3}) {
    std::vector<int64_t> ids;
    for (size_t n = 1; n <= size; ++n) ids.push_back(static_cast<int64_t>(n));
    EXPECT_THAT(Find(items_->id.In(ids)),
                IsOkAndHolds(::testing::SizeIs(size)));
  }
  EXPECT_LE(cache().counters().compiles, 3u);
}
TEST_F(InListTest, TwoListsInOneStatement) {
  EXPECT_THAT(Find(items_->id.In({1, 2, 3}) && items_->name.In({"bee", "cat"})),
              IsOkAndHolds(ElementsAre(2, 3)));
}
TEST_F(InListTest, Long) {
  std::vector<int64_t> ids;
  for (int64_t n = 0; n < 900; ++n) ids.push_back(n * 5);
  EXPECT_THAT(Find(items_->id.In(ids)), IsOkAndHolds(ElementsAre(5)));
}
TEST_F(InListTest, BeyondTheLimitOfParametersIsRefused) {
  const std::vector<int64_t> ids(can().max_bind_parameters + 1, 7);
  const auto found = Find(items_->id.In(ids));
  if (found.ok()) {
    EXPECT_THAT(found, IsOkAndHolds(IsEmpty()));
  } else {
    EXPECT_THAT(found, StatusIs(absl::StatusCode::kResourceExhausted));
  }
}
TEST_F(InListTest, OfTuples) {
  CUPEL_SUITE_NEEDS(can().row_values, "row_values");
  const engine::ValueView values[] = {
      engine::ValueView::Int64(1), engine::ValueView::Int64(10),
      engine::ValueView::Int64(2), engine::ValueView::Int64(99)};
  EXPECT_THAT(Find(query::InValues(query::Tuple({items_->id, items_->amount}),
                                   values, items_->id.type(), 2, false)),
              IsOkAndHolds(ElementsAre(1)));
}
TEST_F(InListTest, OfDates) {
  const schema::Table& table = Create(
      Keyed("day_holder").Column({.name = "day", .type = engine::Date()}));
  const auto day = Col<absl::CivilDay>(table, "day");
  CUPEL_ASSERT_OK(
      Execute(query::Insert(table).Set(day, absl::CivilDay(2024, 2, 29))));
  EXPECT_THAT(Scalar(TypedSelect(query::Count())
                         .SelectFrom(table)
                         .Where(day.In({absl::CivilDay(2024, 2, 29),
                                        absl::CivilDay(2025, 1, 1)}))),
              IsOkAndHolds(1));
}

class LikeTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    items_.emplace(CreateItems());
    int64_t id = 0;
    for (const char* name :
         {"abcdefg", "ab/cdefg", "ab%cdefg", "ab_cdefg", "abcde/fg", "abcde%fg",
          "ab#cdefg", "ab\\cdefg", "abc'defg", "xyz"}) {
      CUPEL_ASSERT_OK(Execute(query::Insert(items_->table)
                                  .Set(items_->id, ++id)
                                  .Set(items_->name, name)));
    }
  }
  auto Find(const query::Expr& condition) {
    return Scalars(
        TypedSelect(items_->id).Where(condition).OrderBy(items_->id));
  }
  const TypedExpr<std::string>& name() const { return items_->name; }

  std::optional<Items> items_;
};

TEST_F(LikeTest, Pattern) {
  EXPECT_THAT(Find(name().Like("abc%")), IsOkAndHolds(ElementsAre(1, 5, 6, 9)));
  EXPECT_THAT(Find(name().Like("x_z")), IsOkAndHolds(ElementsAre(10)));
}
TEST_F(LikeTest, NotLike) {
  EXPECT_THAT(Find(name().NotLike("ab%")), IsOkAndHolds(ElementsAre(10)));
}
TEST_F(LikeTest, EscapedPattern) {
  EXPECT_THAT(Find(name().Like("ab/%c%", /*escaped=*/true)),
              IsOkAndHolds(ElementsAre(3)));
}
TEST_F(LikeTest, StartsWith) {
  EXPECT_THAT(Find(name().StartsWith("ab%c")), IsOkAndHolds(ElementsAre(3)));
}
TEST_F(LikeTest, StartsWithUnderscore) {
  EXPECT_THAT(Find(name().StartsWith("ab_c")), IsOkAndHolds(ElementsAre(4)));
}
TEST_F(LikeTest, StartsWithTheEscapeCharacter) {
  EXPECT_THAT(Find(name().StartsWith("ab/c")), IsOkAndHolds(ElementsAre(2)));
}
TEST_F(LikeTest, StartsWithABackslash) {
  EXPECT_THAT(Find(name().StartsWith("ab\\c")), IsOkAndHolds(ElementsAre(8)));
}
// F33: what ends in the escape character escapes nothing, match or no match.
TEST_F(LikeTest, EndsInTheEscapeCharacter) {
  EXPECT_THAT(Find(name().StartsWith("ab/")), IsOkAndHolds(ElementsAre(2)));
  EXPECT_THAT(Find(name().EndsWith("g/")), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(Find(name().Contains("/")), IsOkAndHolds(ElementsAre(2, 5)));
  EXPECT_THAT(Find(name().StartsWith("ab\\")), IsOkAndHolds(ElementsAre(8)));
  EXPECT_THAT(Find(name().IContains("E/")), IsOkAndHolds(ElementsAre(5)));
}
TEST_F(LikeTest, EndsWith) {
  EXPECT_THAT(Find(name().EndsWith("e%fg")), IsOkAndHolds(ElementsAre(6)));
  EXPECT_THAT(Find(name().EndsWith("e/fg")), IsOkAndHolds(ElementsAre(5)));
}
TEST_F(LikeTest, Contains) {
  EXPECT_THAT(Find(name().Contains("b%cd")), IsOkAndHolds(ElementsAre(3)));
  EXPECT_THAT(Find(name().Contains("b_cd")), IsOkAndHolds(ElementsAre(4)));
  EXPECT_THAT(Find(name().Contains("c'd")), IsOkAndHolds(ElementsAre(9)));
  EXPECT_THAT(Find(name().Contains("b#c")), IsOkAndHolds(ElementsAre(7)));
}
TEST_F(LikeTest, ContainsNothingSpecial) {
  EXPECT_THAT(Find(name().Contains("%%")), IsOkAndHolds(IsEmpty()));
}
TEST_F(LikeTest, ContainsTheEmptyText) {
  EXPECT_THAT(Find(name().Contains("")), IsOkAndHolds(::testing::SizeIs(10)));
}
TEST_F(LikeTest, WithoutRegardToCase) {
  EXPECT_THAT(Find(name().ILike("XY%")), IsOkAndHolds(ElementsAre(10)));
  EXPECT_THAT(Find(name().NotILike("AB%")), IsOkAndHolds(ElementsAre(10)));
}
TEST_F(LikeTest, TextWithoutRegardToCase) {
  EXPECT_THAT(Find(name().IStartsWith("AB%C")), IsOkAndHolds(ElementsAre(3)));
  EXPECT_THAT(Find(name().IEndsWith("E/FG")), IsOkAndHolds(ElementsAre(5)));
  EXPECT_THAT(Find(name().IContains("B_CD")), IsOkAndHolds(ElementsAre(4)));
}
TEST_F(LikeTest, PatternFromAColumn) {
  EXPECT_THAT(Find(Bind("xyz").Like(name())), IsOkAndHolds(ElementsAre(10)));
}

class RegexTest : public LikeTest {};

TEST_F(RegexTest, Matches) {
  const auto found = Find(name().RegexMatch("^ab.c"));
  if (syntax().regexp_match.empty()) {
    EXPECT_THAT(found, IsRefused());
  } else {
    EXPECT_THAT(found, IsOkAndHolds(ElementsAre(2, 3, 4, 7, 8)));
  }
}
TEST_F(RegexTest, DoesNotMatch) {
  const auto found = Find(!name().RegexMatch("^ab"));
  if (syntax().not_regexp_match.empty()) {
    EXPECT_THAT(found, IsRefused());
  } else {
    EXPECT_THAT(found, IsOkAndHolds(ElementsAre(10)));
  }
}

class DateFunctionTest : public DialectTest {
 protected:
  void Open() override {
    DialectTest::Open();
    if (HasFatalFailure()) return;
    const schema::Table& table =
        Create(Keyed("moment_holder")
                   .Column({.name = "moment", .type = engine::Timestamp()})
                   .Column({.name = "day", .type = engine::Date()}));
    moment_ = Col<absl::Time>(table, "moment");
    day_ = Col<absl::CivilDay>(table, "day");
    CUPEL_ASSERT_OK(
        Execute(query::Insert(table)
                    .Set(moment_, absl::FromCivil(
                                      absl::CivilSecond(2024, 2, 29, 13, 5, 59),
                                      absl::UTCTimeZone()))
                    .Set(day_, absl::CivilDay(2024, 12, 31))));
  }
  auto Part(query::DateField field) {
    return Scalar(TypedSelect(moment_.Extract(field)));
  }
  auto DayPart(query::DateField field) {
    return Scalar(TypedSelect(day_.Extract(field)));
  }
  TypedExpr<absl::Time> moment_;
  TypedExpr<absl::CivilDay> day_;
};

TEST_F(DateFunctionTest, PartsOfAMoment) {
  EXPECT_THAT(Part(query::DateField::kYear), IsOkAndHolds(2024));
  EXPECT_THAT(Part(query::DateField::kMonth), IsOkAndHolds(2));
  EXPECT_THAT(Part(query::DateField::kDay), IsOkAndHolds(29));
}
TEST_F(DateFunctionTest, PartsOfAClock) {
  EXPECT_THAT(Part(query::DateField::kHour), IsOkAndHolds(13));
  EXPECT_THAT(Part(query::DateField::kMinute), IsOkAndHolds(5));
  EXPECT_THAT(Part(query::DateField::kSecond), IsOkAndHolds(59));
}
TEST_F(DateFunctionTest, DayOfTheWeek) {
  // A Thursday.
  EXPECT_THAT(Part(query::DateField::kDayOfWeek), IsOkAndHolds(4));
}
TEST_F(DateFunctionTest, DayOfTheYear) {
  EXPECT_THAT(DayPart(query::DateField::kDayOfYear), IsOkAndHolds(366));
}
TEST_F(DateFunctionTest, PartsOfADate) {
  EXPECT_THAT(DayPart(query::DateField::kYear), IsOkAndHolds(2024));
  EXPECT_THAT(DayPart(query::DateField::kMonth), IsOkAndHolds(12));
}
TEST_F(DateFunctionTest, ComparesMoments) {
  EXPECT_THAT(Scalar(TypedSelect(query::Count())
                         .Where(moment_ > absl::UnixEpoch() &&
                                moment_ < absl::FromUnixSeconds(1800000000))),
              IsOkAndHolds(1));
}
TEST_F(DateFunctionTest, TheDatabasesClockIsUtc) {
  CUPEL_ASSERT_OK_AND_ASSIGN(const absl::Time now,
                             Scalar(TypedSelect(query::Now())));
  EXPECT_LT(absl::AbsDuration(now - absl::Now()), absl::Minutes(10));
}

class RowValueTest : public NullLogicTest {};

TEST_F(RowValueTest, InASubquery) {
  CUPEL_SUITE_NEEDS(can().row_values, "row_values");
  EXPECT_THAT(
      Find(query::InStatement(
          query::Tuple({items_->id, items_->name}),
          TypedSelect(items_->id, items_->name).Where(items_->amount == 20),
          false)),
      IsOkAndHolds(ElementsAre(2, 4)));
}

class TextStatementTest : public NullLogicTest {};

TEST_F(TextStatementTest, BindsAndReadsTypes) {
  EXPECT_THAT(
      All(query::Text(
              "SELECT id, name FROM item WHERE id > :low AND id < :high "
              "AND id > :low ORDER BY id")
              .Bind("low", int64_t{1})
              .Bind("high", int64_t{4})
              .Columns(query::TextColumn<int64_t>("id"),
                       query::TextColumn<std::string>("name"))),
      IsOkAndHolds(
          ElementsAre(std::make_tuple(2, "bee"), std::make_tuple(3, "cat"))));
}
TEST_F(TextStatementTest, ColonsInLiteralsStandForThemselves) {
  EXPECT_THAT(All(query::Text("SELECT ':low', '100%' AS p FROM item WHERE "
                              "id = :low")
                      .Bind("low", int64_t{1})
                      .Columns(query::TextColumn<std::string>("a"),
                               query::TextColumn<std::string>("p"))),
              IsOkAndHolds(ElementsAre(std::make_tuple(":low", "100%"))));
}
TEST_F(TextStatementTest, WritesRows) {
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto done,
      Execute(query::Text("UPDATE item SET amount = :n WHERE id < :id")
                  .Bind("n", int64_t{1})
                  .Bind("id", int64_t{3})));
  EXPECT_EQ(done.affected_rows, 2);
}
TEST_F(TextStatementTest, AMissingBindIsRefused) {
  EXPECT_THAT(Execute(query::Text("SELECT :nothing")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace cupel::dialect_suite
