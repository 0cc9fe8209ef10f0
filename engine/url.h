// Where a database is: dialect+driver://user:password@host:port/database?key=v
//
//   CUPEL_ASSIGN_OR_RETURN(Url url, Url::Parse(text));
//   Url other = url.WithDatabase("archive");
//   LOG(INFO) << url;                         // the password shows as ***
//
// Every part may hold percent escapes (%40 for @); parts are kept and returned
// without them. What follows the first '/' behind the host is the database, so
// a file is written with three slashes relative to the working directory and
// with four as an absolute path. Repeated keys of the query make lists; '+' is
// a space there.

#ifndef CUPEL_ENGINE_URL_H_
#define CUPEL_ENGINE_URL_H_

#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cupel::engine {

// What a Url is made of; an empty text is an absent part.
struct UrlParts {
  // Keys in the order of their first appearance, values in order.
  using Query = std::vector<std::pair<std::string, std::vector<std::string>>>;

  std::string dialect;
  std::string driver;  // the default one if empty
  std::string username;
  std::optional<std::string> password;
  std::string host;  // an IPv6 address without brackets
  int port = 0;      // 0: the default
  std::string database;
  Query query;

  friend bool operator==(const UrlParts&, const UrlParts&) = default;
};

// A value; the With... functions return a changed copy.
class Url {
 public:
  // Errors: kInvalidArgument. The message never repeats any of `text`.
  static absl::StatusOr<Url> Parse(absl::string_view text);

  // Errors: kInvalidArgument when no text could say these parts: no or a bad
  // dialect, a port beyond 65535, a NUL character.
  static absl::StatusOr<Url> Create(UrlParts parts);

  Url() = default;  // no database: fails where it is used

  const std::string& dialect() const { return parts_.dialect; }
  const std::string& driver() const { return parts_.driver; }
  const std::string& username() const { return parts_.username; }
  const std::optional<std::string>& password() const { return parts_.password; }
  const std::string& host() const { return parts_.host; }
  int port() const { return parts_.port; }
  const std::string& database() const { return parts_.database; }
  const UrlParts::Query& query() const { return parts_.query; }
  const UrlParts& parts() const { return parts_; }

  // The last value of a key of the query, nullopt without one.
  std::optional<absl::string_view> QueryValue(absl::string_view key) const;
  // All values of a key, empty without one.
  std::vector<std::string> QueryValues(absl::string_view key) const;

  [[nodiscard]] Url WithUsername(std::string username) const;
  [[nodiscard]] Url WithPassword(std::optional<std::string> password) const;
  [[nodiscard]] Url WithHost(std::string host) const;
  // Requires: 0 to 65535.
  [[nodiscard]] Url WithPort(int port) const;
  [[nodiscard]] Url WithDatabase(std::string database) const;
  [[nodiscard]] Url WithDriver(std::string driver) const;
  // Replaces the whole query.
  [[nodiscard]] Url WithQuery(UrlParts::Query query) const;
  // Replaces or adds one key.
  [[nodiscard]] Url WithQueryValue(std::string key, std::string value) const;
  // Adds the values of `query` to those of the same keys.
  [[nodiscard]] Url MergeQuery(const UrlParts::Query& query) const;
  [[nodiscard]] Url WithoutQuery(absl::string_view key) const;

  // For people and logs: the password, and values of the query whose key says
  // that they are secret (password, secret, token, ...), show as ***.
  std::string ToString() const;

  // With the secrets: Parse returns an equal Url from it. Do not log it.
  std::string ToUnmaskedString() const;

  friend bool operator==(const Url&, const Url&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Url& url);

 private:
  explicit Url(UrlParts parts) : parts_(std::move(parts)) {}

  UrlParts parts_;
};

}  // namespace cupel::engine

namespace cupel {
using engine::Url;
}  // namespace cupel

#endif  // CUPEL_ENGINE_URL_H_
