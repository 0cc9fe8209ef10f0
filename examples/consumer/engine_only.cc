// Uses Cupel's engine layer beside an engine of its own.

#include <iostream>

#include "absl/status/status.h"
#include "cupel/engine/status_macros.h"
#include "cupel/engine/version.h"
#include "engine/engine.h"

namespace {

absl::Status Run() {
  CUPEL_RET_CHECK(consumer::kCylinders == 4) << "the wrong engine.h";
  std::cout << "cupel engine " << cupel::engine::kVersion << ", "
            << consumer::kCylinders << " cylinders\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Run();
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
