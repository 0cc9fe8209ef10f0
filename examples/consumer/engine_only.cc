// Uses Cupel's engine layer beside an engine of its own.

#include <iostream>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "engine/engine.h"

namespace {

absl::Status Run() {
  CUPEL_RET_CHECK(consumer::kCylinders == 4) << "the wrong engine.h";
  CUPEL_ASSIGN_OR_RETURN(auto engine,
                         cupel::engine::Engine::Create({.uri = "sqlite://"}));
  CUPEL_ASSIGN_OR_RETURN(auto connection, engine.Connect());
  CUPEL_ASSIGN_OR_RETURN(
      auto cursor,
      connection.Query("SELECT ? * 2", {cupel::engine::ValueView::Int64(2)}));
  CUPEL_ASSIGN_OR_RETURN(const bool found, cursor.Next());
  CUPEL_RET_CHECK(found);
  CUPEL_RET_CHECK(cursor.row()[0].int64_value() == consumer::kCylinders);
  std::cout << "cupel engine " << cupel::engine::kVersion << ", "
            << cursor.row()[0].int64_value() << " cylinders\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Run();
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
