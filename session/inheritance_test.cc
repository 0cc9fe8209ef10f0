// Inheritance of entity types, mapped by hand: one table, joined tables, and
// both in one hierarchy.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/session/links.h"
#include "cupel/session/session.h"
#include "cupel/session/session_fixture.h"
#include "cupel/session/test_mapping.h"
#include "cupel/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::testing::HasSubstr;

struct Company {
  int64_t id = 0;
  std::string name;
  ToManyLink employees;
  ToManyLink managers;
};
// One table.
struct Employee {
  int64_t id = 0;
  std::string kind;
  std::string name;
  std::optional<int64_t> company_id;
  ToOneLink company;
};
struct Manager : Employee {
  std::optional<int64_t> budget;
};
struct Engineer : Employee {
  std::optional<std::string> language;
};
// Joined, and one table below that.
struct Vehicle {
  int64_t id = 0;
  int64_t version = 0;
  int64_t kind = 0;
  std::string name;
};
struct Car : Vehicle {
  int64_t doors = 0;
};
struct SportsCar : Car {
  std::optional<int64_t> top_speed;
};
struct Truck : Vehicle {
  int64_t truck_id = 0;
  std::string load;
};

using schema::TableBuilder;

struct Model : public TestMapping {
  Model() {
    const Table companies = Add(TableBuilder("company")
                                    .Column(Key(Integer("id")))
                                    .Column(Text("name")));
    const Table employees =
        Add(TableBuilder("employee")
                .Column(Key(Integer("id")))
                .Column(Text("kind"))
                .Column(Text("name"))
                .Column(Refers(Integer("company_id", true), "company"))
                .Column(Integer("budget", true))
                .Column(Text("language", true)));
    const Table vehicles = Add(TableBuilder("vehicle")
                                   .Column(Key(Integer("id")))
                                   .Column(Integer("version"))
                                   .Column(Integer("kind"))
                                   .Column(Text("name")));
    const Table cars = Add(TableBuilder("car")
                               .Column(Refers(Key(Integer("id")), "vehicle"))
                               .Column(Integer("doors"))
                               .Column(Integer("top_speed", true)));
    const Table trucks =
        Add(TableBuilder("truck")
                .Column(Refers(Key(Integer("truck_id")), "vehicle"))
                .Column(Text("load")));
    // Subtypes first: order does not matter.
    Add<Manager>({.name = "Manager",
                  .properties = {MEMBER(Manager, budget, employees)},
                  .base = &ObjectTypeOf<Employee>(),
                  .identity = engine::Value::Text("manager")},
                 employees);
    Add<Engineer>({.name = "Engineer",
                   .properties = {MEMBER(Engineer, language, employees)},
                   .base = &ObjectTypeOf<Employee>(),
                   .identity = engine::Value::Text("engineer")},
                  employees);
    Add<Employee>({.name = "Employee",
                   .properties = {MEMBER(Employee, id, employees),
                                  MEMBER(Employee, kind, employees),
                                  MEMBER(Employee, name, employees),
                                  MEMBER(Employee, company_id, employees)},
                   .discriminator = "kind",
                   .identity = engine::Value::Text("employee")},
                  employees);
    Add<Company>({.name = "Company",
                  .properties = {MEMBER(Company, id, companies),
                                 MEMBER(Company, name, companies)}},
                 companies);
    Add<Vehicle>({.name = "Vehicle",
                  .properties = {MEMBER(Vehicle, id, vehicles),
                                 MEMBER(Vehicle, version, vehicles),
                                 MEMBER(Vehicle, kind, vehicles),
                                 MEMBER(Vehicle, name, vehicles)},
                  .version_property = "version",
                  .discriminator = "kind"},
                 vehicles);
    Add<Car>({.name = "Car",
              .properties = {MEMBER(Car, id, cars), MEMBER(Car, doors, cars)},
              .base = &ObjectTypeOf<Vehicle>(),
              .identity = engine::Value::Int64(1)},
             cars);
    Add<SportsCar>({.name = "SportsCar",
                    .properties = {MEMBER(SportsCar, top_speed, cars)},
                    .base = &ObjectTypeOf<Car>(),
                    .identity = engine::Value::Int64(2)},
                   cars);
    Add<Truck>({.name = "Truck",
                .properties = {MEMBER(Truck, truck_id, trucks),
                               MEMBER(Truck, load, trucks)},
                .base = &ObjectTypeOf<Vehicle>(),
                .identity = engine::Value::Int64(3)},
               trucks);
    Add(LINK(Employee, company, Company, kManyToOne, "employees"));
    Add(LINK(Company, employees, Employee, kOneToMany, "company"));
    RelationshipSpec managers =
        LINK(Company, managers, Manager, kOneToMany, "");
    managers.view_only = true;
    Add(managers);
    Build();
  }
};

