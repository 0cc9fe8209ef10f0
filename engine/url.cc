#include "cupel/engine/url.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "re2/re2.h"

namespace cupel::engine {
namespace {

constexpr int kMaxPort = 65535;

// Characters that stand for themselves everywhere: RFC 3986, unreserved.
constexpr absl::string_view kUnreserved = "-._~";

absl::Status BadUrl(absl::string_view why) {
  return MakeError(ErrorKind::kInvalidValue,
                   absl::StrCat("database url: ", why));
}

const RE2& Pattern() {
  static const RE2* const pattern =
      new RE2(R"re(([A-Za-z][\w.-]*)(?:\+([\w.-]+))?://)re"  // dialect+driver
              R"re((?:([^:/?@]*)(:[^@/?]*)?@)?)re"           // user:password@
              R"re((?:\[([\w:.%~-]+)\]|([^/:?\[\]@]*)))re"   // host
              R"re((?::([^/?]*))?)re"                        // :port
              R"re((?:/([^?]*))?)re"                         // /database
              R"re((?:\?((?s:.*)))?)re");                    // ?query
  return *pattern;
}

// `text` without its percent escapes. `what` names the part in errors.
absl::StatusOr<std::string> Unescape(absl::string_view text,
                                     absl::string_view what) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() != 2 ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[0])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(digits[1]))) {
      return BadUrl(absl::StrCat("bad percent escape in the ", what,
                                 ": write a percent sign as %25"));
    }
    result += absl::HexStringToBytes(digits);
    i += 2;
  }
  return result;
}

void AppendEscaped(absl::string_view text, absl::string_view also_plain,
                   std::string* out) {
  for (char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::StrContains(kUnreserved, c) || absl::StrContains(also_plain, c)) {
      out->push_back(c);
    } else {
      absl::StrAppend(out, "%",
                      absl::AsciiStrToUpper(
                          absl::BytesToHexString(absl::string_view(&c, 1))));
    }
  }
}

template <typename Query>
auto FindKey(Query& query, absl::string_view key) {
  return std::find_if(query.begin(), query.end(),
                      [key](const auto& entry) { return entry.first == key; });
}

void AddValue(std::string key, std::string value, UrlParts::Query* query) {
  auto it = FindKey(*query, key);
  if (it == query->end()) {
    query->emplace_back(std::move(key), std::vector<std::string>());
    it = query->end() - 1;
  }
  it->second.push_back(std::move(value));
}

absl::StatusOr<std::string> UnescapeQueryText(absl::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return Unescape(spaced, "query");
}

absl::StatusOr<UrlParts::Query> ParseQuery(absl::string_view text) {
  UrlParts::Query query;
  for (absl::string_view pair : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    CUPEL_ASSIGN_OR_RETURN(std::string key, UnescapeQueryText(halves.first));
    CUPEL_ASSIGN_OR_RETURN(std::string value, UnescapeQueryText(halves.second));
    if (key.empty()) return BadUrl("a key of the query is empty");
    AddValue(std::move(key), std::move(value), &query);
  }
  return query;
}

bool IsSecret(absl::string_view key) {
  std::string lower = absl::AsciiStrToLower(key);
  for (absl::string_view word :
       {"password", "passwd", "pwd", "secret", "token", "credential"}) {
    if (absl::StrContains(lower, word)) return true;
  }
  return false;
}

bool HasNul(absl::string_view text) { return absl::StrContains(text, '\0'); }

bool HasNul(const UrlParts& parts) {
  for (const auto& [key, values] : parts.query) {
    if (HasNul(key)) return true;
    for (const std::string& value : values) {
      if (HasNul(value)) return true;
    }
  }
  return HasNul(parts.username) || HasNul(parts.password.value_or("")) ||
         HasNul(parts.host) || HasNul(parts.database);
}

bool IsName(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '.' || c == '-';
  });
}

std::string Format(const UrlParts& parts, bool masked) {
  std::string text = parts.dialect;
  if (!parts.driver.empty()) absl::StrAppend(&text, "+", parts.driver);
  text += "://";
  if (!parts.username.empty() || parts.password.has_value()) {
    AppendEscaped(parts.username, "", &text);
    if (parts.password.has_value()) {
      text += ':';
      if (masked) {
        text += "***";
      } else {
        AppendEscaped(*parts.password, "", &text);
      }
    }
    text += '@';
  }
  if (absl::StrContains(parts.host, ':')) {
    text += '[';
    AppendEscaped(parts.host, ":", &text);
    text += ']';
  } else {
    AppendEscaped(parts.host, "", &text);
  }
  if (parts.port != 0) absl::StrAppend(&text, ":", parts.port);
  if (!parts.database.empty()) {
    text += '/';
    AppendEscaped(parts.database, "/:@", &text);
  }
  char separator = '?';
  for (const auto& [key, values] : parts.query) {
    for (const std::string& value : values) {
      text += separator;
      separator = '&';
      AppendEscaped(key, "", &text);
      text += '=';
      if (masked && IsSecret(key)) {
        text += "***";
      } else {
        AppendEscaped(value, "/:", &text);
      }
    }
  }
  return text;
}

}  // namespace

