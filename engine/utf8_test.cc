#include "cupel/engine/utf8.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

// One character after the other: what the quick way must agree with.
size_t FindSlowly(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    char32_t character = 0;
    const size_t length = DecodeUtf8(text.substr(at), &character);
    if (length == 0) return at;
    at += length;
  }
  return absl::string_view::npos;
}

TEST(Utf8Test, FindsABadByteWhereverItIs) {
  for (size_t size = 1; size < 100; ++size) {
    const std::string plain(size, 'a');
    EXPECT_EQ(FindInvalidUtf8(plain), absl::string_view::npos);
    for (size_t at = 0; at < size; ++at) {
      std::string text = plain;
      text[at] = '\xff';
      EXPECT_EQ(FindInvalidUtf8(text), at) << size;
    }
  }
}

TEST(Utf8Test, TakesCharactersOfEachLengthWhereverTheyAre) {
  for (const absl::string_view character :
       {"\x7f", "\xC2\xA2", "\xE2\x82\xAC", "\xF0\x9F\x92\xA9"}) {
    for (size_t at = 0; at < 70; ++at) {
      std::string text(70, 'a');
      text.insert(at, std::string(character));
      EXPECT_EQ(FindInvalidUtf8(text), absl::string_view::npos);
      text.resize(at + character.size() - 1);
      EXPECT_EQ(FindInvalidUtf8(text),
                character.size() == 1 ? absl::string_view::npos : at);
    }
  }
}

TEST(Utf8Test, AgreesWithTheSlowWayOnNoise) {
  uint64_t state = 1;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    const size_t size = round % 90;
    while (text.size() < size) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const auto pick = static_cast<unsigned>(state >> 33);
      if (pick % 8 == 0) {
        text.append("\xC3\xA9");
      } else if (pick % 97 == 1) {
        text.push_back(static_cast<char>(pick >> 8));
      } else {
        text.push_back(static_cast<char>('a' + pick % 26));
      }
    }
    ASSERT_EQ(FindInvalidUtf8(text), FindSlowly(text)) << round;
  }
}

}  // namespace
}  // namespace cupel::engine
