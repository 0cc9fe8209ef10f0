#include "cupel/engine/type_traits.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "cupel/engine/enumerators.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/type_ops.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace app {

enum class Color { kRed = 10, kBlue = -3 };
enum class Size : uint8_t { kSmall, kLarge };
enum class Level : int16_t { kLow = 1, kHigh = 2 };

struct Money {
  int64_t cents = 0;
  friend bool operator==(const Money&, const Money&) = default;
};

// An even number of characters, stored reversed.
struct Reversed {
  std::string text;
  friend bool operator==(const Reversed&, const Reversed&) = default;
};

}  // namespace app

template <>
inline constexpr auto cupel::kEnumerators<app::Color> =
    cupel::Enumerators<app::Color::kRed, app::Color::kBlue>();
template <>
inline constexpr auto cupel::kEnumerators<app::Size> =
    cupel::Enumerators<app::Size::kSmall, app::Size::kLarge>("S", "L");
template <>
struct cupel::TypeTraits<app::Level> : cupel::EnumByValue<app::Level> {};

template <>
struct cupel::TypeTraits<app::Money>
    : cupel::ConvertedType<app::Money, int64_t> {
  static int64_t To(const app::Money& money) { return money.cents; }
  static app::Money From(int64_t cents) { return app::Money{cents}; }
};

template <>
struct cupel::TypeTraits<app::Reversed>
    : cupel::ConvertedType<app::Reversed, std::string> {
  static absl::StatusOr<std::string> To(const app::Reversed& value) {
    if (value.text.size() % 2 != 0) return absl::InvalidArgumentError("odd");
    return std::string(value.text.rbegin(), value.text.rend());
  }
  static absl::StatusOr<app::Reversed> From(const std::string& text) {
    if (text.size() % 2 != 0) return absl::DataLossError("odd");
    return app::Reversed{std::string(text.rbegin(), text.rend())};
  }
};

