#include "cupel/testing/hostile_texts.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/escaping.h"

namespace cupel::testing {
namespace {

#ifdef ABSL_HAVE_ADDRESS_SANITIZER
constexpr bool kIsSlow = true;
#else
constexpr bool kIsSlow = false;
#endif

std::vector<std::string> OwnTexts() {
  return {"'", "''", "\"", "\"\"", "`", "``", "[", "]", "\\", "\\'", "a'b\"c`d",
          "' OR 1=1 --", "'; DROP TABLE employee; --",
          "\"; DROP TABLE employee; --", "`; DROP TABLE employee; --",
          "]; DROP TABLE employee; --", "*/; DROP TABLE employee; /*",
          "1; DELETE FROM employee", "x', (SELECT 1)); --", "?", "?1", ":p1",
          "$1", "@x", "%s%n%x", "{0}", "a.b", " ", "\t\n\r", "--", "/*", "*/",
          "NULL", "null", "0x41", "1e309", "-9223372036854775808", "SELECT",
          "select", "rowid", "excluded", "%", "_", "%_/%", "a%b",
          "gr\xC3\xBC\xC3\x9F"
          "e",
          "\xF0\x9F\x92\xA9",
          "\xE2\x80\xAE"
          "abc",
          "\xEF\xBB\xBF"
          "bom",
          // What would leave a file.
          "' INTO OUTFILE '/tmp/cupel_canary' --",
          "'; COPY employee TO '/tmp/cupel_canary'; --",
          "'; ATTACH DATABASE '/tmp/cupel_canary.db' AS p; --",
          "'; VACUUM INTO '/tmp/cupel_canary.db'; --",
          // Look-alikes of quotes; and a quote that the last byte before it
          // takes away in a character set of two bytes.
          "\xE2\x80\x99 OR 1=1 --", "\xCA\xBC OR 1=1 --",
          "\xE4\xB8\xAD' OR 1=1 --", "", std::string("nul\0inside", 10),
          std::string("\0", 1), std::string(300, 'x'), std::string(100, '"'),
          std::string(70000, '\''),
          // Not UTF-8.
          "\xC0\xA7 OR 1=1", "\xED\xA0\x80", "\xFF\xFE"};
}

constexpr size_t kFew = 5;

void AppendFile(const char* path, std::vector<std::string>* texts) {
  std::ifstream file(path);
  std::string text;
  std::string error;
  size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    if (!absl::CUnescape(line, &text, &error)) break;
    if (!kIsSlow || count % kFew == 0) texts->push_back(text);
  }
  if (file.eof()) return;
  std::fprintf(stderr, "cannot read %s (CUPEL_CORPUS): %s\n", path,
               error.c_str());
  std::abort();
}

}  // namespace

const std::vector<std::string>& HostileTexts() {
  static const std::vector<std::string>* const texts = [] {
    auto* all = new std::vector<std::string>(OwnTexts());
    const char* path = std::getenv("CUPEL_CORPUS");
    if (path != nullptr && *path != '\0') AppendFile(path, all);
    return all;
  }();
  return *texts;
}

std::vector<std::string> FewerHostileTexts() {
  const std::vector<std::string>& all = HostileTexts();
  if (kIsSlow) return all;
  std::vector<std::string> fewer = OwnTexts();
  for (size_t i = fewer.size(); i < all.size(); i += kFew) {
    fewer.push_back(all[i]);
  }
  return fewer;
}

}  // namespace cupel::testing
