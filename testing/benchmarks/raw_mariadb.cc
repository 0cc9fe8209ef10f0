// MariaDB of the comparison: a thin wrapper over Connector/C, and its
// databases. Statements are prepared, values and rows are binary; each
// execution is a round trip, whose rows are read as they come.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
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
#include "mariadb/mysql.h"

namespace cupel::benchmarks {
namespace {

[[noreturn]] void RawFail(const char* error, const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, error);
  std::exit(1);
}

class ConnectorStatement;

class ConnectorConnection {
 public:
  using Statement = ConnectorStatement;

  explicit ConnectorConnection(const std::string& address)
      : db_(mysql_init(nullptr)) {
    const auto url = engine::Url::Parse(address);
    if (!url.ok()) RawFail("not a URL", "connect");
    mysql_options(db_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(
            db_, url->host().c_str(), url->username().c_str(),
            url->password().value_or("").c_str(),
            url->database().empty() ? nullptr : url->database().c_str(),
            static_cast<unsigned>(url->port()), nullptr, 0) == nullptr) {
      RawFail(mysql_error(db_), "connect");
    }
  }
  ~ConnectorConnection() { mysql_close(db_); }
  ConnectorConnection(const ConnectorConnection&) = delete;
  ConnectorConnection& operator=(const ConnectorConnection&) = delete;

  void Run(const char* sql) {
    if (mysql_query(db_, sql) != 0) RawFail(mysql_error(db_), sql);
  }
  static std::string WithKey(absl::string_view insert) {
    return std::string(insert);
  }
  MYSQL* handle() const { return db_; }

 private:
  MYSQL* db_;
};

class ConnectorStatement {
 public:
  ConnectorStatement(const ConnectorConnection& db, absl::string_view sql)
      : statement_(mysql_stmt_init(db.handle())) {
    Check(mysql_stmt_prepare(statement_, sql.data(), sql.size()));
    const size_t parameters = mysql_stmt_param_count(statement_);
    parameters_.resize(parameters, MYSQL_BIND());
    integers_.resize(parameters);
    numbers_.resize(parameters);
    const size_t columns = mysql_stmt_field_count(statement_);
    if (columns == 0) return;
    cells_.resize(columns);
    columns_.resize(columns, MYSQL_BIND());
    MYSQL_RES* const rows = mysql_stmt_result_metadata(statement_);
    for (size_t i = 0; i < columns; ++i) {
      BindColumn(mysql_fetch_field_direct(rows, static_cast<unsigned>(i))->type,
                 &columns_[i], &cells_[i]);
    }
    mysql_free_result(rows);
    Check(mysql_stmt_bind_result(statement_, columns_.data()));
  }
  ~ConnectorStatement() { mysql_stmt_close(statement_); }
  ConnectorStatement(const ConnectorStatement&) = delete;
  ConnectorStatement& operator=(const ConnectorStatement&) = delete;

  void Bind(int index, int64_t value) {
    const auto at = static_cast<size_t>(index - 1);
    integers_[at] = value;
    parameters_[at].buffer_type = MYSQL_TYPE_LONGLONG;
    parameters_[at].buffer = &integers_[at];
  }
  void Bind(int index, double value) {
    const auto at = static_cast<size_t>(index - 1);
    numbers_[at] = value;
    parameters_[at].buffer_type = MYSQL_TYPE_DOUBLE;
    parameters_[at].buffer = &numbers_[at];
  }
  void Bind(int index, absl::string_view value) {
    MYSQL_BIND& parameter = parameters_[static_cast<size_t>(index - 1)];
    parameter.buffer_type = MYSQL_TYPE_STRING;
    parameter.buffer = const_cast<char*>(value.data());
    parameter.buffer_length = value.size();
  }
  bool Step() {
    if (!running_) Execute();
    const int code = mysql_stmt_fetch(statement_);
    running_ = code == 0;
    if (code != 0 && code != MYSQL_NO_DATA) Check(1);
    return running_;
  }
  void Run() {
    Execute();
    if (!columns_.empty()) Reset();
  }
  void Reset() {
    mysql_stmt_free_result(statement_);
    running_ = false;
  }
  int64_t Int(int column) const { return cells_[Cell(column)].integer; }
  double Real(int column) const { return cells_[Cell(column)].number; }
  void Text(int column, std::string* out) const {
    const Column& cell = cells_[Cell(column)];
    out->assign(cell.text.data(), cell.length);
  }
  int64_t inserted_id() const {
    return static_cast<int64_t>(mysql_stmt_insert_id(statement_));
  }

