#include "cupel/orm/database.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/status_macros.h"
#include "cupel/orm/model.h"
#include "cupel/orm/request_scope.h"
#include "cupel/query/query.h"
#include "cupel/session/session.h"

namespace cupel {
namespace {

// One database: its engine, its tables, its compiled statements.
struct Bind {
  engine::Engine engine;
  schema::MetaData metadata;
  std::shared_ptr<query::StatementCache> statements;
};

absl::StatusOr<Bind> MakeBind(const DatabaseConfig& config,
                              const std::string& uri) {
  engine::EngineOptions options = config.engine;
  options.uri = uri;
  CUPEL_ASSIGN_OR_RETURN(engine::Engine engine,
                         engine::Engine::Create(std::move(options)));
  return Bind{std::move(engine), schema::MetaData({.naming = config.naming}),
              std::make_shared<query::StatementCache>()};
}

absl::Status UnknownBind(absl::string_view key) {
  return absl::NotFoundError(absl::StrCat(
      "no bind \"", key, "\": add it to DatabaseConfig::binds with its URI"));
}

}  // namespace

struct Database::Core {
  DatabaseConfig config;
  std::shared_ptr<const cupel::session::Registry> registry;
  std::map<std::string, Bind, std::less<>> binds;  // "": the default

  absl::StatusOr<const Bind*> Find(absl::string_view key) const {
    const auto found = binds.find(key);
    if (found == binds.end()) return UnknownBind(key);
    return &found->second;
  }

  Session NewSession(const Bind& bind, SessionOptions options) const {
    if (options.statements == nullptr) options.statements = bind.statements;
    return Session(bind.engine, registry, std::move(options));
  }

  absl::Status AddTables(const ModelList& models) {
    for (const orm_internal::ModelInfo* model : models.models()) {
      // A shared table is that of its base.
      if (orm_internal::SharesTable(*model)) continue;
      const absl::string_view key =
          orm_internal::RootOf(*model).mapping().bind_key;
      const auto bind = binds.find(key);
      if (bind == binds.end()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "class ", model->name, ": ", UnknownBind(key).message()));
      }
      CUPEL_RETURN_IF_ERROR(
          bind->second.metadata.AddStatic(*model->table().table));
    }
    return absl::OkStatus();
  }
};

absl::StatusOr<Database> Database::Open(DatabaseConfig config,
                                        const ModelList& models) {
  if (config.uri.empty()) {
    return absl::InvalidArgumentError(
        "the database has no URI: set DatabaseConfig::uri (DATABASE_URI in a "
        "map of settings) to dialect://user:password@host/database");
  }
  auto core = std::make_shared<Core>();
  CUPEL_ASSIGN_OR_RETURN(core->registry, orm_internal::BuildRegistry(models));
  CUPEL_ASSIGN_OR_RETURN(Bind main, MakeBind(config, config.uri));
  core->binds.emplace("", std::move(main));
  for (const auto& [key, uri] : config.binds) {
    CUPEL_ASSIGN_OR_RETURN(Bind bind, MakeBind(config, uri));
    core->binds.emplace(key, std::move(bind));
  }
  CUPEL_RETURN_IF_ERROR(core->AddTables(models));
  core->config = std::move(config);
  return Database(std::move(core));
}

absl::StatusOr<std::vector<std::string>> Database::Keys(
    const BindSelection& binds) const {
  if (!binds.all()) {
    for (const std::string& key : binds.keys()) {
      CUPEL_RETURN_IF_ERROR(core_->Find(key).status());
    }
    return binds.keys();
  }
  std::vector<std::string> keys;
  for (const auto& [key, bind] : core_->binds) keys.push_back(key);
  return keys;
}

absl::Status Database::CreateAll(const BindSelection& binds) const {
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> keys, Keys(binds));
  for (const std::string& key : keys) {
    CUPEL_ASSIGN_OR_RETURN(const Bind* bind, core_->Find(key));
    engine::Engine engine = bind->engine;
    CUPEL_ASSIGN_OR_RETURN(engine::Connection connection, engine.Connect());
    CUPEL_RETURN_IF_ERROR(bind->metadata.CreateAll(connection));
  }
  return absl::OkStatus();
}

