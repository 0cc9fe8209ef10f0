// PostgreSQL of the comparison: a thin wrapper over libpq, and its databases.
// Statements are prepared, parameters and results are binary; each execution is
// a round trip.

#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/url.h"
#include "cupel/testing/benchmarks/databases.h"
#include "cupel/testing/benchmarks/raw_model.h"
#include "cupel/testing/benchmarks/raw_size_workloads.h"
#include "cupel/testing/benchmarks/workload.h"
#include "cupel/testing/benchmarks/workload_data.h"
#include "libpq-fe.h"

namespace cupel::benchmarks {
namespace {

[[noreturn]] void RawFail(PGconn* db, const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, PQerrorMessage(db));
  std::exit(1);
}

// As the protocol has numbers: the most significant byte first.
uint64_t BigEndian(uint64_t bits) {
  return std::endian::native == std::endian::little ? __builtin_bswap64(bits)
                                                    : bits;
}

class LibpqStatement;

class LibpqConnection {
 public:
  using Statement = LibpqStatement;

  explicit LibpqConnection(const std::string& url)
      : db_(PQconnectdb(url.c_str())) {
    if (PQstatus(db_) != CONNECTION_OK) RawFail(db_, "connect");
    PQsetNoticeProcessor(
        db_, [](void*, const char*) {}, nullptr);
  }
  ~LibpqConnection() { PQfinish(db_); }
  LibpqConnection(const LibpqConnection&) = delete;
  LibpqConnection& operator=(const LibpqConnection&) = delete;

  void Run(const char* sql) {
    PGresult* const result = PQexec(db_, sql);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      RawFail(db_, sql);
    }
    PQclear(result);
  }
  static std::string WithKey(absl::string_view insert) {
    return absl::StrCat(insert, " RETURNING id");
  }
  PGconn* handle() const { return db_; }

 private:
  PGconn* db_;
};

class LibpqStatement {
 public:
  LibpqStatement(const LibpqConnection& db, const char* sql)
      : db_(db.handle()) {
    static int count = 0;
    name_ = absl::StrCat("raw_", ++count);
    const std::string numbered = Numbered(sql);
    PGresult* const result =
        PQprepare(db_, name_.c_str(), numbered.c_str(), 0, nullptr);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) RawFail(db_, sql);
    PQclear(result);
  }
  ~LibpqStatement() { PQclear(result_); }
  LibpqStatement(const LibpqStatement&) = delete;
  LibpqStatement& operator=(const LibpqStatement&) = delete;

  void Bind(int index, int64_t value) {
    BindBits(index, static_cast<uint64_t>(value));
  }
  void Bind(int index, double value) {
    BindBits(index, std::bit_cast<uint64_t>(value));
  }
  void Bind(int index, absl::string_view value) {
    pointers_[At(index)] = value.data();
    lengths_[At(index)] = static_cast<int>(value.size());
  }
  bool Step() {
    if (!running_) Execute();
    running_ = ++row_ < PQntuples(result_);
    return running_;
  }
  void Run() {
    Execute();
    row_ = 0;
  }
  void Reset() { running_ = false; }
  int64_t Int(int column) const { return static_cast<int64_t>(Bits(column)); }
  double Real(int column) const { return std::bit_cast<double>(Bits(column)); }
  void Text(int column, std::string* out) const {
    out->assign(PQgetvalue(result_, row_, column),
                static_cast<size_t>(PQgetlength(result_, row_, column)));
  }
  int64_t inserted_id() const { return Int(0); }

 private:
  // $1, $2 ... for the question marks.
  static std::string Numbered(absl::string_view sql) {
    std::string numbered;
    int count = 0;
    for (const char c : sql) {
      if (c == '?') {
        absl::StrAppend(&numbered, "$", ++count);
      } else {
        numbered.push_back(c);
      }
    }
    return numbered;
  }
  size_t At(int index) {
    const auto at = static_cast<size_t>(index - 1);
    if (at >= pointers_.size()) {
      bits_.resize(at + 1);
      pointers_.resize(at + 1);
      lengths_.resize(at + 1);
      formats_.resize(at + 1, 1);
    }
    return at;
  }
  void BindBits(int index, uint64_t bits) {
    const size_t at = At(index);
    bits_[at] = BigEndian(bits);
    pointers_[at] = nullptr;  // bits_ may move
    lengths_[at] = sizeof(bits);
  }
  void Execute() {
    PQclear(result_);
    values_ = pointers_;
    for (size_t i = 0; i < values_.size(); ++i) {
      if (values_[i] == nullptr) {
        values_[i] = reinterpret_cast<const char*>(&bits_[i]);
      }
    }
    result_ = PQexecPrepared(
        db_, name_.c_str(), static_cast<int>(values_.size()), values_.data(),
        lengths_.data(), formats_.data(), /*resultFormat=*/1);
    const ExecStatusType status = PQresultStatus(result_);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      RawFail(db_, name_.c_str());
    }
    row_ = -1;
  }
  uint64_t Bits(int column) const {
    uint64_t bits;
    std::memcpy(&bits, PQgetvalue(result_, row_, column), sizeof(bits));
    return BigEndian(bits);
  }

  PGconn* db_;
  std::string name_;
  std::vector<uint64_t> bits_;
  std::vector<const char*> pointers_;  // of the texts
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  PGresult* result_ = nullptr;
  int row_ = -1;
  bool running_ = false;
};