const Model& TheModel() {
  static const Model* const model = new Model;
  return *model;
}

class InheritanceTest : public SessionFixture {
 protected:
  InheritanceTest() : SessionFixture(TheModel()) {}

  // A company with one employee of each kind.
  void FillCompany() {
    Sql("INSERT INTO company VALUES (1, 'Acme')");
    Sql("INSERT INTO employee (kind, name, company_id, budget, language) "
        "VALUES ('employee', 'Eve', 1, NULL, NULL), "
        "('manager', 'Max', 1, 100, NULL), "
        "('engineer', 'Eng', 1, NULL, 'C++')");
  }
  // Two cars, a sports car and a truck.
  void FillVehicles() {
    Add(car_, Car{{.name = "Mini"}, 3});
    Add(car_, Car{{.name = "Golf"}, 5});
    Add(sports_car_, SportsCar{{{.name = "Alpine"}, 2}, 250});
    Add(truck_, Truck{{.name = "Mack"}, 0, "sand"});
    CUPEL_EXPECT_OK(session_->Commit());
    Reopen();
  }

  const EntityType& company_ = *TheModel().Type("Company");
  const EntityType& employee_ = *TheModel().Type("Employee");
  const EntityType& manager_ = *TheModel().Type("Manager");
  const EntityType& engineer_ = *TheModel().Type("Engineer");
  const EntityType& vehicle_ = *TheModel().Type("Vehicle");
  const EntityType& car_ = *TheModel().Type("Car");
  const EntityType& sports_car_ = *TheModel().Type("SportsCar");
  const EntityType& truck_ = *TheModel().Type("Truck");
};

TEST_F(InheritanceTest, KnowsLevelsAndSubtypes) {
  EXPECT_TRUE(sports_car_.IsA(car_));
  EXPECT_TRUE(sports_car_.IsA(vehicle_));
  EXPECT_FALSE(car_.IsA(sports_car_));
  EXPECT_FALSE(truck_.IsA(car_));
  EXPECT_EQ(&sports_car_.root(), &vehicle_);
  EXPECT_EQ(sports_car_.levels().size(), 2);
  EXPECT_TRUE(sports_car_.shares_table());
  EXPECT_FALSE(car_.shares_table());
  EXPECT_EQ(vehicle_.subtypes().size(), 3);
  EXPECT_EQ(vehicle_.tables().size(), 3);
}

// ORM-30
TEST_F(InheritanceTest, ReadsOneTableAsManyTypes) {
  FillCompany();
  engine::StatementRecorder recorder(engine_);
  const std::vector<EntityRef> all = All(employee_);
  ASSERT_EQ(all.size(), 3);
  EXPECT_EQ(recorder.count(), 1) << recorder.DebugString();
  EXPECT_EQ(all[0].type(), &employee_);
  ASSERT_EQ(all[1].type(), &manager_);
  EXPECT_EQ(As<Manager>(all[1]).budget, 100);
  ASSERT_EQ(all[2].type(), &engineer_);
  EXPECT_EQ(As<Engineer>(all[2]).language, "C++");
  EXPECT_EQ(recorder.count(), 1);
}

// ORM-30
TEST_F(InheritanceTest, RestrictsAQueryForASubtypeOfOneTable) {
  FillCompany();
  engine::StatementRecorder recorder(engine_);
  const std::vector<EntityRef> managers = All(manager_);
  ASSERT_EQ(managers.size(), 1);
  EXPECT_EQ(As<Manager>(managers[0]).name, "Max");
  EXPECT_THAT(recorder.sql()[0], HasSubstr("employee.kind IN ("));
  // The key of an engineer is none of a manager.
  absl::StatusOr<EntityRef> none = session_->Get(manager_, 3);
  CUPEL_ASSERT_OK(none);
  EXPECT_FALSE(*none);
}

// ORM-30
TEST_F(InheritanceTest, WritesTheDiscriminator) {
  EntityRef max = Add(manager_, Manager{{.name = "Max"}, 7});
  Add(engineer_, Engineer{{.name = "Eng"}, "C"});
  Add(employee_, Employee{.name = "Eve"});
  engine::StatementRecorder recorder(engine_);
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(recorder.count(), 3) << recorder.DebugString();
  EXPECT_EQ(As<Manager>(max).kind, "manager");
  Edit<Manager>(max).budget = 8;
  CUPEL_ASSERT_OK(session_->Commit());
  Reopen();
  EXPECT_EQ(All(employee_).size(), 3);
  EXPECT_EQ(As<Manager>(All(manager_)[0]).budget, 8);
  CUPEL_ASSERT_OK(session_->Delete(All(engineer_)[0]));
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(All(employee_).size(), 2);
}