namespace cupel::engine {
namespace {

using ::cupel::testing::IsOk;
using ::cupel::testing::IsOkAndHolds;
using ::cupel::testing::StatusIs;
using ::testing::HasSubstr;

constexpr absl::StatusCode kOutOfRange = absl::StatusCode::kOutOfRange;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;

template <typename T>
absl::StatusOr<T> Read(const ValueView& cell) {
  T value{};
  CUPEL_RETURN_IF_ERROR(TypeOpsOf<T>().read(cell, &value));
  return value;
}

template <typename T>
absl::StatusOr<Value> Bind(const T& value) {
  BoundValue bound;
  CUPEL_RETURN_IF_ERROR(TypeOpsOf<T>().bind(&value, &bound));
  return Value(bound.view);
}

// Whether values come back as they were, as themselves and as optionals.
template <typename T>
void ExpectRoundTrip(const std::vector<T>& values) {
  const TypeOps& ops = TypeOpsOf<T>();
  for (const T& value : values) {
    BoundValue bound;
    ASSERT_THAT(ops.bind(&value, &bound), IsOk());
    EXPECT_EQ(bound.view.kind(), LogicalKind(ops.type));
    T back{};
    ASSERT_THAT(ops.read(bound.view, &back), IsOk());
    EXPECT_TRUE(ops.equal(&value, &back));
    std::optional<T> optional;
    ASSERT_THAT(TypeOpsOf<std::optional<T>>().read(bound.view, &optional),
                IsOk());
    std::optional<T> expected = value;
    EXPECT_TRUE(TypeOpsOf<std::optional<T>>().equal(&optional, &expected));
    // NULL is refused, and not taken for a default.
    EXPECT_THAT(ops.read(ValueView::Null(), &back), StatusIs(kDataLoss));
  }
}

template <typename T>
void ExpectLimitsGoRound() {
  using Limits = std::numeric_limits<T>;
  ExpectRoundTrip<T>({0, 1, Limits::min(), Limits::max()});
}

// SCH-08
TEST(TypeTraitsTest, IntegersGoRound) {
  ExpectLimitsGoRound<int8_t>();
  ExpectLimitsGoRound<int16_t>();
  ExpectLimitsGoRound<int32_t>();
  ExpectLimitsGoRound<int64_t>();
  ExpectLimitsGoRound<uint8_t>();
  ExpectLimitsGoRound<uint16_t>();
  ExpectLimitsGoRound<uint32_t>();
  ExpectLimitsGoRound<long long>();  // NOLINT: not int64_t everywhere
  ExpectRoundTrip<uint64_t>({0, std::numeric_limits<int64_t>::max()});
  ExpectRoundTrip<bool>({false, true});
}

TEST(TypeTraitsTest, IntegersOutOfRangeAreRefused) {
  EXPECT_THAT(Bind<uint64_t>(uint64_t{1} << 63), StatusIs(kOutOfRange));
  EXPECT_THAT(Read<int32_t>(ValueView::Int64(int64_t{1} << 31)),
              StatusIs(kOutOfRange));
  EXPECT_THAT(Read<int16_t>(ValueView::Int64(-32769)), StatusIs(kOutOfRange));
  EXPECT_THAT(Read<uint8_t>(ValueView::Int64(256)), StatusIs(kOutOfRange));
  EXPECT_THAT(Read<uint64_t>(ValueView::Int64(-1)), StatusIs(kOutOfRange));
}

TEST(TypeTraitsTest, CellsOfAnotherKindAreRefused) {
  EXPECT_THAT(Read<int64_t>(ValueView::Text("42")), StatusIs(kDataLoss));
  EXPECT_THAT(Read<int64_t>(ValueView::Double(42)), StatusIs(kDataLoss));
  EXPECT_THAT(Read<bool>(ValueView::Int64(1)), StatusIs(kDataLoss));
  EXPECT_THAT(Read<std::string>(ValueView::Int64(1)), StatusIs(kDataLoss));
  EXPECT_THAT(Read<std::string>(ValueView::Blob("x")), StatusIs(kDataLoss));
  EXPECT_THAT(Read<double>(ValueView::Text("1.5")), StatusIs(kDataLoss));
  EXPECT_THAT(Read<Decimal>(ValueView::Double(0.1)), StatusIs(kDataLoss));
  EXPECT_THAT(Read<absl::Time>(ValueView::Date(1)), StatusIs(kDataLoss));
  EXPECT_THAT(Read<Uuid>(ValueView::Text("x")), StatusIs(kDataLoss));
  EXPECT_THAT(Read<std::optional<int64_t>>(ValueView::Text("42")),
              StatusIs(kDataLoss));
}

TEST(TypeTraitsTest, NullIsReadByOptionalsOnly) {
  EXPECT_THAT(Read<int64_t>(ValueView::Null()),
              StatusIs(kDataLoss, HasSubstr("null in a non-null int64")));
  EXPECT_THAT(Read<std::optional<int64_t>>(ValueView::Null()),
              IsOkAndHolds(std::nullopt));
  EXPECT_THAT(Bind(std::optional<std::string>()), IsOkAndHolds(Value()));
  EXPECT_TRUE(TypeOpsOf<std::optional<int64_t>>().nullable);
  EXPECT_FALSE(TypeOpsOf<int64_t>().nullable);
}

// SCH-08
TEST(TypeTraitsTest, DoublesAreKeptToTheBit) {
  using Limits = std::numeric_limits<double>;
  ExpectRoundTrip<double>({0.0, -0.0, 0.1, 1e308, -1e308, Limits::denorm_min(),
                           Limits::infinity(), -Limits::infinity(),
                           Limits::quiet_NaN()});
  ExpectRoundTrip<float>({0.0f, -0.0f, 0.1f, std::numeric_limits<float>::max(),
                          std::numeric_limits<float>::denorm_min(),
                          std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN()});
  double zero = 0.0;
  double minus_zero = -0.0;
  EXPECT_FALSE(TypeOpsOf<double>().equal(&zero, &minus_zero));
}

TEST(TypeTraitsTest, DoublesTakeIntegersThatTheyHoldExactly) {
  EXPECT_THAT(Read<double>(ValueView::Int64(3)), IsOkAndHolds(3.0));
  EXPECT_THAT(Read<double>(ValueView::Int64((int64_t{1} << 53) + 1)),
              StatusIs(kOutOfRange));
  EXPECT_THAT(
      Read<double>(ValueView::Int64(std::numeric_limits<int64_t>::max())),
      StatusIs(kOutOfRange));
  EXPECT_THAT(
      Read<double>(ValueView::Int64(std::numeric_limits<int64_t>::min())),
      IsOkAndHolds(-0x1p63));
  EXPECT_THAT(Read<float>(ValueView::Double(1e300)), StatusIs(kOutOfRange));
  EXPECT_THAT(Read<float>(ValueView::Int64((1 << 24) + 1)),
              StatusIs(kOutOfRange));
}

// SCH-08
TEST(TypeTraitsTest, TextAndBytesGoRound) {
  ExpectRoundTrip<std::string>(
      {"", "x", "\xef\xbb\xbf bom", std::string("a\0b", 3),
       "\u00e9\u4e2d\U0001f600", std::string(100000, 'z')});
  ExpectRoundTrip<Bytes>({{}, {0}, {0xff, 0x00, 0xc0}});
  EXPECT_THAT(Read<Bytes>(ValueView::Text("ab")),
              IsOkAndHolds(Bytes{'a', 'b'}));
}

TEST(TypeTraitsTest, InvalidUtf8IsRefusedNamingTheByte) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xff", "byte 0"},
      {"abc\xc0\xaf", "byte 3"},           // overlong
      {"12345678\xed\xa0\x80", "byte 8"},  // surrogate
      {"\xf4\x90\x80\x80", "byte 0"},      // above U+10FFFF
      {"\xe4\xb8", "byte 0"},              // cut
      {"\u00e9\x80", "byte 2"},            // stray
  };
  for (const auto& [text, where] : cases) {
    EXPECT_THAT(Bind(text), StatusIs(kInvalid, HasSubstr(where)));
    EXPECT_THAT(Read<std::string>(ValueView::Text(text)),
                StatusIs(kInvalid, HasSubstr(where)));
  }
}

