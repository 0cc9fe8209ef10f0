#include "cupel/engine/engine.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cupel/testing/fake_clock.h"
#include "cupel/testing/fake_driver.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::engine {
namespace {

using ::cupel::testing::FakeCall;
using ::cupel::testing::FakeClock;
using ::cupel::testing::FakeDatabase;
using ::cupel::testing::FakeError;
using ::cupel::testing::IsOk;
using ::cupel::testing::StatusIs;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class EngineTest : public ::testing::Test {
 protected:
  Engine Make(EngineOptions options = {}) {
    if (options.uri.empty()) options.uri = "fake://";
    options.dialect = fake_->dialect();
    options.clock = &clock_;
    options.log = [this](absl::string_view line) { log_.emplace_back(line); };
    return *Engine::Create(std::move(options));
  }

  FakeClock clock_;
  const std::shared_ptr<FakeDatabase> fake_ = FakeDatabase::Create();
  std::vector<std::string> log_;
};

TEST_F(EngineTest, UnknownDialectAndBadUrlAreRefused) {
  EXPECT_THAT(Engine::Create({.uri = "nosuch://x"}).status(),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Engine::Create({.uri = "no url"}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// ENG-05
TEST(EngineOptionsTest, AreReadFromAMap) {
  auto options = EngineOptions::FromMap({{"db.url", "fake://h/d"},
                                         {"db.pool_size", "3"},
                                         {"db.echo", "true"},
                                         {"db.pool_timeout", "1.5"},
                                         {"db.pool_recycle", "-1"},
                                         {"db.slow_statement", "200ms"},
                                         {"db.isolation_level", "SERIALIZABLE"},
                                         {"db.connect.mode", "ro"},
                                         {"other.key", "ignored"}},
                                        "db.");
  ASSERT_THAT(options.status(), IsOk());
  EXPECT_EQ(options->uri, "fake://h/d");
  EXPECT_EQ(options->pool.size, 3);
  EXPECT_EQ(options->echo, EchoMode::kStatements);
  EXPECT_EQ(options->pool.timeout, absl::Milliseconds(1500));
  EXPECT_EQ(options->pool.recycle, absl::InfiniteDuration());
  EXPECT_EQ(options->slow_statement, absl::Milliseconds(200));
  EXPECT_EQ(options->execution.transaction->isolation,
            IsolationLevel::kSerializable);
  EXPECT_EQ(options->connect.arguments["mode"], "ro");
}

// ENG-05
TEST(EngineOptionsTest, NameTheKeyThatIsWrong) {
  const auto read = [](std::map<std::string, std::string> settings) {
    return EngineOptions::FromMap(settings, "db.").status();
  };
  EXPECT_THAT(read({{"db.uri", "fake://"}, {"db.pool_sise", "3"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the setting db.pool_sise is not known: see "
                       "EngineOptions::FromMap"));
  EXPECT_THAT(read({{"db.uri", "fake://"}, {"db.pool_size", "many"}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "the setting db.pool_size must be an integer"));
  EXPECT_THAT(read({}), StatusIs(absl::StatusCode::kInvalidArgument,
                                 "the setting db.uri is missing"));
}

// ENG-06
TEST_F(EngineTest, HooksAlterReplaceAndReadyConnections) {
  std::string seen;
  bool readied = false;
  EngineOptions options;
  options.connect.arguments["mode"] = "ro";
  options.before_connect = [](Url* url, ConnectOptions* connect) {
    *url = url->WithDatabase("other");
    connect->arguments["mode"] += "!";
    return absl::OkStatus();
  };
  options.creator = [&](const Url& url, const ConnectOptions& connect,
                        Deadline deadline) {
    seen = url.database() + " " + connect.arguments.at("mode");
    return fake_->dialect()->driver().Open(url, connect, deadline);
  };
  options.on_connect = [&](DriverConnection&) {
    readied = true;
    return absl::OkStatus();
  };
  Engine engine = Make(std::move(options));
  ASSERT_THAT(engine.Connect().status(), IsOk());
  EXPECT_EQ(seen, "other ro!");
  EXPECT_TRUE(readied);
}

// ENG-74
TEST_F(EngineTest, EchoWritesStatementsWithoutValues) {
  Engine engine = Make({.echo = EchoMode::kDebug, .logging_name = "main"});
  fake_->Answer("SELECT ?",
                {.columns = {"a"}, .rows = {{Value::Text("hunter2")}}});
  Connection connection = *engine.Connect();
  connection.set_logging_token("request 7");
  ASSERT_THAT(
      connection.Execute("SELECT ?", {ValueView::Text("hunter2")}).status(),
      IsOk());
  EXPECT_THAT(
      log_,
      ElementsAre("main: [1 request 7] begin -- 0",
                  "main: [1 request 7] row of 1 hidden values",
                  "main: [1 request 7] SELECT ? -- 1 hidden parameters -- 0, 1 "
                  "rows read, 1 affected"));
}

// ENG-74, S9
TEST_F(EngineTest, EchoShowsValuesCutAndEscapedWhenAsked) {
  Engine engine =
      Make({.echo = EchoMode::kStatements, .hide_parameters = false});
  Connection connection = *engine.Connect();
  const std::string longer(300, 'x');
  ASSERT_THAT(connection
                  .Execute("SELECT ?, ?, ?",
                           {ValueView::Text("a\nforged \x1b[31m \u202e"),
                            ValueView::Int64(5), ValueView::Text(longer)})
                  .status(),
              IsOk());
  EXPECT_THAT(log_.back(),
              AllOf(HasSubstr("['a\\nforged \\u{1b}[31m \\u{202e}', 5, 'xxx"),
                    HasSubstr("x... (300 bytes)']"), Not(HasSubstr("\n")),
                    Not(HasSubstr(longer))));
}

// ENG-74
TEST_F(EngineTest, SlowStatementsAreLoggedWithTheirPlace) {
  Engine engine = Make({.slow_statement = absl::Seconds(1)});
  Connection connection = *engine.Connect();
  ASSERT_THAT(connection.Execute("FAST").status(), IsOk());
  EXPECT_THAT(log_, IsEmpty());
  fake_->OnCall(FakeCall::kExecute, [&] { clock_.Advance(absl::Seconds(2)); });
  ASSERT_THAT(connection.Execute("SLOW", {}, Location{"report.cc", 9}).status(),
              IsOk());
  EXPECT_THAT(log_, ElementsAre("warning: slow statement at report.cc:9: [1] "
                                "SLOW -- 2s, 0 rows read, 1 affected"));
}

// ENG-75
TEST_F(EngineTest, PoolTrafficIsLoggedByLevel) {
  {
    Engine engine = Make({.echo_pool = EchoMode::kDebug});
    (void)engine.Connect({}, Location{"a.cc", 1});
  }
  EXPECT_THAT(log_, ElementsAre("[1] pool: first connect", "[1] pool: connect",
                                "[1] pool: checkout at a.cc:1",
                                "[1] pool: reset (returned)",
                                "[1] pool: checkin (returned)",
                                "[1] pool: close (engine closed)"));
  log_.clear();
  {
    Engine engine = Make({.echo_pool = EchoMode::kStatements});
    (void)engine.Connect();
  }
  EXPECT_THAT(log_, ElementsAre("[1] pool: first connect", "[1] pool: connect",
                                "[1] pool: close (engine closed)"));
}

// ENG-70
TEST_F(EngineTest, StatementEventsSeeAndRewriteStatements) {
  Engine engine = Make();
  Subscription rewriter =
      engine.events().OnStatementStart([](StatementStart& event) {
        event.rewritten_sql = std::string(event.sql) + " /* app */";
        return absl::OkStatus();
      });
  std::vector<std::string> ended;
  Subscription observer =
      engine.events().OnStatement([&](const StatementEvent& event) {
        ended.push_back(std::string(event.sql));
      });
  Connection connection = *engine.Connect();
  ASSERT_THAT(connection.Execute("A").status(), IsOk());
  EXPECT_EQ(fake_->Count("execute A /* app */"), 1);
  EXPECT_THAT(ended, ElementsAre("A /* app */"));
}

// ENG-70
TEST_F(EngineTest, ListenerMayRefuseAStatement) {
  Engine engine = Make();
  Subscription guard =
      engine.events().OnStatementStart([](StatementStart& event) {
        return event.sql == "DROP" ? absl::PermissionDeniedError("no DDL")
                                   : absl::OkStatus();
      });
  Connection connection = *engine.Connect();
  EXPECT_THAT(connection.Execute("DROP").status(),
              StatusIs(absl::StatusCode::kPermissionDenied, "no DDL"));
  EXPECT_EQ(fake_->Count("prepare DROP"), 0);
  EXPECT_THAT(connection.Execute("A").status(), IsOk());
}

// ENG-78
TEST_F(EngineTest, ErrorListenerReplacesErrorsAndDecidesOnDisconnects) {
  Engine engine = Make();
  Subscription mapper = engine.events().OnError([](ErrorEvent& event) {
    if (KindOf(event.error) == ErrorKind::kUniqueViolation) {
      event.replacement = absl::AlreadyExistsError("that name is taken");
    }
    if (KindOf(event.error) == ErrorKind::kInternal) {
      event.is_disconnect = true;
      event.keep_pool = true;
    }
  });
  Connection connection = *engine.Connect();
  fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kUniqueViolation));
  const absl::Status taken = connection.Execute("A").status();
  EXPECT_THAT(taken,
              StatusIs(absl::StatusCode::kAlreadyExists, "that name is taken"));
  EXPECT_EQ(GetErrorInfo(taken)->statement, "A");
  ASSERT_THAT(connection.Rollback(), IsOk());
  fake_->FailNext(FakeCall::kExecute, FakeError(ErrorKind::kInternal));
  const absl::Status lost = connection.Execute("A").status();
  EXPECT_EQ(GetErrorInfo(lost)->connection_state, ConnectionState::kDead);
  EXPECT_FALSE(connection.is_open());
}

// ENG-70
TEST_F(EngineTest, RecorderCountsStatementsApartFromControl) {
  Engine engine = Make();
  fake_->Answer("SELECT 1", {.columns = {"a"},
                             .rows = {{Value::Int64(1)}, {Value::Int64(2)}}});
  StatementRecorder recorder(engine);
  Connection connection = *engine.Connect();
  {
    auto savepoint = connection.BeginNested();
    ASSERT_THAT(connection.Execute("SELECT 1").status(), IsOk());
    ASSERT_THAT(savepoint->Commit(), IsOk());
  }
  auto cursor = connection.Query("SELECT 1");
  EXPECT_EQ(recorder.count(), 2);
  EXPECT_FALSE(recorder.statements()[1].ended);
  cursor->Close();
  ASSERT_THAT(connection.Commit(), IsOk());
  EXPECT_THAT(recorder.sql(), ElementsAre("SELECT 1", "SELECT 1"));
  EXPECT_EQ(recorder.statements()[0].rows_read, 2);
  EXPECT_TRUE(recorder.statements()[1].ended);
  EXPECT_THAT(recorder.control_names(),
              ElementsAre("begin", "savepoint cupel_savepoint_1",
                          "release savepoint cupel_savepoint_1", "commit"));
  recorder.Clear();
  EXPECT_EQ(recorder.count(), 0);
}

class Rows : public BatchSource {
 public:
  size_t size() const override { return 5; }
  absl::StatusOr<absl::Span<const ValueView>> row(size_t) override {
    return absl::Span<const ValueView>();
  }
};

// ENG-60
TEST_F(EngineTest, RecorderCountsABatchAsOneStatementWithItsRows) {
  Engine engine = Make();
  StatementRecorder recorder(engine);
  Connection connection = *engine.Connect();
  Rows rows;
  ASSERT_THAT(connection.ExecuteBatch("INSERT", rows, nullptr), IsOk());
  ASSERT_EQ(recorder.count(), 1);
  EXPECT_EQ(recorder.statements()[0].rows, 5u);
  EXPECT_EQ(recorder.statements()[0].affected_rows, 5);
}

TEST_F(EngineTest, ExtensionIsMadeOnce) {
  Engine engine = Make();
  static const int key = 0;
  int made = 0;
  const auto make = [&] {
    ++made;
    return std::shared_ptr<void>(std::make_shared<int>(7));
  };
  EXPECT_EQ(engine.Extension(&key, make), engine.Extension(&key, make));
  EXPECT_EQ(made, 1);
}

// S11
TEST_F(EngineTest, NeverTellsThePassword) {
  fake_->FailNext(FakeCall::kOpen, FakeError(ErrorKind::kCannotConnect));
  Engine engine = Make({.uri = "fake://u:hunter2@h/d",
                        .echo = EchoMode::kDebug,
                        .echo_pool = EchoMode::kDebug});
  log_.push_back(engine.Connect().status().ToString());
  (void)engine.Connect();
  log_.push_back(engine.pool().Status());
  log_.push_back(engine.url().ToString());
  EXPECT_THAT(log_, Each(Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace cupel::engine