absl::Status Database::DropAll(const BindSelection& binds) const {
  CUPEL_ASSIGN_OR_RETURN(std::vector<std::string> keys, Keys(binds));
  for (const std::string& key : keys) {
    CUPEL_ASSIGN_OR_RETURN(const Bind* bind, core_->Find(key));
    engine::Engine engine = bind->engine;
    CUPEL_ASSIGN_OR_RETURN(engine::Connection connection, engine.Connect());
    CUPEL_RETURN_IF_ERROR(bind->metadata.DropAll(connection));
  }
  return absl::OkStatus();
}

Session Database::NewSession() const {
  return NewSession(core_->config.session);
}

Session Database::NewSession(SessionOptions options) const {
  return core_->NewSession(core_->binds.find("")->second, std::move(options));
}

absl::StatusOr<Session> Database::NewSessionFor(absl::string_view bind) const {
  CUPEL_ASSIGN_OR_RETURN(const Bind* found, core_->Find(bind));
  return core_->NewSession(*found, core_->config.session);
}

absl::StatusOr<Session*> Database::session() const {
  RequestScope* scope = RequestScope::Current(*this);
  if (scope == nullptr) {
    return absl::FailedPreconditionError(
        "no RequestScope of this database is open on this thread: make one "
        "around the request, or use NewSession()");
  }
  return &scope->session();
}

orm_internal::QueryCore Database::ScopedQuery(
    const orm_internal::ModelInfo& model) const {
  absl::StatusOr<Session*> current = session();
  if (!current.ok()) return orm_internal::QueryCore(current.status());
  return orm_internal::QueryCore(&(*current)->session(), model, {});
}

const engine::Engine& Database::engine() const {
  return core_->binds.find("")->second.engine;
}

absl::StatusOr<engine::Engine> Database::engine(absl::string_view bind) const {
  CUPEL_ASSIGN_OR_RETURN(const Bind* found, core_->Find(bind));
  return found->engine;
}

std::vector<std::string> Database::binds() const {
  std::vector<std::string> keys;
  for (const auto& [key, bind] : core_->binds) {
    if (!key.empty()) keys.push_back(key);
  }
  return keys;
}

absl::StatusOr<const schema::MetaData*> Database::metadata(
    absl::string_view bind) const {
  CUPEL_ASSIGN_OR_RETURN(const Bind* found, core_->Find(bind));
  return &found->metadata;
}

const std::shared_ptr<const cupel::session::Registry>& Database::registry()
    const {
  return core_->registry;
}

const DatabaseConfig& Database::config() const { return core_->config; }

// ---- RequestScope: here, since it and Database know each other.

namespace {

thread_local RequestScope* innermost_scope = nullptr;

}  // namespace

RequestScope::RequestScope(Database db)
    : db_(std::move(db)), outer_(innermost_scope) {
  innermost_scope = this;
}

RequestScope::~RequestScope() {
  // Scopes end from the inside out; one that ends early unlinks itself.
  for (RequestScope** place = &innermost_scope; *place != nullptr;
       place = &(*place)->outer_) {
    if (*place == this) {
      *place = outer_;
      break;
    }
  }
}

Session& RequestScope::session() {
  if (!session_) session_.emplace(db_.NewSession());
  return *session_;
}

absl::Status RequestScope::Remove() {
  if (!session_) return absl::OkStatus();
  absl::Status status = session_->Close();
  session_.reset();
  return status;
}

absl::Status RequestScope::Finish(absl::Status result) {
  if (result.ok() && session_ && db_.config().commit_on_teardown) {
    result = session_->Commit();
  }
  absl::Status removed = Remove();
  return result.ok() ? removed : result;
}

RequestScope* RequestScope::Current(const Database& db) {
  for (RequestScope* scope = innermost_scope; scope != nullptr;
       scope = scope->outer_) {
    if (scope->db_.core_ == db.core_) return scope;
  }
  return nullptr;
}

}  // namespace cupel
