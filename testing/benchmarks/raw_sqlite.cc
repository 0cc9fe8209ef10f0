#include "cupel/testing/benchmarks/raw_sqlite.h"

#include <sqlite3.h>

#include <string>

#include "cupel/testing/benchmarks/workload_data.h"

namespace cupel::benchmarks {

RawConnection::RawConnection(const std::string& path) {
  if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) RawFail(db_, "open");
  Run(kConnectionSettings);
}

}  // namespace cupel::benchmarks