TEST_F(InheritanceTest, NamesARowOfUnknownType) {
  FillCompany();
  Sql("UPDATE employee SET kind = 'robot' WHERE id = 2");
  EntityQuery query;
  query.items.push_back({.entity = &employee_});
  absl::StatusOr<EntityResult> result = session_->Execute(std::move(query));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
  const std::string message(result.status().message());
  EXPECT_THAT(message, HasSubstr("employee"));
  EXPECT_THAT(message, HasSubstr("(id)"));
  EXPECT_THAT(message, HasSubstr("kind holds a text"));
  EXPECT_THAT(message, ::testing::Not(HasSubstr("robot")));
}

// ORM-31
TEST_F(InheritanceTest, WritesOneRowALevel) {
  engine::StatementRecorder recorder(engine_);
  EntityRef mini = Add(car_, Car{{.name = "Mini"}, 3});
  EntityRef golf = Add(car_, Car{{.name = "Golf"}, 5});
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(recorder.count(), 2) << recorder.DebugString();
  EXPECT_THAT(recorder.sql()[0], HasSubstr("INTO vehicle"));
  EXPECT_THAT(recorder.sql()[1], HasSubstr("INTO car"));
  recorder.Clear();
  // Only the table that has changed, unless a version is counted.
  Edit<Car>(mini).doors = 4;
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(recorder.count(), 2) << recorder.DebugString();
  EXPECT_EQ(As<Car>(mini).version, 2);
  recorder.Clear();
  Edit<Car>(mini).name = "Mini II";
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(recorder.count(), 1) << recorder.DebugString();
  recorder.Clear();
  CUPEL_ASSERT_OK(session_->Delete(mini));
  CUPEL_ASSERT_OK(session_->Delete(golf));
  CUPEL_ASSERT_OK(session_->Commit());
  ASSERT_EQ(recorder.count(), 2) << recorder.DebugString();
  EXPECT_THAT(recorder.sql()[0], HasSubstr("FROM car"));
  EXPECT_THAT(recorder.sql()[1], HasSubstr("FROM vehicle"));
}

// ORM-31, ORM-34, ORM-35
TEST_F(InheritanceTest, ReadsAllTypesOfJoinedTablesAtOnce) {
  FillVehicles();
  engine::StatementRecorder recorder(engine_);
  const std::vector<EntityRef> all = All(vehicle_);
  ASSERT_EQ(all.size(), 4);
  int64_t doors = 0;
  for (const EntityRef& ref : all) {
    if (ref.type()->IsA(car_)) doors += As<Car>(ref).doors;
    if (ref.type() == &sports_car_) {
      EXPECT_EQ(As<SportsCar>(ref).top_speed, 250);
    }
    if (ref.type() == &truck_) {
      EXPECT_EQ(As<Truck>(ref).load, "sand");
      EXPECT_EQ(As<Truck>(ref).truck_id, As<Truck>(ref).id);
    }
    EXPECT_FALSE(ref.needs_load());
  }
  EXPECT_EQ(doors, 10);
  EXPECT_EQ(recorder.count(), 1) << recorder.DebugString();
}

