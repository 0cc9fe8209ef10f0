#include "cupel/engine/dialect.h"

#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "cupel/engine/error_info.h"
#include "cupel/testing/fake_driver.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::FakeDatabase;
using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::string Quoted(const Dialect& dialect, absl::string_view name,
                   Quoting quoting = Quoting::kWhenNeeded) {
  std::string out;
  EXPECT_THAT(dialect.AppendIdentifier(name, &out, quoting), IsOk());
  return out;
}

class DialectTest : public ::testing::Test {
 protected:
  const std::shared_ptr<const Dialect> dialect_ =
      FakeDatabase::Create()->dialect();
};

// ENG-11
TEST_F(DialectTest, QuotesReservedMixedCaseAndOddNamesOnly) {
  EXPECT_EQ(Quoted(*dialect_, "user_name1"), "user_name1");
  EXPECT_EQ(Quoted(*dialect_, "by"), "\"by\"");
  EXPECT_EQ(Quoted(*dialect_, "user"), "\"user\"");
  EXPECT_EQ(Quoted(*dialect_, "UserName"), "\"UserName\"");
  EXPECT_EQ(Quoted(*dialect_, "1st"), "\"1st\"");
  EXPECT_EQ(Quoted(*dialect_, "a\"; DROP TABLE t; --"),
            "\"a\"\"; DROP TABLE t; --\"");
  EXPECT_EQ(Quoted(*dialect_, "caf\u00e9"), "\"caf\u00e9\"");
}

// ENG-11
TEST_F(DialectTest, QuotesCanBeForcedOnAndOff) {
  EXPECT_EQ(Quoted(*dialect_, "plain", Quoting::kAlways), "\"plain\"");
  EXPECT_EQ(Quoted(*dialect_, "User", Quoting::kNever), "User");
  std::string out = "kept";
  EXPECT_THAT(dialect_->AppendIdentifier("a b", &out, Quoting::kNever),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "an identifier without quotes must be a plain word"));
  EXPECT_EQ(out, "kept");
}

TEST_F(DialectTest, RefusesNamesThatNoQuotesCanSave) {
  std::string out = "kept";
  const auto refused = [](absl::string_view rule) {
    return StatusIs(absl::StatusCode::kInvalidArgument, std::string(rule));
  };
  EXPECT_THAT(dialect_->AppendIdentifier("", &out),
              refused("an identifier must not be empty"));
  EXPECT_THAT(dialect_->AppendIdentifier(absl::string_view("a\0b", 3), &out),
              refused("an identifier must not hold a NUL character"));
  EXPECT_THAT(dialect_->AppendIdentifier("ab\xff", &out),
              refused("an identifier must be valid UTF-8, which ends at byte "
                      "2"));
  EXPECT_THAT(dialect_->AppendIdentifier(std::string(64, 'x'), &out),
              refused("an identifier of 64 bytes is too long for fake, which "
                      "keeps 63"));
  EXPECT_EQ(out, "kept");
}

// ENG-11
TEST_F(DialectTest, ShortensLongLabelsRepeatablyAndDistinctly) {
  const std::string a(200, 'a');
  const std::string b = a.substr(1) + "b";
  EXPECT_THAT(dialect_->ShortenLabel(a), AllOf(SizeIs(63), StartsWith("aaa")));
  EXPECT_NE(dialect_->ShortenLabel(a), dialect_->ShortenLabel(b));
  // The same in every run and on every machine.
  EXPECT_EQ(dialect_->ShortenLabel(a), dialect_->ShortenLabel(a));
  EXPECT_EQ(dialect_->ShortenLabel(a).substr(54), "_d95e07ec");
  EXPECT_EQ(dialect_->ShortenLabel("short"), "short");
}

TEST_F(DialectTest, NeverCutsALabelInsideACharacter) {
  std::string label;
  while (label.size() < 100) label += "\u20ac";
  const std::string shortened = dialect_->ShortenLabel(label);
  EXPECT_EQ((shortened.size() - 9) % 3, 0u);
}

TEST_F(DialectTest, WritesLiteralsThatCannotBecomeSyntax) {
  const auto literal = [&](const ValueView& value) {
    std::string out;
    EXPECT_THAT(dialect_->AppendLiteral(Text(), value, &out), IsOk());
    return out;
  };
  EXPECT_EQ(literal(ValueView::Null()), "NULL");
  EXPECT_EQ(literal(ValueView::Bool(true)), "TRUE");
  EXPECT_EQ(literal(ValueView::Text("it's")), "'it''s'");
  EXPECT_EQ(literal(ValueView::Int64(-1)), "(-1)");
  EXPECT_EQ(literal(ValueView::Int64(std::numeric_limits<int64_t>::min())),
            "(-9223372036854775807 - 1)");
  EXPECT_EQ(literal(ValueView::Double(0.1)), "0.1");
  EXPECT_EQ(literal(ValueView::Double(2)), "2.0");
  EXPECT_EQ(literal(ValueView::Double(-0.5)), "(-0.5)");
  EXPECT_EQ(literal(ValueView::Blob(absl::string_view("\0\xff", 2))),
            "X'00ff'");
}

TEST_F(DialectTest, RefusesLiteralsThatTheDatabaseWouldChange) {
  std::string out;
  EXPECT_THAT(dialect_->AppendLiteral(
                  Text(), ValueView::Text(absl::string_view("a\0", 2)), &out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a literal must not hold a NUL character"));
  EXPECT_THAT(dialect_->AppendLiteral(Text(), ValueView::Text("\xc0"), &out),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "a literal must be valid UTF-8"));
  EXPECT_THAT(
      dialect_->AppendLiteral(
          Double(), ValueView::Double(std::numeric_limits<double>::infinity()),
          &out),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "a literal must be a finite number"));
  EXPECT_EQ(out, "");
}

TEST_F(DialectTest, NamesTypesAndReadsTheirNames) {
  for (const Type& type :
       {Boolean(), Integer(), BigInteger(), Numeric(12, 2), String(80), Text(),
        Binary(), Date(), Timestamp(), Timestamp(true), JsonType()}) {
    const std::string name = *dialect_->TypeName(type);
    EXPECT_EQ(*dialect_->ParseTypeName(name), type) << name;
  }
  EXPECT_EQ(dialect_->ParseTypeName("GEOMETRY")->kind, TypeKind::kUnknown);
}

// ENG-09
TEST(DialectRegistryTest, NamesAnUnknownDialectAndWhatToLink) {
  const auto fake = FakeDatabase::Create()->dialect();
  ASSERT_THAT(RegisterDialect(fake), IsOk());
  EXPECT_THAT(RegisterDialect(fake), IsOk());
  EXPECT_THAT(RegisterDialect(FakeDatabase::Create()->dialect()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(*FindDialect("fake"), fake);
  EXPECT_THAT(FindDialect("nosuch").status(),
              StatusIs(absl::StatusCode::kNotFound,
                       "no dialect \"nosuch\" is linked into this program "
                       "(there is fake): add //engine/dialects/nosuch to its "
                       "deps"));
}

}  // namespace
}  // namespace cupel::engine