absl::StatusOr<Url> Url::Parse(absl::string_view text) {
  std::string dialect;
  std::string driver;
  std::string username;
  std::string password;
  std::string ipv6;
  std::string host;
  std::string port;
  std::string database;
  std::string query;
  re2::StringPiece input(text.data(), text.size());
  if (!RE2::FullMatch(input, Pattern(), &dialect, &driver, &username, &password,
                      &ipv6, &host, &port, &database, &query)) {
    return BadUrl(
        "write dialect://user:password@host:port/database, with characters "
        "such as @ : / ? in user and password as percent escapes");
  }
  UrlParts parts;
  parts.dialect = std::move(dialect);
  parts.driver = std::move(driver);
  CUPEL_ASSIGN_OR_RETURN(parts.username, Unescape(username, "user"));
  if (!password.empty()) {
    CUPEL_ASSIGN_OR_RETURN(
        parts.password,
        Unescape(absl::string_view(password).substr(1), "password"));
  }
  CUPEL_ASSIGN_OR_RETURN(parts.host,
                         Unescape(ipv6.empty() ? host : ipv6, "host"));
  if (!port.empty() &&
      (!std::all_of(port.begin(), port.end(),
                    [](unsigned char c) { return absl::ascii_isdigit(c); }) ||
       !absl::SimpleAtoi(port, &parts.port) || parts.port == 0)) {
    return BadUrl("the port must be a number from 1 to 65535");
  }
  CUPEL_ASSIGN_OR_RETURN(parts.database, Unescape(database, "database"));
  CUPEL_ASSIGN_OR_RETURN(parts.query, ParseQuery(query));
  return Create(std::move(parts));
}

absl::StatusOr<Url> Url::Create(UrlParts parts) {
  if (parts.dialect.empty() ||
      !absl::ascii_isalpha(static_cast<unsigned char>(parts.dialect[0])) ||
      !IsName(parts.dialect) || !IsName(parts.driver)) {
    return BadUrl("the dialect or driver is no name");
  }
  if (parts.port < 0 || parts.port > kMaxPort) {
    return BadUrl("the port must be a number from 1 to 65535");
  }
  if (HasNul(parts)) return BadUrl("a part holds a nul character");
  absl::AsciiStrToLower(&parts.dialect);
  absl::AsciiStrToLower(&parts.driver);
  return Url(std::move(parts));
}

std::optional<absl::string_view> Url::QueryValue(absl::string_view key) const {
  auto it = FindKey(parts_.query, key);
  if (it == parts_.query.end() || it->second.empty()) return std::nullopt;
  return it->second.back();
}

std::vector<std::string> Url::QueryValues(absl::string_view key) const {
  auto it = FindKey(parts_.query, key);
  return it == parts_.query.end() ? std::vector<std::string>() : it->second;
}

Url Url::WithUsername(std::string username) const {
  Url url = *this;
  url.parts_.username = std::move(username);
  return url;
}

Url Url::WithPassword(std::optional<std::string> password) const {
  Url url = *this;
  url.parts_.password = std::move(password);
  return url;
}

Url Url::WithHost(std::string host) const {
  Url url = *this;
  url.parts_.host = std::move(host);
  return url;
}

Url Url::WithPort(int port) const {
  Url url = *this;
  url.parts_.port = std::clamp(port, 0, kMaxPort);
  return url;
}

Url Url::WithDatabase(std::string database) const {
  Url url = *this;
  url.parts_.database = std::move(database);
  return url;
}

Url Url::WithDriver(std::string driver) const {
  Url url = *this;
  url.parts_.driver = std::move(driver);
  return url;
}

Url Url::WithQuery(UrlParts::Query query) const {
  Url url = *this;
  url.parts_.query = std::move(query);
  return url;
}

Url Url::WithQueryValue(std::string key, std::string value) const {
  Url url = *this;
  auto it = FindKey(url.parts_.query, key);
  if (it != url.parts_.query.end()) it->second.clear();
  AddValue(std::move(key), std::move(value), &url.parts_.query);
  return url;
}

Url Url::MergeQuery(const UrlParts::Query& query) const {
  Url url = *this;
  for (const auto& [key, values] : query) {
    for (const std::string& value : values) {
      AddValue(key, value, &url.parts_.query);
    }
  }
  return url;
}

Url Url::WithoutQuery(absl::string_view key) const {
  Url url = *this;
  auto it = FindKey(url.parts_.query, key);
  if (it != url.parts_.query.end()) url.parts_.query.erase(it);
  return url;
}

std::string Url::ToString() const { return Format(parts_, /*masked=*/true); }

std::string Url::ToUnmaskedString() const {
  return Format(parts_, /*masked=*/false);
}

std::ostream& operator<<(std::ostream& out, const Url& url) {
  return out << url.ToString();
}

}  // namespace cupel::engine
