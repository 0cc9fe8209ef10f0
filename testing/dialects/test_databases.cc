#include "cupel/testing/dialects/test_databases.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace cupel::testing {
namespace {

// So many databases of CreatePassing stay.
constexpr size_t kPassing = 4;

std::unique_ptr<TestDatabases> (*provider)() = nullptr;

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "test databases: " << status << "\n";
  std::abort();
}

engine::Engine EngineOf(const std::string& url) {
  auto engine = engine::Engine::Create(
      {.uri = url,
       .execution = {.transaction = engine::TransactionOptions{
                         .isolation = engine::IsolationLevel::kAutocommit}}});
  Require(engine.status());
  return *std::move(engine);
}

absl::Status Execute(engine::Engine& engine, const std::string& sql) {
  auto connection = engine.Connect();
  if (!connection.ok()) return connection.status();
  return connection->Execute(sql).status();
}

}  // namespace

TestDatabases::TestDatabases(std::string url, std::string drop_suffix)
    : engine_(EngineOf(url)), drop_suffix_(std::move(drop_suffix)) {}

std::string TestDatabases::Create() {
  const std::string name = absl::StrCat("test_", getpid(), "_", ++made_);
  Require(Execute(engine_, absl::StrCat("CREATE DATABASE ", name)));
  return engine_.url().WithDatabase(name).ToUnmaskedString();
}

std::string TestDatabases::CreatePassing() {
  if (passing_.size() == kPassing) {
    Drop(passing_.front());
    passing_.erase(passing_.begin());
  }
  passing_.push_back(Create());
  return passing_.back();
}

void TestDatabases::Drop(absl::string_view url) {
  auto parsed = engine::Url::Parse(url);
  if (!parsed.ok() || !absl::StartsWith(parsed->database(), "test_")) return;
  Require(Execute(engine_, absl::StrCat("DROP DATABASE ", parsed->database(),
                                        drop_suffix_)));
}

TestDatabases* TestDatabases::Linked() {
  static TestDatabases* const linked =
      provider == nullptr ? nullptr : provider().release();
  return linked;
}

bool TestDatabases::Provide(std::unique_ptr<TestDatabases> (*make)()) {
  provider = make;
  return true;
}

}  // namespace cupel::testing
