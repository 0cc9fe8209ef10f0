// Uses all of Cupel from another workspace: a model, a database, a query.

#include "cupel/orm/orm.h"

#include <cstdint>
#include <iostream>
#include <string>

#include "absl/status/status.h"

namespace {

struct Car {
  int64_t id = 0;
  std::string name;

  static constexpr auto Mapping() {
    using namespace cupel;
    return Table<Car>(Column<&Car::id>(PrimaryKey()),
                      Column<&Car::name>(String(80), Unique()));
  }
};

absl::Status Run() {
  CUPEL_ASSIGN_OR_RETURN(auto db, cupel::Database::Open({.uri = "sqlite://"},
                                                        cupel::Models<Car>()));
  CUPEL_RETURN_IF_ERROR(db.CreateAll());
  cupel::Session session = db.NewSession();
  session.Add(Car{.name = "mini"});
  CUPEL_RETURN_IF_ERROR(session.Commit());
  CUPEL_ASSIGN_OR_RETURN(
      auto mini, session.Query<Car>().FilterBy<&Car::name>("mini").One());
  std::cout << mini << "\n";
  return absl::OkStatus();
}

}  // namespace

int main() {
  const absl::Status status = Run();
  std::cout << status << "\n";
  return status.ok() ? 0 : 1;
}
