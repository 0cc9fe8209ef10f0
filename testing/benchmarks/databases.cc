#include "cupel/testing/benchmarks/databases.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "cupel/engine/url.h"

namespace cupel::benchmarks {

std::unique_ptr<Databases> DatabasesAt(const std::string& url) {
  if (url.empty()) return SqliteDatabases();
  const auto parsed = engine::Url::Parse(url);
  const std::string dialect = parsed.ok() ? parsed->dialect() : "";
  if (dialect == "postgresql") return PostgresqlDatabases(url);
  if (dialect == "mariadb") return MariadbDatabases(url);
  std::fprintf(stderr,
               "the URL of a server begins with postgresql:// or mariadb://\n");
  std::exit(1);
}

}  // namespace cupel::benchmarks
