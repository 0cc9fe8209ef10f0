// Uses Cupel's orm layer from another workspace.

#include <iostream>

#include "cupel/orm/version.h"

int main() {
  std::cout << "cupel orm " << cupel::orm::kVersion << "\n";
  return 0;
}
