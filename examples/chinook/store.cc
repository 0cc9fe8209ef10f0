#include "cupel/examples/chinook/store.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/examples/chinook/models.h"
#include "cupel/examples/chinook/spelling.h"
#include "cupel/orm/orm.h"
#include "cupel/schema/schema.h"

namespace chinook {
namespace {

using cupel::engine::Connection;
using cupel::engine::Engine;

// Definitions end a transaction on some databases: each statement of a script
// stands for itself.
Engine WithoutTransactions(const Engine& engine) {
  return engine.WithOptions(
      {.transaction = cupel::engine::TransactionOptions{
           .isolation = cupel::engine::IsolationLevel::kAutocommit}});
}

// What stands before the next semicolon that is not in a text or a comment;
// takes it from `script`. Comments are left out.
std::string TakeStatement(absl::string_view* script) {
  std::string statement;
  bool quoted = false;
  size_t i = 0;
  for (; i < script->size(); ++i) {
    const char c = (*script)[i];
    if (!quoted && absl::StartsWith(script->substr(i), "/*")) {
      i = std::min(script->find("*/", i), script->size() - 1) + 1;
      continue;
    }
    if (c == '\'') quoted = !quoted;
    if (c == ';' && !quoted) {
      ++i;
      break;
    }
    statement.push_back(c);
  }
  script->remove_prefix(std::min(i, script->size()));
  absl::StripAsciiWhitespace(&statement);
  return statement;
}

// Scripts make a database of their own and enter it; here it is the URL's.
bool IsAboutDatabases(absl::string_view statement) {
  for (absl::string_view verb :
       {"DROP DATABASE", "CREATE DATABASE", "USE ", "\\c "}) {
    if (absl::StartsWith(statement, verb)) return true;
  }
  return false;
}

absl::Status RunScript(Connection& connection, absl::string_view script) {
  while (!script.empty()) {
    const std::string statement = TakeStatement(&script);
    // A byte order mark stands before the first one.
    if (statement.empty() || statement == "\xEF\xBB\xBF" ||
        IsAboutDatabases(statement)) {
      continue;
    }
    CUPEL_RETURN_IF_ERROR(connection.Execute(statement).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<Store> Open(const std::string& url, Spelling spelling) {
  CUPEL_ASSIGN_OR_RETURN(
      cupel::Database db,
      cupel::Database::Open({.uri = url},
                            spelling == Spelling::kSnakeCase
                                ? Chinook<Spelling::kSnakeCase>::AllModels()
                                : Chinook<Spelling::kPascalCase>::AllModels()));
  return Store{std::move(db), spelling};
}

}  // namespace

absl::StatusOr<Store> OpenStore(const std::string& url) {
  CUPEL_ASSIGN_OR_RETURN(const Engine engine, Engine::Create({.uri = url}));
  CUPEL_ASSIGN_OR_RETURN(Connection connection, engine.Connect());
  cupel::schema::Inspector inspector(connection);
  CUPEL_ASSIGN_OR_RETURN(const std::vector<std::string> tables,
                         inspector.TableNames());
  for (const std::string& table : tables) {
    if (table == "InvoiceLine") return Open(url, Spelling::kPascalCase);
    if (table == "invoice_line") return Open(url, Spelling::kSnakeCase);
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no store in ", engine.url().ToString(),
      "; fill an empty database by the script for its kind: --sql"));
}

absl::StatusOr<Store> LoadScript(const std::string& url,
                                 const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", path, "; give a script by --sql"));
  }
  const std::string script = text.str();
  CUPEL_ASSIGN_OR_RETURN(Store store,
                         Open(url, absl::StrContains(script, "invoice_line")
                                       ? Spelling::kSnakeCase
                                       : Spelling::kPascalCase));
  CUPEL_ASSIGN_OR_RETURN(Connection connection,
                         WithoutTransactions(store.db.engine()).Connect());
  CUPEL_RETURN_IF_ERROR(RunScript(connection, script));
  return store;
}

}  // namespace chinook