// ORM-33
TEST_F(InheritanceTest, MixesJoinedAndSingleTables) {
  FillVehicles();
  EXPECT_EQ(All(car_).size(), 3);
  EXPECT_EQ(All(sports_car_).size(), 1);
  EXPECT_EQ(All(truck_).size(), 1);
  absl::StatusOr<EntityRef> truck = session_->Get(vehicle_, 4);
  CUPEL_ASSERT_OK(truck);
  EXPECT_EQ(truck->type(), &truck_);
  // An abstract type has no rows.
  Add(vehicle_, Vehicle{.name = "?"});
  EXPECT_EQ(session_->Flush().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(InheritanceTest, RefreshesAndExpiresJoinedRows) {
  FillVehicles();
  const std::vector<EntityRef> all = All(vehicle_);
  CUPEL_ASSERT_OK(session_->Commit());
  Sql("UPDATE car SET doors = 9");
  CUPEL_ASSERT_OK(session_->Refresh(all[0]));
  EXPECT_EQ(As<Car>(all[0]).doors, 9);
  CUPEL_ASSERT_OK(session_->Expire(all[1]));
  CUPEL_ASSERT_OK(all[1].Load());
  EXPECT_EQ(As<Car>(all[1]).doors, 9);
  // Merging finds the row by the key of the hierarchy.
  Car copy{{.id = 1, .version = 1, .kind = 1, .name = "Mini"}, 2};
  absl::StatusOr<EntityRef> merged = session_->Merge(car_, &copy);
  CUPEL_ASSERT_OK(merged);
  EXPECT_EQ(*merged, all[0]);
  CUPEL_ASSERT_OK(session_->Commit());
  Reopen();
  EXPECT_EQ(As<Car>(All(vehicle_)[0]).doors, 2);
}

TEST_F(InheritanceTest, FailsAFlushAsAWhole) {
  Sql("INSERT INTO vehicle (version, kind, name) "
      "VALUES (1, 1, 'half'), (1, 3, 'Mack')");
  Sql("INSERT INTO truck VALUES (2, 'sand')");
  EntityRef truck = All(truck_).at(0);
  CUPEL_ASSERT_OK(session_->Commit());
  Sql("DELETE FROM truck");
  Edit<Truck>(truck).load = "gravel";
  EntityRef fresh = Add(car_, Car{{.name = "New"}, 3});
  EXPECT_EQ(session_->Flush().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(fresh.lifecycle(), Lifecycle::kPending);
  EXPECT_EQ(As<Car>(fresh).id, 0);
  EXPECT_EQ(As<Truck>(truck).version, 1);
}

// ORM-37
TEST_F(InheritanceTest, LoadsRelationshipsToBaseAndSubtype) {
  FillCompany();
  const Relationship& employees = *company_.FindRelationship("employees");
  const Relationship& managers = *company_.FindRelationship("managers");
  for (LoadStrategy strategy : {LoadStrategy::kSelectIn, LoadStrategy::kJoined,
                                LoadStrategy::kSubquery, LoadStrategy::kLazy}) {
    Reopen();
    const std::vector<EntityRef> companies =
        All(company_, {LoadOption::Load({&employees}, strategy),
                       LoadOption::Load({&managers}, strategy)});
    ASSERT_EQ(companies.size(), 1);
    const Company& acme = As<Company>(companies[0]);
    CUPEL_ASSERT_OK(acme.employees.Load());
    CUPEL_ASSERT_OK(acme.managers.Load());
    EXPECT_EQ(acme.employees.targets().size(), 3);
    ASSERT_EQ(acme.managers.targets().size(), 1);
    EXPECT_EQ(acme.managers.targets()[0]->type(), &manager_);
  }
}

// Relationships of the base are those of its subtypes.
TEST_F(InheritanceTest, InheritsRelationships) {
  FillCompany();
  const std::vector<EntityRef> managers = All(manager_);
  ASSERT_EQ(managers.size(), 1);
  absl::StatusOr<EntityRef> company = As<Manager>(managers[0]).company.Load();
  CUPEL_ASSERT_OK(company);
  EXPECT_EQ(As<Company>(*company).name, "Acme");
  EntityRef added = Add(manager_, Manager{{.name = "Mia"}, 1});
  Edit<Company>(*company).employees.Append(added);
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(As<Manager>(added).company_id, 1);
}

TEST(InheritanceRegistryTest, ReportsAllMistakes) {
  TestMapping mapping;
  const Table root = mapping.Add(Keyed("root").Column(Text("kind")));
  const Table other = mapping.Add(Keyed("other"));
  mapping.Add<Vehicle>(
      {.name = "Root", .properties = {MEMBER(Vehicle, id, root)}}, root);
  mapping.Add<Car>({.name = "First",
                    .base = &ObjectTypeOf<Vehicle>(),
                    .base_offset = 8,
                    .identity = engine::Value::Text("same")},
                   root);
  mapping.Add<Truck>({.name = "Second",
                      .base = &ObjectTypeOf<Vehicle>(),
                      .identity = engine::Value::Text("same")},
                     other);
  mapping.Add<Manager>({.name = "Third", .base = &ObjectTypeOf<Employee>()},
                       other);
  const std::string message(mapping.BuildStatus().message());
  EXPECT_THAT(message, HasSubstr("Root: is inherited by First"));
  EXPECT_THAT(message, HasSubstr("First: its base Root does not lie"));
  EXPECT_THAT(message, HasSubstr("First: has the same identity as Second"));
  EXPECT_THAT(message, HasSubstr("Second: its primary key must be"));
  EXPECT_THAT(message, HasSubstr("Third: inherits a type"));
}

}  // namespace
}  // namespace cupel::session
