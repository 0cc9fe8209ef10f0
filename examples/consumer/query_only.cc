// Uses Cupel's query layer from another workspace.

#include <iostream>

#include "cupel/query/version.h"

int main() {
  std::cout << "cupel query " << cupel::query::kVersion << "\n";
  return 0;
}
