// A member of each type, at the edges of what it holds, through the whole
// library: written, read back and found.

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gtest/gtest.h"

namespace app {
enum class Color { kRed, kBlue };
}  // namespace app

template <>
inline constexpr auto cupel::kEnumerators<app::Color> =
    cupel::Enumerators<app::Color::kRed, app::Color::kBlue>();

namespace cupel::orm_test {
namespace {

struct Sample {
  int64_t id = 0;
  bool flag = false;
  int8_t tiny = 0;
  uint8_t byte = 0;
  int16_t small = 0;
  int32_t medium = 0;
  uint32_t count = 0;
  int64_t big = 0;
  float single = 0;
  double real = 0;
  Decimal price;
  Decimal wide;
  std::string text;
  Bytes bytes;
  app::Color color = app::Color::kRed;
  Uuid uuid;
  absl::CivilDay day;
  TimeOfDay clock;
  absl::Time moment;
  absl::Duration span;
  nlohmann::json json;
  std::optional<std::string> maybe;

  bool operator==(const Sample&) const = default;

  static constexpr auto Mapping() {
    return Table<Sample>(
        Column<&Sample::id>(PrimaryKey()), Column<&Sample::flag>(),
        Column<&Sample::tiny>(), Column<&Sample::byte>(),
        Column<&Sample::small>(), Column<&Sample::medium>(),
        Column<&Sample::count>(), Column<&Sample::big>(),
        Column<&Sample::single>(), Column<&Sample::real>(),
        Column<&Sample::price>(Numeric(10, 2)), Column<&Sample::wide>(),
        Column<&Sample::text>(), Column<&Sample::bytes>(),
        Column<&Sample::color>(), Column<&Sample::uuid>(),
        Column<&Sample::day>(), Column<&Sample::clock>(),
        Column<&Sample::moment>(), Column<&Sample::span>(),
        Column<&Sample::json>(), Column<&Sample::maybe>());
  }
};

Decimal Dec(absl::string_view text) { return Decimal::Parse(text).value(); }

absl::Time At(int64_t year, int month, int day, int hour, int minute,
              int second) {
  return absl::FromCivil(
      absl::CivilSecond(year, month, day, hour, minute, second),
      absl::UTCTimeZone());
}

template <typename T>
constexpr T kLowest = std::numeric_limits<T>::lowest();
template <typename T>
constexpr T kHighest = std::numeric_limits<T>::max();

// Not each database keeps text with NUL.
std::vector<Sample> Edges(bool with_nul) {
  std::vector<Sample> edges(3);
  Sample& low = edges[1];
  low.tiny = kLowest<int8_t>;
  low.small = kLowest<int16_t>;
  low.medium = kLowest<int32_t>;
  low.big = kLowest<int64_t>;
  low.single = kLowest<float>;
  low.real = std::numeric_limits<double>::denorm_min();
  low.price = Dec("-99999999.99");
  low.wide = Dec("-0.000000000000000000000000000001");
  if (with_nul) low.text = std::string("nul \0 inside", 12);
  low.bytes = {0, 0xff, 0x80};
  low.day = absl::CivilDay(1, 1, 1);
  low.moment = At(1, 1, 1, 0, 0, 0);
  low.span = -absl::Hours(24 * 365) - absl::Microseconds(1);
  low.json = nullptr;
  low.maybe = "";
  Sample& high = edges[2];
  high.flag = true;
  high.tiny = kHighest<int8_t>;
  high.byte = kHighest<uint8_t>;
  high.small = kHighest<int16_t>;
  high.medium = kHighest<int32_t>;
  high.count = kHighest<uint32_t>;
  high.big = kHighest<int64_t>;
  high.single = kHighest<float>;
  high.real = kHighest<double>;
  high.price = Dec("99999999.99");
  high.wide = Dec("123456789012345678901234567890.5");
  high.text = "gr\u00fc\u00dfe \U0001F44B";
  high.bytes = Bytes(100000, 'b');
  high.color = app::Color::kBlue;
  high.uuid = Uuid::Parse("ffffffff-ffff-ffff-ffff-ffffffffffff").value();
  high.day = absl::CivilDay(9999, 12, 31);
  high.clock = TimeOfDay::Create(23, 59, 59, 999999).value();
  high.moment = At(9999, 12, 31, 23, 59, 59) + absl::Microseconds(999999);
  high.span = absl::Hours(24 * 365);
  high.json = {{"a", {1, 2.5, "x", nullptr, true}}, {"big", kHighest<int64_t>}};
  high.maybe = "there";
  return edges;
}

class TypesTest : public ::testing::Test {
 protected:
  TypesTest()
      : db_(Database::Open({.uri = testing::MemoryUrl()}, Models<Sample>())
                .value()) {
    CUPEL_EXPECT_OK(db_.CreateAll());
  }
  Database db_;
};

// SCH-08
TEST_F(TypesTest, EdgesOfEachTypeComeBackAsTheyWent) {
  std::vector<Sample> edges =
      Edges(db_.engine().dialect().capabilities().keeps_nul_in_text);
  Session session = db_.NewSession();
  for (Sample& edge : edges) {
    const Ref<Sample> stored = session.Add(edge);
    CUPEL_ASSERT_OK(session.Commit());
    edge.id = stored->id;
  }
  Session other = db_.NewSession();
  for (const Sample& edge : edges) {
    CUPEL_ASSERT_OK_AND_ASSIGN(const Ref<Sample> read,
                               other.Get<Sample>(edge.id));
    EXPECT_TRUE(*read == edge) << edge.id;
    // And each value is found by itself.
    CUPEL_ASSERT_OK_AND_ASSIGN(
        const int64_t found,
        other.Query<Sample>()
            .Filter(col<&Sample::flag> == edge.flag &&
                        col<&Sample::tiny> == edge.tiny &&
                        col<&Sample::big> == edge.big &&
                        col<&Sample::real> == edge.real &&
                        col<&Sample::price> == edge.price &&
                        col<&Sample::wide> == edge.wide,
                    col<&Sample::text> == edge.text &&
                        col<&Sample::color> == edge.color &&
                        col<&Sample::uuid> == edge.uuid &&
                        col<&Sample::day> == edge.day &&
                        col<&Sample::clock> == edge.clock &&
                        col<&Sample::moment> == edge.moment &&
                        col<&Sample::span> == edge.span &&
                        col<&Sample::maybe> == edge.maybe)
            .Count());
    EXPECT_EQ(found, 1) << edge.id;
  }
}

// SCH-11
TEST_F(TypesTest, SumsOfDecimalsAreExact) {
  Session session = db_.NewSession();
  for (const char* price : {"0.1", "0.2"}) {
    Sample sample;
    sample.price = Dec(price);
    session.Add(sample);
  }
  CUPEL_ASSERT_OK(session.Commit());
  CUPEL_ASSERT_OK_AND_ASSIGN(
      const auto sum, session.Select(query::Sum(col<&Sample::price>)).One());
  EXPECT_EQ(std::get<0>(sum)->ToString(), "0.30");
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t equal,
                             session.Query<Sample>()
                                 .Filter(col<&Sample::price> == Dec("0.10"))
                                 .Count());
  EXPECT_EQ(equal, 1);
}

}  // namespace
}  // namespace cupel::orm_test