// SCH-08
TEST(TypeTraitsTest, DatesAndTimesGoRound) {
  ExpectRoundTrip<absl::CivilDay>(
      {absl::CivilDay(1970, 1, 1), absl::CivilDay(1, 1, 1),
       absl::CivilDay(9999, 12, 31), absl::CivilDay(2024, 2, 29),
       absl::CivilDay(0, 1, 1), absl::CivilDay(-4712, 1, 1)});
  ExpectRoundTrip<TimeOfDay>(
      {TimeOfDay(), *TimeOfDay::Create(23, 59, 59, 999999)});
  ExpectRoundTrip<absl::Time>(
      {absl::UnixEpoch(), absl::FromUnixMicros(-1),
       absl::FromUnixMicros(std::numeric_limits<int64_t>::min()),
       absl::FromUnixMicros(std::numeric_limits<int64_t>::max())});
  ExpectRoundTrip<absl::Duration>(
      {absl::ZeroDuration(), absl::Microseconds(-1), absl::Hours(1000000)});
  ExpectRoundTrip<Uuid>({Uuid(), Uuid::Random()});
  EXPECT_THAT(Read<TimeOfDay>(ValueView::Time(TimeOfDay::kMicrosPerDay)),
              StatusIs(kOutOfRange));
}

TEST(TypeTraitsTest, TimesRoundToTheNearestMicrosecond) {
  const auto bind = [](int64_t nanos) {
    return Bind(absl::FromUnixNanos(nanos));
  };
  EXPECT_THAT(bind(1499), IsOkAndHolds(Value::Timestamp(1)));
  EXPECT_THAT(bind(1500), IsOkAndHolds(Value::Timestamp(2)));
  EXPECT_THAT(bind(-1499), IsOkAndHolds(Value::Timestamp(-1)));
  EXPECT_THAT(bind(-1501), IsOkAndHolds(Value::Timestamp(-2)));
  EXPECT_THAT(Bind(absl::Nanoseconds(2600)), IsOkAndHolds(Value::Interval(3)));
  // What is stored alike is no change.
  absl::Time written = absl::FromUnixNanos(1'234'567'890'123'456'789);
  absl::Time stored = absl::FromUnixMicros(1'234'567'890'123'457);
  EXPECT_TRUE(TypeOpsOf<absl::Time>().equal(&written, &stored));
  stored += absl::Microseconds(1);
  EXPECT_FALSE(TypeOpsOf<absl::Time>().equal(&written, &stored));
}

TEST(TypeTraitsTest, TimesWithoutMicrosecondsAreRefused) {
  EXPECT_THAT(Bind(absl::InfiniteFuture()), StatusIs(kInvalid));
  EXPECT_THAT(Bind(absl::InfinitePast()), StatusIs(kInvalid));
  EXPECT_THAT(Bind(-absl::InfiniteDuration()), StatusIs(kInvalid));
  EXPECT_THAT(Bind(absl::FromUnixSeconds(std::numeric_limits<int64_t>::max())),
              StatusIs(kOutOfRange));
  EXPECT_THAT(Bind(absl::CivilDay(1'000'000'000, 1, 1)), StatusIs(kOutOfRange));
}

// SCH-12
TEST(TypeTraitsTest, EnumerationsGoByName) {
  ExpectRoundTrip<app::Color>({app::Color::kRed, app::Color::kBlue});
  EXPECT_THAT(Bind(app::Color::kBlue), IsOkAndHolds(Value::Text("kBlue")));
  EXPECT_THAT(Bind(app::Size::kLarge), IsOkAndHolds(Value::Text("L")));
  EXPECT_THAT(Bind(static_cast<app::Color>(5)), StatusIs(kInvalid));
  absl::Status unknown = Read<app::Color>(ValueView::Text("kGreen")).status();
  EXPECT_THAT(unknown, StatusIs(kDataLoss));
  EXPECT_EQ(GetErrorInfo(unknown)->detail, "kGreen");
  constexpr Type kType = TypeTraits<app::Color>::SqlType();
  EXPECT_EQ(kType.DebugString(), "enum(kRed, kBlue)");
}

// SCH-12
TEST(TypeTraitsTest, EnumerationsGoByValueIfAsked) {
  ExpectRoundTrip<app::Level>({app::Level::kLow, app::Level::kHigh});
  EXPECT_THAT(Bind(app::Level::kHigh), IsOkAndHolds(Value::Int64(2)));
  EXPECT_EQ(TypeOpsOf<app::Level>().type, SmallInteger());
}

// SCH-15
TEST(TypeTraitsTest, OwnTypesJoinBySpecialisation) {
  ExpectRoundTrip<app::Money>({{0}, {-5}, {1990}});
  EXPECT_THAT(Bind(app::Money{1990}), IsOkAndHolds(Value::Int64(1990)));
  EXPECT_EQ(TypeOpsOf<app::Money>().type, BigInteger());
  ExpectRoundTrip<app::Reversed>({{""}, {"abcd"}, {std::string(1000, 'q')}});
  EXPECT_THAT(Bind(app::Reversed{"abcd"}), IsOkAndHolds(Value::Text("dcba")));
  EXPECT_THAT(Bind(app::Reversed{"abc"}), StatusIs(kInvalid, "odd"));
  EXPECT_THAT(Read<app::Reversed>(ValueView::Text("abc")),
              StatusIs(kDataLoss, "odd"));
}

TEST(TypeOpsTest, TypesFollowFromTheCppType) {
  EXPECT_EQ(TypeOpsOf<int16_t>().type, SmallInteger());
  EXPECT_EQ(TypeOpsOf<uint16_t>().type, Integer());
  EXPECT_EQ(TypeOpsOf<uint32_t>().type, BigInteger());
  EXPECT_EQ(TypeOpsOf<std::optional<std::string>>().type, Text());
  EXPECT_EQ(TypeOpsOf<absl::Time>().type, Timestamp());
  static_assert(Storable<std::optional<double>>);
  static_assert(Bindable<absl::string_view> && !Storable<absl::string_view>);
  static_assert(!Bindable<std::vector<std::vector<int>>>);
}

TEST(TypeOpsTest, ManagesObjectsInRawMemory) {
  const TypeOps& ops = TypeOpsOf<std::string>();
  ASSERT_EQ(ops.size, sizeof(std::string));
  alignas(std::string) unsigned char memory[2][sizeof(std::string)];
  std::string source(100, 'a');
  ops.default_construct(memory[0]);
  ops.copy_construct(memory[1], &source);
  EXPECT_FALSE(ops.equal(memory[0], memory[1]));
  ops.copy_assign(memory[0], memory[1]);
  EXPECT_TRUE(ops.equal(memory[0], &source));
  ops.destroy(memory[0]);
  ops.destroy(memory[1]);
}

// What an array is bound as, and what it is read back as.
template <typename T>
void ExpectArray(const std::vector<T>& value, absl::string_view json) {
  const TypeOps& ops = TypeOpsOf<std::vector<T>>();
  EXPECT_EQ(ops.type, Array(TypeTraits<T>::SqlType()));
  BoundValue bound;
  CUPEL_ASSERT_OK(ops.bind(&value, &bound));
  EXPECT_EQ(bound.view, ValueView::Json(json));
  std::vector<T> read;
  CUPEL_ASSERT_OK(ops.read(bound.view, &read));
  EXPECT_TRUE(ops.equal(&read, &value)) << json;
}

// SCH-08
TEST(TypeTraitsTest, VectorsAreArrays) {
  ExpectArray<bool>({true, false}, "[true,false]");
  ExpectArray<int32_t>({}, "[]");
  ExpectArray<int64_t>({std::numeric_limits<int64_t>::min(), 7},
                       "[-9223372036854775808,7]");
  ExpectArray<double>({0.1, -0.0, 1e300}, "[0.1,-0,1e+300]");
  ExpectArray<std::string>({"", "\"\\\n\0", "\u00e9"},
                           "[\"\",\"\\\"\\\\\\u000a\",\"\u00e9\"]");
  ExpectArray<std::optional<std::string>>({"null", std::nullopt},
                                          "[\"null\",null]");
  ExpectArray<std::optional<double>>({std::nullopt, 2}, "[null,2]");
}

TEST(TypeTraitsTest, ArraysAreReadAsJson) {
  std::vector<std::string> texts;
  const TypeOps& of_texts = TypeOpsOf<std::vector<std::string>>();
  CUPEL_ASSERT_OK(of_texts.read(
      ValueView::Json(" [ \"\\u00e9\\ud83d\\ude00\\/\\t\" , \"b\" ] "),
      &texts));
  EXPECT_EQ(texts, (std::vector<std::string>{"\u00e9\U0001F600/\t", "b"}));
  for (const char* json :
       {"", "[", "[1]", "[\"a\",]", "[\"a\"]]", "[\"a]", "[null]", "{}",
        "[[\"a\"]]", "[\"\\ud83d\"]", "[\"\\x\"]", "[\"\\u12\"]"}) {
    EXPECT_THAT(of_texts.read(ValueView::Json(json), &texts),
                StatusIs(absl::StatusCode::kDataLoss))
        << json;
  }
  std::vector<int32_t> numbers;
  const TypeOps& of_numbers = TypeOpsOf<std::vector<int32_t>>();
  for (const char* json : {"[1.0]", "[true]", "[01]", "[+1]", "[-]", "[1e2]"}) {
    EXPECT_THAT(of_numbers.read(ValueView::Json(json), &numbers),
                StatusIs(absl::StatusCode::kDataLoss))
        << json;
  }
  EXPECT_THAT(of_numbers.read(ValueView::Json("[2147483648]"), &numbers),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(TypeTraitsTest, ArraysHoldWhatJsonCanSay) {
  BoundValue bound;
  const std::vector<double> nan = {std::nan("")};
  EXPECT_THAT(TypeOpsOf<std::vector<double>>().bind(&nan, &bound),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const std::vector<std::string> bad = {"\xff"};
  EXPECT_THAT(TypeOpsOf<std::vector<std::string>>().bind(&bad, &bound),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Array(Array(Integer())).element, TypeKind::kUnknown);
  EXPECT_EQ(ElementOf(Array(String(9))), String(9));
  EXPECT_NE(Array(Integer()), Array(BigInteger()));
}

}  // namespace
}  // namespace cupel::engine
