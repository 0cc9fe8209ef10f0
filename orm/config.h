// DatabaseConfig: what Database::Open needs to know.
//
//   Database::Open({.uri = "dialect:////tmp/test.db"}, Models<User, Post>());
//
// or from a map of settings, as web programs keep them:
//
//   DatabaseConfig::FromMap({{"DATABASE_URI", uri}, {"POOL_SIZE", "10"}});

#ifndef CUPEL_ORM_CONFIG_H_
#define CUPEL_ORM_CONFIG_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cupel/engine/engine_options.h"
#include "cupel/schema/naming_convention.h"
#include "cupel/session/session_options.h"

namespace cupel {

struct DatabaseConfig {
  // "dialect://user:password@host:port/database?key=value". Required.
  std::string uri;
  // Further databases: bind key to URI. A class goes there by BindKey("key")
  // in its mapping.
  std::map<std::string, std::string> binds;
  // Options of all engines; its `uri` is not used.
  engine::EngineOptions engine;
  // Options of sessions that NewSession() is given none for.
  session::SessionOptions session;
  // Names of constraints and indexes that the mapping does not name.
  schema::NamingConvention naming;
  // Whether a RequestScope that ends without an error commits.
  bool commit_on_teardown = false;
  // What FromMap() ignored, for the program's log.
  std::vector<std::string> notices;

  // Reads settings; a key may have the prefix "CUPEL_" or "SQLALCHEMY_":
  //   DATABASE_URI, BINDS.<key>, ECHO (true, false, debug), POOL_SIZE,
  //   POOL_TIMEOUT, POOL_RECYCLE (seconds), MAX_OVERFLOW, COMMIT_ON_TEARDOWN,
  //   ENGINE_OPTIONS.<name> (EngineOptions::FromMap; stronger than the rest).
  // NATIVE_UNICODE, TRACK_MODIFICATIONS and RECORD_QUERIES mean nothing here
  // and give a notice; other keys are the program's own.
  // Errors: kInvalidArgument, naming the key, for a value that does not fit.
  static absl::StatusOr<DatabaseConfig> FromMap(
      const std::map<std::string, std::string>& settings);
};

}  // namespace cupel

#endif  // CUPEL_ORM_CONFIG_H_
