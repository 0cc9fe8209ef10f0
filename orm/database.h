// Database: the models of a program and where they are kept.
//
//   CUPEL_ASSIGN_OR_RETURN(
//       cupel::Database db,
//       cupel::Database::Open({.uri = uri}, cupel::Models<User, Post>()));
//   CUPEL_RETURN_IF_ERROR(db.CreateAll());
//   cupel::Session session = db.NewSession();
//
// The dialect of the URI must be linked into the program; nothing is connected
// before it is needed. In a server, RequestScope (request_scope.h) gives each
// request its own session.
//
// Thread-safe; a handle, copies share one database. Sessions keep what they
// need of it.

#ifndef CUPEL_ORM_DATABASE_H_
#define CUPEL_ORM_DATABASE_H_

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cupel/orm/config.h"
#include "cupel/orm/query.h"
#include "cupel/orm/registry.h"
#include "cupel/orm/session.h"

namespace cupel::engine {
class Engine;
}  // namespace cupel::engine

namespace cupel::schema {
class MetaData;
}  // namespace cupel::schema

namespace cupel {

class RequestScope;

// Which databases of a Database: all (the default), the default one (nullptr),
// one by its key, or a list of keys.
class BindSelection {
 public:
  BindSelection() = default;
  BindSelection(std::nullptr_t) : all_(false), keys_{""} {}    // NOLINT
  BindSelection(const char* key) : all_(false), keys_{key} {}  // NOLINT
  BindSelection(std::vector<std::string> keys)                 // NOLINT
      : all_(false), keys_(std::move(keys)) {}
  BindSelection(std::initializer_list<const char*> keys)
      : all_(false), keys_(keys.begin(), keys.end()) {}

  bool all() const { return all_; }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  bool all_ = true;
  std::vector<std::string> keys_;
};

class Database {
 public:
  // Checks all mappings together and makes the engines; opens no connection.
  // Errors: kInvalidArgument with every mistake of the mappings, one a line,
  // or for a missing or malformed URI; kNotFound for a dialect that is not
  // linked.
  static absl::StatusOr<Database> Open(DatabaseConfig config,
                                       const ModelList& models);

  // Creates the tables (and indexes) that do not exist yet.
  // Errors: kNotFound for an unknown bind; what the database reports.
  absl::Status CreateAll(const BindSelection& binds = {}) const;
  absl::Status DropAll(const BindSelection& binds = {}) const;

  // A session on the default database.
  Session NewSession() const;
  Session NewSession(SessionOptions options) const;
  // A session on the database of a bind key. Errors: kNotFound.
  absl::StatusOr<Session> NewSessionFor(absl::string_view bind) const;

  // The session of the innermost RequestScope of this database on the thread.
  // Errors: kFailedPrecondition if there is none.
  absl::StatusOr<Session*> session() const;
  // A query in that session; without one, executing it fails in the same way.
  template <typename T>
  cupel::Query<T> Query() const {
    return cupel::Query<T>(ScopedQuery(orm_internal::ModelOf<T>()));
  }

  // The engine of the default database, and of a bind key.
  const engine::Engine& engine() const;
  // Errors: kNotFound naming the key.
  absl::StatusOr<engine::Engine> engine(absl::string_view bind) const;
  // All bind keys but the default's.
  std::vector<std::string> binds() const;
  // The tables of a bind key ("": the default database).
  // Errors: kNotFound naming the key.
  absl::StatusOr<const schema::MetaData*> metadata(
      absl::string_view bind = "") const;
  const std::shared_ptr<const cupel::session::Registry>& registry() const;
  const DatabaseConfig& config() const;

 private:
  friend class RequestScope;
  struct Core;
  explicit Database(std::shared_ptr<const Core> core)
      : core_(std::move(core)) {}

  orm_internal::QueryCore ScopedQuery(
      const orm_internal::ModelInfo& model) const;
  absl::StatusOr<std::vector<std::string>> Keys(
      const BindSelection& binds) const;

  std::shared_ptr<const Core> core_;
};

}  // namespace cupel

#endif  // CUPEL_ORM_DATABASE_H_
