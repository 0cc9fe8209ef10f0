// Whether the checks of injection_checks.h see anything: dialects with the
// mistakes that libraries have made must not pass them.

#include <cstddef>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/corpora/broken_dialect.h"
#include "cupel/testing/corpora/injection_checks.h"
#include "cupel/testing/dialects/default_dialect.h"
#include "cupel/testing/dialects/test_databases.h"
#include "cupel/testing/hostile_texts.h"
#include "gtest/gtest.h"

namespace cupel::testing {
namespace {

using absl::StrCat;
using absl::string_view;
using absl::StrReplaceAll;

struct Mutant {
  const char* name;
  Breakage breakage;
  // About the quotes of a database: tried on servers, too.
  bool quotes = false;
};

char Quote() { return DefaultDialect()->syntax().quote; }

std::string Quoted(string_view text) { return StrCat("'", text, "'"); }
std::string Doubled(string_view text) {
  return Quoted(StrReplaceAll(text, {{"'", "''"}}));
}
std::string Backslashed(string_view text) {
  return Quoted(StrReplaceAll(text, {{"'", "\\'"}, {"\\", "\\\\"}}));
}

// `rewrite` done to the inside of each quoted identifier, as it stands in SQL.
// Those behind `marker` only, if it is not empty.
Breakage::Rewrite InIdentifiers(
    std::function<std::string(string_view inside)> rewrite,
    std::string marker = "") {
  return [=](string_view sql) {
    const char quote = Quote();
    std::string out;
    bool in_text = false;
    for (size_t i = 0; i < sql.size(); ++i) {
      if (sql[i] == '\'') in_text = !in_text;
      if (in_text || sql[i] != quote || !absl::EndsWith(out, marker)) {
        out.push_back(sql[i]);
        continue;
      }
      size_t end = i + 1;
      while (end < sql.size()) {
        if (sql[end] == quote) {
          if (end + 1 == sql.size() || sql[end + 1] != quote) break;
          ++end;
        }
        ++end;
      }
      absl::StrAppend(&out, rewrite(sql.substr(i + 1, end - i - 1)));
      i = end;
    }
    return out;
  };
}

std::string WithQuotes(string_view inside) {
  const std::string quote(1, Quote());
  return StrCat(quote, inside, quote);
}
// One quote in place of two.
std::string Undoubled(string_view inside) {
  const std::string quote(1, Quote());
  return StrReplaceAll(inside, {{quote + quote, quote}});
}

bool IsWordCharacter(unsigned char c) {
  return absl::ascii_isalnum(c) || c == '_';
}

std::string WithoutMarkers(string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '?') {
      out += "NULL";
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// What printf makes of a text that it takes for a format.
std::string Formatted(string_view text) {
  return StrReplaceAll(text, {{"%%", "%"}, {"%s", "(null)"}, {"%d", "0"}});
}

// Mistakes that are ones on every database.
std::vector<Mutant> CommonMutants() {
  return {
      {"texts written without escaping", {.literal = Quoted}, true},
      {"quotes dropped instead of doubled",
       {.literal =
            [](string_view text) {
              return Quoted(StrReplaceAll(text, {{"'", ""}}));
            }}},
      {"only the first quote doubled",
       {.literal =
            [](string_view text) {
              const size_t at = text.find('\'');
              if (at == text.npos) return Quoted(text);
              return Quoted(StrCat(text.substr(0, at), "'", text.substr(at)));
            }}},
      {"literals searched for markers again",
       {.literal =
            [](string_view text) { return WithoutMarkers(Doubled(text)); }}},
      {"literals used as formats",
       {.literal = [](string_view text) { return Formatted(Doubled(text)); }}},
      {"literals unescaped once more",
       {.literal =
            [](string_view text) {
              return StrReplaceAll(Doubled(text),
                                   {{"\\n", "\n"}, {"\\'", "''"}});
            }}},
      {"literals of a schema without escaping", {.ddl_literal = Quoted}, true},
      {"identifiers not doubled",
       {.sql = InIdentifiers(
            [](string_view inside) { return WithQuotes(Undoubled(inside)); })},
       true},
      {"identifiers doubled by the wrong quote",
       {.sql = InIdentifiers([](string_view inside) {
          return WithQuotes(StrReplaceAll(Undoubled(inside), {{"'", "''"}}));
        })}},
      {"identifiers escaped by a backslash",
       {.sql = InIdentifiers([](string_view inside) {
          const std::string quote(1, Quote());
          return WithQuotes(
              StrReplaceAll(Undoubled(inside), {{quote, "\\" + quote}}));
        })}},
      {"only words quoted",
       {.sql = InIdentifiers([](string_view inside) {
          return absl::c_all_of(inside, IsWordCharacter) ? WithQuotes(inside)
                                                         : Undoubled(inside);
        })},
       true},
      {"identifiers cut at 30 bytes",
       {.sql = InIdentifiers([](string_view inside) {
          return WithQuotes(inside.substr(0, 30));
        })}},
      {"identifiers trimmed", {.sql = InIdentifiers([](string_view inside) {
                                 return WithQuotes(
                                     absl::StripAsciiWhitespace(inside));
                               })}},
      {"names in ORDER BY passed through",
       {.sql = InIdentifiers(Undoubled, " ORDER BY ")}},
      {"aliases not quoted", {.sql = InIdentifiers(Undoubled, " AS ")}, true},
      {"names of constraints not quoted",
       {.sql = InIdentifiers(Undoubled, "CONSTRAINT ")}},
      {"names of tables not quoted",
       {.sql = InIdentifiers(Undoubled, "CREATE TABLE ")}},
      {"texts cut at a line's end",
       {.parameter =
            [](string_view text) {
              return std::string(text.substr(0, text.find('\n')));
            }}},
      {"texts trimmed",
       {.parameter =
            [](string_view text) {
              return std::string(absl::StripAsciiWhitespace(text));
            }}},
      {"texts escaped though they are bound",
       {.parameter =
            [](string_view text) {
              return StrReplaceAll(text, {{"'", "''"}});
            }}},
      {"dangerous words removed",
       {.parameter =
            [](string_view text) {
              return StrReplaceAll(text, {{"--", ""}, {"DROP", ""}});
            }}},
      {"look-alikes replaced",
       {.parameter =
            [](string_view text) {
              return StrReplaceAll(text, {{"\xE2\x80\x99", "'"}});
            }}},
      {"patterns without ESCAPE",
       {.sql =
            [](string_view sql) {
              return StrReplaceAll(sql, {{" ESCAPE '/'", ""}});
            }}},
      {"patterns whose escape character is not escaped",
       {.parameter =
            [](string_view text) {
              return StrReplaceAll(text, {{"//", "/"}});
            }}},
      {"patterns where _ is not escaped",
       {.parameter =
            [](string_view text) {
              return StrReplaceAll(text, {{"/_", "_"}});
            }}},
      {"names in documents appended to the path",
       {.parameter =
            [](string_view text) {
              if (!absl::StartsWith(text, "$.")) return std::string(text);
              return StrReplaceAll(text, {{"\"", ""}});
            }}},
      {"negative numbers glued to a minus", {.bare_negatives = true}},
  };
}

// Those that are mistakes on the default dialect only.
std::vector<Mutant> OwnMutants() {
  const engine::Dialect& dialect = *DefaultDialect();
  std::vector<Mutant> mutants;
  if (dialect.capabilities().keeps_nul_in_text) {
    mutants.push_back({"texts cut at NUL", {.parameter = [](string_view text) {
                         return std::string(text.substr(0, text.find('\0')));
                       }}});
  }
  if (dialect.capabilities().comments &&
      dialect.syntax().inline_table_comment.empty()) {
    mutants.push_back({"comments not escaped", {.sql = [](string_view sql) {
                         if (!absl::StartsWith(sql, "COMMENT"))
                           return std::string(sql);
                         return StrReplaceAll(sql, {{"''", "'"}});
                       }}});
  }
  if (dialect.name() != "mariadb") {
    mutants.push_back(
        {"quotes escaped by a backslash", {.literal = Backslashed}});
    return mutants;
  }
  // Where a backslash escapes, doubling the quotes does not do.
  mutants.push_back({"quotes doubled and backslashes not",
                     {.literal = Doubled, .on_connect = "SET sql_mode=''"}});
  mutants.push_back(
      {"escaped byte by byte in a character set of two bytes",
       {.literal = Backslashed,
        .on_connect = "SET sql_mode='', character_set_client=gbk"}});
  return mutants;
}

std::vector<Mutant> Mutants() {
  const bool on_server = TestDatabases::Linked() != nullptr;
  std::vector<Mutant> all;
  for (Mutant& mutant : CommonMutants()) {
    if (mutant.quotes || !on_server) all.push_back(std::move(mutant));
  }
  for (Mutant& mutant : OwnMutants()) all.push_back(std::move(mutant));
  return all;
}

// The first leaks; all checks end with the text that showed one.
std::vector<std::string> LeaksOf(const Breakage& breakage,
                                 const std::vector<std::string>& texts) {
  InjectionChecks checks(BrokenDialect(breakage));
  checks.CheckNumbers();
  for (const std::string& text : texts) {
    if (!checks.leaks().empty()) break;
    checks.CheckAll(text);
  }
  return checks.leaks();
}

// G14
TEST(MutantsTest, NoMistakePassesTheChecks) {
  int caught = 0;
  const std::vector<Mutant> mutants = Mutants();
  for (const Mutant& mutant : mutants) {
    const auto leaks = LeaksOf(mutant.breakage, HostileTexts());
    EXPECT_FALSE(leaks.empty()) << mutant.name << " was not seen";
    if (leaks.empty()) continue;
    ++caught;
    std::cout << mutant.name << ": " << leaks[0].substr(0, 150) << "\n";
  }
  std::cout << caught << " of " << mutants.size() << " mutants caught\n";
  EXPECT_GE(caught, TestDatabases::Linked() != nullptr ? 6 : 14);
}

// What is seen is what a hostile text does, not the mutant's being there.
TEST(MutantsTest, MistakesWorkWithHarmlessTexts) {
  const InjectionChecks unbroken;
  for (const Mutant& mutant : Mutants()) {
    const InjectionChecks checks(BrokenDialect(mutant.breakage));
    for (const std::string& place : checks.unusable()) {
      EXPECT_TRUE(unbroken.unusable().contains(place))
          << mutant.name << ": " << place;
    }
  }
}

TEST(MutantsTest, AnUnbrokenDialectPasses) {
  std::vector<std::string> texts = HostileTexts();
  if (texts.size() > 40) texts.resize(40);
  EXPECT_EQ(absl::StrJoin(LeaksOf({}, texts), "\n"), "");
}

}  // namespace
}  // namespace cupel::testing
