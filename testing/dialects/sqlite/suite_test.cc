// The dialect suite on SQLite: files in WAL mode, as programs use them.

#include <list>
#include <string>

#include "cupel/testing/dialect_suite/dialect_suite.h"
#include "cupel/testing/temp_database.h"

int main(int argc, char** argv) {
  std::list<cupel::testing::TempDatabase> databases;
  return cupel::testing::RunDialectSuite(
      argc, argv, {.fresh_database = [&databases] {
        return databases.emplace_back().url("synchronous=off");
      }});
}