 private:
  // Longer texts than the data has would be an error.
  struct Column {
    int64_t integer = 0;
    double number = 0;
    std::array<char, 256> text;
    unsigned long length = 0;  // NOLINT
  };

  static size_t Cell(int column) { return static_cast<size_t>(column); }
  static void BindColumn(enum_field_types type, MYSQL_BIND* bind,
                         Column* cell) {
    switch (type) {
      case MYSQL_TYPE_LONGLONG:
        bind->buffer_type = MYSQL_TYPE_LONGLONG;
        bind->buffer = &cell->integer;
        break;
      case MYSQL_TYPE_DOUBLE:
        bind->buffer_type = MYSQL_TYPE_DOUBLE;
        bind->buffer = &cell->number;
        break;
      default:
        bind->buffer_type = MYSQL_TYPE_STRING;
        bind->buffer = cell->text.data();
        bind->buffer_length = cell->text.size();
        bind->length = &cell->length;
    }
  }
  void Check(int code) {
    if (code != 0) RawFail(mysql_stmt_error(statement_), "statement");
  }
  void Execute() {
    if (!parameters_.empty()) {
      Check(mysql_stmt_bind_param(statement_, parameters_.data()));
    }
    Check(mysql_stmt_execute(statement_));
  }

  MYSQL_STMT* statement_;
  std::vector<MYSQL_BIND> parameters_;
  std::vector<int64_t> integers_;
  std::vector<double> numbers_;
  std::vector<MYSQL_BIND> columns_;
  std::vector<Column> cells_;
  bool running_ = false;
};

constexpr const char* kSchema[] = {
    "CREATE TABLE author(id BIGINT AUTO_INCREMENT PRIMARY KEY,"
    " name VARCHAR(100) NOT NULL, email VARCHAR(100) NOT NULL UNIQUE)",
    "CREATE TABLE post(id BIGINT AUTO_INCREMENT PRIMARY KEY,"
    " author_id BIGINT NOT NULL, title VARCHAR(100) NOT NULL,"
    " body TEXT NOT NULL, score DOUBLE, published BIGINT,"
    " INDEX (author_id), FOREIGN KEY (author_id) REFERENCES author(id))",
};

class ConnectorDatabases final : public Databases {
 public:
  explicit ConnectorDatabases(const std::string& url)
      : url_(url), server_(url) {}
  ~ConnectorDatabases() override {
    for (const std::string& name : made_) Drop(name);
  }

  std::string Create(int64_t posts) override {
    const std::string name = absl::StrCat("cupel_benchmark_posts", posts);
    std::string url = Make(name);
    ConnectorConnection db(url);
    db.Run("BEGIN");
    ForEachFill(posts, [&](const std::string& sql) { db.Run(sql.c_str()); });
    db.Run("COMMIT");
    return url;
  }
  std::string Copy(const std::string& original) override {
    const std::string from = engine::Url::Parse(original)->database();
    std::string url = Make("cupel_benchmark_copy");
    ConnectorConnection db(url);
    for (absl::string_view table : {"author", "post"}) {
      db.Run(absl::StrCat("INSERT INTO ", table, " SELECT * FROM ", from, ".",
                          table)
                 .c_str());
    }
    return url;
  }
  uint64_t Checksum(const std::string& database) override {
    return raw::ContentChecksum<ConnectorConnection>(database);
  }
  const RawContestants& raw() const override { return raw_; }

 private:
  void Drop(const std::string& name) {
    server_.Run(absl::StrCat("DROP DATABASE IF EXISTS ", name).c_str());
  }
  // Empty tables.
  std::string Make(const std::string& name) {
    Drop(name);
    server_.Run(absl::StrCat("CREATE DATABASE ", name,
                             " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
                    .c_str());
    made_.push_back(name);
    std::string url =
        engine::Url::Parse(url_)->WithDatabase(name).ToUnmaskedString();
    ConnectorConnection db(url);
    for (const char* sql : kSchema) db.Run(sql);
    return url;
  }

  const RawContestants raw_ = raw::ContestantsOf<ConnectorConnection>();
  const std::string url_;
  ConnectorConnection server_;
  std::vector<std::string> made_;
};

}  // namespace

std::unique_ptr<Databases> MariadbDatabases(const std::string& url) {
  return std::make_unique<ConnectorDatabases>(url);
}

}  // namespace cupel::benchmarks
