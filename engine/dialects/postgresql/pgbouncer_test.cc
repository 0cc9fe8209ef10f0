// PgBouncer between client and server, where each transaction may get another
// session of the server, and two clients the same.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "cupel/engine/deadline.h"
#include "cupel/engine/dialects/postgresql/driver_fixture.h"
#include "cupel/engine/driver.h"
#include "cupel/engine/error_info.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/value.h"
#include "cupel/testing/servers/server_process.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::postgresql_internal {
namespace {

using cupel::testing::IsOkAndHolds;
using engine::DriverConnection;
using engine::DriverStatement;
using engine::ValueView;
using ::testing::HasSubstr;

constexpr char kSafe[] = "prepare=off&session_settings=off";

std::string Program() {
  // Unpacked by bazelw, so that no service of it runs on the machine.
  const char* tools = std::getenv("CUPEL_TOOLS");
  return testing::FindProgram(
      "pgbouncer",
      {absl::StrCat(tools == nullptr ? "" : tools, "/pgbouncer/usr/sbin"),
       "/usr/sbin"});
}

// Clients share one session of the server.
class PgBouncerTest : public DriverTest {
 protected:
  void SetUp() override {
    DriverTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_NE(Program(), "") << "PgBouncer is not installed";
    // Where its user may execute it.
    std::ifstream file(Program(), std::ios::binary);
    CUPEL_ASSERT_OK(pooler_.WriteFile(
        "pgbouncer", std::string(std::istreambuf_iterator<char>(file), {})));
    std::filesystem::permissions(pooler_.Path("pgbouncer"),
                                 std::filesystem::perms(0755));
    CUPEL_ASSERT_OK(Exec(*DriverTest::Open(), "CREATE TABLE t (a int)"));
    port_ = testing::FreeLoopbackPort();
    CUPEL_ASSERT_OK(pooler_.WriteFile(
        "pgbouncer.ini",
        absl::StrCat("[databases]\n* = host=127.0.0.1 port=", server().port(),
                     " user=cupel\n"
                     "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ",
                     port_,
                     "\nunix_socket_dir =\nauth_type = any\n"
                     "pool_mode = transaction\ndefault_pool_size = 1\n")));
    CUPEL_ASSERT_OK(pooler_.Start(
        {.arguments = {pooler_.Path("pgbouncer"),
                       pooler_.Path("pgbouncer.ini")},
         .is_ready = [this] { return OpenUrl(PoolerUrl(kSafe)).ok(); }}));
  }

  // As Url, by way of the pooler.
  std::string PoolerUrl(absl::string_view query) const {
    const std::string url = Url(query);
    return absl::StrCat("postgresql://cupel@127.0.0.1:", port_,
                        url.substr(url.find('/', url.find('@'))));
  }
  std::unique_ptr<DriverConnection> Connect(absl::string_view query) {
    auto connection = OpenUrl(PoolerUrl(query));
    EXPECT_THAT(connection, cupel::testing::IsOk());
    return std::move(connection).value();
  }

  testing::ServerProcess pooler_;
  int port_ = 0;
};

absl::StatusOr<int64_t> LastOf(DriverStatement& statement, int64_t parameter) {
  const ValueView value = ValueView::Int64(parameter);
  CUPEL_RETURN_IF_ERROR(statement.Execute({&value, 1}, {}));
  int64_t last = 0;
  while (true) {
    CUPEL_ASSIGN_OR_RETURN(const bool more, statement.Next({}));
    if (!more) return last;
    last = statement.row()[0].int64_value();
  }
}

// E28
TEST_F(PgBouncerTest, ClientsShareASessionTransactionByTransaction) {
  auto one = Connect(kSafe);
  auto two = Connect(absl::StrCat(kSafe, "&fetch_size=10"));
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t session,
                             SelectInteger(*one, "SELECT pg_backend_pid()"));
  EXPECT_THAT(SelectInteger(*two, "SELECT pg_backend_pid()"),
              IsOkAndHolds(session));
  // Different statements, which both sessions would call the same.
  CUPEL_ASSERT_OK_AND_ASSIGN(auto next, one->Prepare("SELECT $1 + 1", {}));
  CUPEL_ASSERT_OK_AND_ASSIGN(
      auto count, two->Prepare("SELECT generate_series(1, $1::int)", {}));
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_THAT(LastOf(*next, i), IsOkAndHolds(i + 1));
    EXPECT_THAT(LastOf(*count, 25), IsOkAndHolds(25));
    // Through a cursor.
    CUPEL_ASSERT_OK(two->Begin({}, {}));
    EXPECT_THAT(LastOf(*count, 25), IsOkAndHolds(25));
    CUPEL_ASSERT_OK(two->Commit({}));
  }
}