constexpr char kSchema[] =
    "CREATE TABLE author("
    "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
    " name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);"
    "CREATE TABLE post("
    "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,"
    " author_id BIGINT NOT NULL REFERENCES author(id), title TEXT NOT NULL,"
    " body TEXT NOT NULL, score DOUBLE PRECISION, published BIGINT);"
    "CREATE INDEX post_author_id ON post(author_id)";

class LibpqDatabases final : public Databases {
 public:
  explicit LibpqDatabases(const std::string& url) : url_(url), server_(url) {}
  ~LibpqDatabases() override {
    for (const std::string& name : made_) Drop(name);
  }

  std::string Create(int64_t posts) override {
    const std::string name = absl::StrCat("cupel_benchmark_posts", posts);
    const std::string url = Make(name, "");
    LibpqConnection db(url);
    db.Run(kSchema);
    ForEachFill(posts, [&](const std::string& sql) { db.Run(sql.c_str()); });
    if (posts > 0) {
      for (absl::string_view table : {"author", "post"}) {
        db.Run(absl::StrCat("SELECT setval(pg_get_serial_sequence('", table,
                            "', 'id'), max(id)) FROM ", table)
                   .c_str());
      }
    }
    db.Run("VACUUM ANALYZE");
    return url;
  }
  std::string Copy(const std::string& original) override {
    const std::string name = engine::Url::Parse(original)->database();
    return Make("cupel_benchmark_copy", absl::StrCat(" TEMPLATE ", name));
  }
  uint64_t Checksum(const std::string& database) override {
    return raw::ContentChecksum<LibpqConnection>(database);
  }
  const RawContestants& raw() const override { return raw_; }

 private:
  void Drop(const std::string& name) {
    server_.Run(absl::StrCat("DROP DATABASE IF EXISTS ", name, " WITH (FORCE)")
                    .c_str());
  }
  std::string Make(const std::string& name, absl::string_view how) {
    Drop(name);
    server_.Run(absl::StrCat("CREATE DATABASE ", name, how).c_str());
    made_.push_back(name);
    return engine::Url::Parse(url_)->WithDatabase(name).ToUnmaskedString();
  }

  const RawContestants raw_ = raw::ContestantsOf<LibpqConnection>();
  const std::string url_;
  LibpqConnection server_;
  std::vector<std::string> made_;
};

}  // namespace

std::unique_ptr<Databases> PostgresqlDatabases(const std::string& url) {
  return std::make_unique<LibpqDatabases>(url);
}

}  // namespace cupel::benchmarks
