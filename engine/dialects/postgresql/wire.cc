#include "cupel/engine/dialects/postgresql/wire.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cupel/engine/decimal.h"

namespace cupel::postgresql_internal {
namespace {

constexpr int kGroup = 4;  // decimal digits of one digit of the wire
constexpr uint16_t kNegative = 0x4000;
constexpr uint16_t kNan = 0xC000;
constexpr uint16_t kPositiveInfinity = 0xD000;
constexpr uint16_t kNegativeInfinity = 0xF000;
constexpr size_t kHeader = 8;

void AppendHeader(uint16_t digits, int16_t weight, uint16_t sign,
                  uint16_t scale, std::string* out) {
  AppendBigEndian(digits, out);
  AppendBigEndian(weight, out);
  AppendBigEndian(sign, out);
  AppendBigEndian(scale, out);
}

// Cuts digits into groups of four; `from` of them is a multiple of four away
// from the decimal point.
void AppendGroups(absl::string_view digits, std::vector<uint16_t>* groups) {
  for (size_t i = 0; i < digits.size(); i += kGroup) {
    uint16_t group = 0;
    for (const char c : digits.substr(i, kGroup)) {
      group = static_cast<uint16_t>(group * 10 + (c - '0'));
    }
    groups->push_back(group);
  }
}

// The four digits of a group.
void AppendDigits(uint16_t group, std::string* out) {
  char digits[kGroup];
  for (int i = kGroup - 1; i >= 0; --i) {
    digits[i] = static_cast<char>('0' + group % 10);
    group /= 10;
  }
  out->append(digits, kGroup);
}

}  // namespace

void AppendNumeric(const engine::Decimal& value, std::string* out) {
  std::string text = value.ToString();
  absl::string_view digits = text;
  if (value.is_negative()) digits.remove_prefix(1);
  const size_t point = digits.find('.');
  std::string whole(digits.substr(0, point));
  std::string fraction(point == digits.npos ? absl::string_view()
                                            : digits.substr(point + 1));
  const auto scale = static_cast<uint16_t>(fraction.size());
  whole.insert(0, (kGroup - whole.size() % kGroup) % kGroup, '0');
  fraction.append((kGroup - fraction.size() % kGroup) % kGroup, '0');
  std::vector<uint16_t> groups;
  AppendGroups(whole, &groups);
  auto weight = static_cast<int16_t>(groups.size()) - 1;
  AppendGroups(fraction, &groups);
  size_t first = 0;
  while (first < groups.size() && groups[first] == 0) {
    ++first;
    --weight;
  }
  while (groups.size() > first && groups.back() == 0) groups.pop_back();
  if (first == groups.size()) weight = 0;
  AppendHeader(static_cast<uint16_t>(groups.size() - first),
               static_cast<int16_t>(weight),
               value.is_negative() ? kNegative : 0, scale, out);
  for (; first < groups.size(); ++first) AppendBigEndian(groups[first], out);
}

void AppendNonFiniteNumeric(double value, std::string* out) {
  AppendHeader(0, 0,
               std::isnan(value) ? kNan
               : value > 0       ? kPositiveInfinity
                                 : kNegativeInfinity,
               0, out);
}

bool NumericToText(absl::string_view bytes, std::string* out) {
  if (bytes.size() < kHeader) return false;
  const auto count = ReadBigEndian<uint16_t>(bytes.data());
  const auto weight = ReadBigEndian<int16_t>(bytes.data() + 2);
  const auto sign = ReadBigEndian<uint16_t>(bytes.data() + 4);
  const auto scale = ReadBigEndian<uint16_t>(bytes.data() + 6);
  if (bytes.size() != kHeader + size_t{2} * count) return false;
  switch (sign) {
    case kNan:
      out->append("NaN");
      return true;
    case kPositiveInfinity:
      out->append("Infinity");
      return true;
    case kNegativeInfinity:
      out->append("-Infinity");
      return true;
    default:
      break;
  }
  const auto group = [&](int power) -> uint16_t {
    const int index = weight - power;
    return index >= 0 && index < count
               ? ReadBigEndian<uint16_t>(bytes.data() + kHeader + 2 * index)
               : uint16_t{0};
  };
  std::string digits;
  for (int power = weight; power >= 0; --power) {
    AppendDigits(group(power), &digits);
  }
  const size_t start = digits.find_first_not_of('0');
  if (sign == kNegative) out->push_back('-');
  out->append(start == std::string::npos ? "0" : digits.substr(start));
  if (scale == 0) return true;
  digits.clear();
  for (int power = -1; digits.size() < scale; --power) {
    AppendDigits(group(power), &digits);
  }
  digits.resize(scale);
  out->push_back('.');
  out->append(digits);
  return true;
}

}  // namespace cupel::postgresql_internal
