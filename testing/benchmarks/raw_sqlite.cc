// SQLite of the comparison: the thinnest possible wrapper over its C API, where
// every call is one C call, and its databases.

#include <sqlite3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/raw_model.h"
#include "cupel/testing/benchmarks/raw_size_workloads.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {
namespace {

// The settings every contestant runs with, as one script.
constexpr char kConnectionSettings[] =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
    "PRAGMA temp_store=MEMORY;";

[[noreturn]] void RawFail(sqlite3* db, const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, db ? sqlite3_errmsg(db) : "no handle");
  std::exit(1);
}

class SqliteStatement;

class SqliteConnection {
 public:
  using Statement = SqliteStatement;

  // Opens in the default (serialized) mode, as an ordinary expert would.
  explicit SqliteConnection(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) RawFail(db_, "open");
    Run(kConnectionSettings);
  }
  ~SqliteConnection() { sqlite3_close(db_); }
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
      RawFail(db_, sql);
    }
  }
  static std::string WithKey(absl::string_view insert) {
    return std::string(insert);
  }
  sqlite3* handle() const { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

class SqliteStatement {
 public:
  SqliteStatement(const SqliteConnection& db, const char* sql)
      : db_(db.handle()) {
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                           nullptr) != SQLITE_OK) {
      RawFail(db_, sql);
    }
  }
  ~SqliteStatement() { sqlite3_finalize(statement_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  void Bind(int index, int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
  }
  void Bind(int index, double value) {
    sqlite3_bind_double(statement_, index, value);
  }
  void Bind(int index, absl::string_view value) {
    sqlite3_bind_text(statement_, index, value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  // One step; true while there is a row. Resets itself after the last one.
  bool Step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) RawFail(db_, sqlite3_sql(statement_));
    sqlite3_reset(statement_);
    return false;
  }
  void Run() {
    while (Step()) {
    }
  }
  void Reset() { sqlite3_reset(statement_); }
  int64_t Int(int column) const {
    return sqlite3_column_int64(statement_, column);
  }
  double Real(int column) const {
    return sqlite3_column_double(statement_, column);
  }
  void Text(int column, std::string* out) const {
    const auto* text =
        reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    out->assign(text,
                static_cast<size_t>(sqlite3_column_bytes(statement_, column)));
  }

  int64_t inserted_id() const { return sqlite3_last_insert_rowid(db_); }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

void CreateDatabaseFile(const std::string& path, int64_t posts) {
  const int64_t authors = posts / kPostsPerAuthor;
  SqliteConnection db(path);
  db.Run(
      "CREATE TABLE author(id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
      " email TEXT NOT NULL UNIQUE);"
      "CREATE TABLE post(id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL"
      " REFERENCES author(id), title TEXT NOT NULL, body TEXT NOT NULL,"
      " score REAL, published INTEGER);"
      "CREATE INDEX post_author_id ON post(author_id);");
  if (posts == 0) return;
  db.Run("BEGIN");
  SqliteStatement author(db, "INSERT INTO author VALUES (?,?,?)");
  for (int64_t i = 1; i <= authors; ++i) {
    const std::string name = AuthorName(i);
    const std::string email = AuthorEmail(i);
    author.Bind(1, i);
    author.Bind(2, name);
    author.Bind(3, email);
    author.Run();
  }
  SqliteStatement post(db, "INSERT INTO post VALUES (?,?,?,?,?,?)");
  for (int64_t i = 1; i <= posts; ++i) {
    const std::string title = PostTitle(i);
    const std::string body = PostBody(i);
    post.Bind(1, i);
    post.Bind(2, (i - 1) % authors + 1);
    post.Bind(3, title);
    post.Bind(4, body);
    post.Bind(5, PostScore(i));
    post.Bind(6, PostPublished(i));
    post.Run();
  }
  db.Run("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);");
}

// Files in a folder that is removed at the end.
class SqliteFiles final : public Databases {
 public:
  SqliteFiles();
  ~SqliteFiles() override {
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }

  std::string Create(int64_t posts) override {
    std::string path = File(absl::StrCat("posts", posts, ".db"));
    CreateDatabaseFile(path, posts);
    return path;
  }
  std::string Copy(const std::string& original) override {
    std::string path = File("copy.db");
    for (absl::string_view suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(absl::StrCat(path, suffix));
    }
    std::filesystem::copy_file(original, path);
    return path;
  }
  uint64_t Checksum(const std::string& database) override {
    return raw::ContentChecksum<SqliteConnection>(database);
  }
  const RawContestants& raw() const override { return raw_; }

 private:
  std::string File(absl::string_view name) const {
    return absl::StrCat(folder_, "/", name);
  }

  const RawContestants raw_ = raw::ContestantsOf<SqliteConnection>();
  std::string folder_;
};

SqliteFiles::SqliteFiles() {
  std::error_code error;
  const std::filesystem::path base =
      std::filesystem::is_directory("/dev/shm", error)
          ? std::filesystem::path("/dev/shm")
          : std::filesystem::temp_directory_path();
  std::string pattern = (base / "cupel-benchmark-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    std::perror("mkdtemp");
    std::exit(1);
  }
  folder_ = pattern;
}

}  // namespace

std::unique_ptr<Databases> SqliteDatabases() {
  return std::make_unique<SqliteFiles>();
}

}  // namespace cupel::benchmarks
