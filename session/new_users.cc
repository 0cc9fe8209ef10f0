#include "cupel/session/new_users.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cupel/testing/altered_dialect.h"
#include "cupel/testing/temp_database.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;

engine::Engine EngineFor(bool one_by_one) {
  engine::EngineOptions options{.uri = testing::MemoryUrl()};
  if (one_by_one) {
    options.dialect =
        testing::AlteredDialect([](engine::Capabilities& can, engine::Syntax&) {
          can.insert_strategy = engine::InsertStrategy::kRowLoopLastId;
        });
  }
  return engine::Engine::Create(std::move(options)).value();
}

}  // namespace

NewUsers::NewUsers(bool one_by_one)
    : engine_(EngineFor(one_by_one)),
      session_(engine_, TestModel::Get().registry()) {
  for (int i = 0; i < kCount; ++i) {
    User user{.name = absl::StrCat("user", i)};
    if (i % 3 == 0) user.email = absl::StrCat(i, "@example.com");
    users_.push_back(session_.Add(*TestModel::Get().user, &user));
  }
}

void NewUsers::Sql(absl::string_view sql) {
  engine::Connection connection = engine_.Connect().value();
  ASSERT_THAT(connection.Execute(sql), IsOk());
  ASSERT_THAT(connection.Commit(), IsOk());
}

void NewUsers::Create(const schema::TableBuilder& table) {
  schema::MetaData metadata;
  ASSERT_THAT(metadata.Add(*table.Build()), IsOk());
  engine::Connection connection = engine_.Connect().value();
  ASSERT_THAT(metadata.CreateAll(connection), IsOk());
  ASSERT_THAT(connection.Commit(), IsOk());
}

void NewUsers::AddRow(int64_t id, absl::string_view name) {
  Sql(absl::StrCat("INSERT INTO users (id, name) VALUES (", id, ", '", name,
                   "')"));
  if (engine_.dialect().capabilities().identity_columns) {
    Sql(absl::StrCat("ALTER TABLE users ALTER COLUMN id RESTART WITH ",
                     id + 1));
  }
}

std::vector<std::string> NewUsers::Entities() const {
  std::vector<std::string> all;
  for (const EntityRef& ref : users_) {
    const User& user = *static_cast<const User*>(ref.object());
    all.push_back(
        absl::StrCat(user.id, " ", user.name, " ", user.email.value_or("-")));
  }
  return all;
}

std::vector<std::string> NewUsers::Rows() {
  engine::Connection connection = engine_.Connect().value();
  engine::Cursor rows =
      connection
          .Query("SELECT id, name, coalesce(email, '-') FROM users ORDER BY id")
          .value();
  std::vector<std::string> all;
  while (rows.Next().value()) {
    all.push_back(absl::StrCat(rows.row()[0].int64_value(), " ",
                               rows.row()[1].bytes(), " ",
                               rows.row()[2].bytes()));
  }
  return all;
}

int NewUsers::CountOf(absl::string_view table) {
  engine::Connection connection = engine_.Connect().value();
  engine::Cursor rows =
      connection.Query(absl::StrCat("SELECT count(*) FROM ", table)).value();
  return rows.Next().value() ? static_cast<int>(rows.row()[0].int64_value())
                             : -1;
}

std::string NewUsers::Plain(absl::string_view message) const {
  const std::string& name = engine_.url().database();
  return name.empty() ? std::string(message)
                      : absl::StrReplaceAll(message, {{name, "db"}});
}

schema::TableBuilder InsertRunTest::Table() {
  return Keyed("users").Column(Text("name")).Column(Text("email", true));
}

void InsertRunTest::Create(const schema::TableBuilder& table) {
  fast_.Create(table);
  slow_.Create(table);
}

void InsertRunTest::AddRow(int64_t id, absl::string_view name) {
  fast_.AddRow(id, name);
  slow_.AddRow(id, name);
}

void InsertRunTest::Sql(absl::string_view sql) {
  fast_.Sql(sql);
  slow_.Sql(sql);
}

void InsertRunTest::ExpectSame() {
  EXPECT_EQ(fast_.Rows(), slow_.Rows());
  EXPECT_EQ(fast_.Entities(), slow_.Entities());
}

}  // namespace cupel::session
