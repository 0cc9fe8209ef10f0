// What tests of the pool share: a pool over a driver and a clock that are not
// real.

#ifndef CUPEL_ENGINE_POOL_FIXTURE_H_
#define CUPEL_ENGINE_POOL_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "cupel/engine/engine.h"
#include "cupel/testing/fake_clock.h"
#include "cupel/testing/fake_driver.h"
#include "gtest/gtest.h"

namespace cupel::engine {

class PoolTest : public ::testing::Test {
 protected:
  Engine MakeEngine(PoolOptions pool) {
    EngineOptions options;
    options.uri = "fake://";
    options.pool = pool;
    options.dialect = fake_->dialect();
    options.clock = &clock_;
    options.log = [this](absl::string_view line) {
      absl::MutexLock lock(&log_mutex_);
      log_.emplace_back(line);
    };
    return *Engine::Create(std::move(options));
  }

  testing::FakeClock clock_;
  const std::shared_ptr<testing::FakeDatabase> fake_ =
      testing::FakeDatabase::Create();
  absl::Mutex log_mutex_;
  std::vector<std::string> log_;
};

inline Connection Take(Engine& engine, Location origin = Location::Current()) {
  return *engine.Connect(Deadline::Infinite(), origin);
}

}  // namespace cupel::engine

#endif  // CUPEL_ENGINE_POOL_FIXTURE_H_