TEST_F(PgBouncerTest, BatchesAndTransactionsGoThrough) {
  class Numbers : public engine::BatchSource {
   public:
    size_t size() const override { return 1000; }
    absl::StatusOr<absl::Span<const ValueView>> row(size_t i) override {
      row_ = ValueView::Int64(static_cast<int64_t>(i));
      return absl::Span<const ValueView>(&row_, 1);
    }

   private:
    ValueView row_;
  };
  auto one = Connect(kSafe);
  for (absl::string_view sql : {"INSERT INTO t (a) VALUES ($1)",  // COPY
                                "INSERT INTO t (a) VALUES ($1 + 1)"}) {
    CUPEL_ASSERT_OK_AND_ASSIGN(auto statement, one->Prepare(sql, {}));
    for (const bool commits : {true, false}) {
      Numbers rows;
      CUPEL_ASSERT_OK(one->Begin({}, {}));
      CUPEL_EXPECT_OK(statement->ExecuteBatch(rows, nullptr, {}));
      CUPEL_EXPECT_OK(commits ? one->Commit({}) : one->Rollback({}));
    }
    Numbers rows;
    CUPEL_EXPECT_OK(statement->ExecuteBatch(rows, nullptr, {}));
  }
  EXPECT_THAT(SelectInteger(*Connect(kSafe), "SELECT count(*) FROM t"),
              IsOkAndHolds(4000));
}

// Why the options above are needed: what was prepared is not where the next
// transaction is. It is an error, whatever others have prepared there.
TEST_F(PgBouncerTest, NobodyRunsAStatementOfSomebodyElse) {
  auto one = Connect("session_settings=off");
  auto two = Connect("session_settings=off");
  CUPEL_ASSERT_OK_AND_ASSIGN(auto first, one->Prepare("SELECT 1", {}));
  CUPEL_ASSERT_OK_AND_ASSIGN(const int64_t session,
                             SelectInteger(*one, "SELECT pg_backend_pid()"));
  auto direct = DriverTest::Open();
  CUPEL_ASSERT_OK(Exec(
      *direct, absl::StrCat("SELECT pg_terminate_backend(", session, ")")));
  while (*SelectInteger(*direct, absl::StrCat("SELECT count(*) FROM "
                                              "pg_stat_activity WHERE pid = ",
                                              session)) != 0) {
  }
  // In the same order as before, in the session that is the next one.
  CUPEL_ASSERT_OK_AND_ASSIGN(auto second, two->Prepare("SELECT 2", {}));
  const absl::Status status = first->Execute({}, {});
  EXPECT_EQ(InfoOf(status).native_code, "26000") << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("say prepare=off"));
  CUPEL_ASSERT_OK(second->Execute({}, {}));
  EXPECT_THAT(second->Next({}), IsOkAndHolds(true));
  EXPECT_EQ(second->row()[0], ValueView::Int64(2));
}

TEST_F(PgBouncerTest, SettingsInTheFirstPacketAreRefusedWithAdvice) {
  for (absl::string_view query : {"prepare=off", "search_path=public"}) {
    const absl::Status status = OpenUrl(PoolerUrl(query)).status();
    EXPECT_EQ(engine::KindOf(status), engine::ErrorKind::kUnsupported)
        << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("say session_settings=off"));
  }
}

// What one client does leaves nothing for the next one.
TEST_F(PgBouncerTest, ASessionIsLeftAsItWas) {
  {
    auto one = Connect(kSafe);
    CUPEL_ASSERT_OK(one->Begin(
        {.isolation = engine::IsolationLevel::kSerializable, .read_only = true},
        {}));
    CUPEL_ASSERT_OK(Exec(*one, "SELECT a FROM t"));
    CUPEL_ASSERT_OK(one->Commit({}));
    EXPECT_THAT(Exec(*one, "SELECT pg_sleep(60)", {},
                     engine::Deadline::After(absl::Milliseconds(100))),
                cupel::testing::StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  auto two = Connect(kSafe);
  // But for what PgBouncer itself keeps for each client.
  EXPECT_THAT(
      SelectText(*two,
                 "SELECT coalesce(string_agg(name, ' '), '') FROM pg_settings "
                 "WHERE source = 'session' AND name NOT IN "
                 "('application_name', 'client_encoding', 'DateStyle', "
                 "'TimeZone', 'standard_conforming_strings')"),
      IsOkAndHolds(""));
  EXPECT_THAT(
      SelectInteger(*two, "SELECT count(*) FROM pg_prepared_statements"),
      IsOkAndHolds(0));
  EXPECT_THAT(SelectText(*two, "SHOW transaction_isolation"),
              IsOkAndHolds("read committed"));
}

// What a program has left in a session is not undone when its connection is
// given back: the session may be another client's by then.
TEST_F(PgBouncerTest, AReturnTouchesNoSessionOfSomebodyElse) {
  auto one = Connect(kSafe);
  auto two = Connect(kSafe);
  CUPEL_ASSERT_OK(Exec(*one, "SET work_mem = '1MB'"));
  CUPEL_ASSERT_OK(Exec(*two, "SELECT pg_advisory_lock(7)"));
  CUPEL_ASSERT_OK(Exec(*two, "CREATE TEMP TABLE mine (a int)"));
  CUPEL_ASSERT_OK(one->Reset({}));
  CUPEL_EXPECT_OK(Exec(*two, "INSERT INTO mine VALUES (1)"));
  EXPECT_THAT(SelectInteger(*DriverTest::Open(),
                            "SELECT count(*) FROM pg_locks "
                            "WHERE locktype = 'advisory' AND objid = 7"),
              IsOkAndHolds(1));
}

}  // namespace
}  // namespace cupel::postgresql_internal
