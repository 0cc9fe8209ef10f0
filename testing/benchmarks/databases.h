// The databases of the comparison and what is particular to each kind: how one
// is made and copied, and the raw contestants, on the client's own C API.
//
//   std::unique_ptr<Databases> databases = DatabasesAt(url);
//   const std::string original = databases->Create(/*posts=*/100000);
//   workload.raw(databases->raw())->Prepare(databases->Copy(original));
//
// Whatever fails ends the process with a message: a benchmark without data is
// none.

#ifndef CUPEL_TESTING_BENCHMARKS_DATABASES_H_
#define CUPEL_TESTING_BENCHMARKS_DATABASES_H_

#include <cstdint>
#include <memory>
#include <string>

#include "cupel/testing/benchmarks/workload.h"

namespace cupel::benchmarks {

// Thread-compatible. What it made is gone with it.
class Databases {
 public:
  virtual ~Databases() = default;

  // Creates a database with schema and so many posts, a hundredth of authors
  // among them, and returns its address: a file's path, or a server's URL.
  virtual std::string Create(int64_t posts) = 0;

  // Returns the address of a copy of it that may be changed. The copy made
  // before is gone. Requires: nobody uses either.
  virtual std::string Copy(const std::string& original) = 0;

  // Of all rows of both tables, in key order.
  virtual uint64_t Checksum(const std::string& database) = 0;

  virtual const RawContestants& raw() const = 0;
};

// Files in a folder of their own, on a memory file system where there is one.
std::unique_ptr<Databases> SqliteDatabases();

// Databases named cupel_benchmark_... of the server at `url`, whose user may
// create them; those that are there are dropped.
std::unique_ptr<Databases> PostgresqlDatabases(const std::string& url);
std::unique_ptr<Databases> MariadbDatabases(const std::string& url);

// By the scheme of the URL; SQLite's for an empty one.
std::unique_ptr<Databases> DatabasesAt(const std::string& url);

}  // namespace cupel::benchmarks

#endif  // CUPEL_TESTING_BENCHMARKS_DATABASES_H_
