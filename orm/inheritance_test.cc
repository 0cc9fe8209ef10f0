#include "cupel/orm/inheritance.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::orm_test {
namespace {

enum class Bird { kDuck, kMallard, kDonald, kDaisy };

}  // namespace
}  // namespace cupel::orm_test

template <>
inline constexpr auto cupel::kEnumerators<cupel::orm_test::Bird> =
    cupel::Enumerators<
        cupel::orm_test::Bird::kDuck, cupel::orm_test::Bird::kMallard,
        cupel::orm_test::Bird::kDonald, cupel::orm_test::Bird::kDaisy>();

namespace cupel::orm_test {
namespace {

using ::testing::HasSubstr;

struct Employee;
struct Manager;
struct Engineer;
struct Company {
  int64_t id = 0;
  std::string name;
  Collection<Employee> employees;
  Collection<Manager> managers;

  static constexpr auto Mapping() {
    return Table<Company>(Column<&Company::id>(PrimaryKey()),
                          Column<&Company::name>(),
                          Relationship<&Company::managers>(ViewOnly()));
  }
};

// One table.
struct Employee {
  int64_t id = 0;
  std::string kind;
  std::string name;
  std::optional<int64_t> company_id;
  Reference<Company> company;

  static constexpr auto Mapping() {
    return Table<Employee>(
        PolymorphicOn<&Employee::kind>("employee",
                                       Subclasses<Manager, Engineer>()),
        Column<&Employee::id>(PrimaryKey()), Column<&Employee::kind>(),
        Column<&Employee::name>(),
        Column<&Employee::company_id>(ForeignKey<&Company::id>()),
        Relationship<&Employee::company>(Backref<&Company::employees>()));
  }
};
struct Manager : Employee {
  int64_t budget = 0;
  std::optional<std::string> start_date;

  static constexpr auto Mapping() {
    return Table<Manager>(Inherits<Employee>("manager"),
                          Column<&Manager::budget>(),
                          Column<&Manager::start_date>());
  }
};
struct Engineer : Employee {
  std::string language;
  std::optional<std::string> start_date;

  static constexpr auto Mapping() {
    return Table<Engineer>(Inherits<Employee>("engineer"),
                           Column<&Engineer::language>(),
                           Column<&Engineer::start_date>());
  }
};

// Joined, by a key of their own and by Joined(); one table below that.

struct Mallard;
struct Daisy;
struct Duck {
  int64_t id = 0;
  Bird bird = Bird::kDuck;
  std::string name;

  static constexpr auto Mapping() {
    return Table<Duck>(
        "pond", PolymorphicOn<&Duck::bird>(Bird::kDuck, Subclasses<Mallard>()),
        Column<&Duck::id>(PrimaryKey()), Column<&Duck::bird>(),
        Column<&Duck::name>());
  }
};
struct Mallard : Duck {
  std::string green;
  static constexpr auto Mapping() {
    return Table<Mallard>(Inherits<Duck>(Bird::kMallard),
                          Column<&Mallard::green>());
  }
};
struct Donald : Duck {
  std::string temper;
  static constexpr auto Mapping() {
    return Table<Donald>(
        Inherits<Duck>(Bird::kDonald, Subclasses<Daisy>()),
        Column<&Donald::id>(PrimaryKey(), ForeignKey<&Duck::id>()),
        Column<&Donald::temper>());
  }
};
struct Daisy : Donald {
  std::string bow;
  static constexpr auto Mapping() {
    return Table<Daisy>(Inherits<Donald>(Bird::kDaisy), Column<&Daisy::bow>());
  }
};
struct Scrooge : Duck {
  int64_t coins = 0;
  static constexpr auto Mapping() {
    return Table<Scrooge>(Inherits<Duck>(), Joined(),
                          Column<&Scrooge::coins>());
  }
};

class InheritanceTest : public ::testing::Test {
 protected:
  InheritanceTest()
      : db_(Database::Open({.uri = testing::MemoryUrl()},
                           Models<Daisy, Company, Manager, Employee, Engineer,
                                  Duck, Mallard, Donald, Scrooge>())
                .value()),
        recorder_(db_.engine()) {
    CUPEL_EXPECT_OK(db_.CreateAll());
  }
  Session& Fresh() {
    session_.emplace(db_.NewSession());
    recorder_.Clear();
    return *session_;
  }
  void FillCompany() {
    Company acme{.name = "Acme"};
    acme.employees.Append(Employee{.name = "Eve"});
    acme.employees.Append(Manager{{.name = "Max"}, 100});
    acme.employees.Append(Engineer{{.name = "Eng"}, "C++"});
    session_->Add(std::move(acme));
    CUPEL_ASSERT_OK(session_->Commit());
    Fresh();
  }
  void FillPond() {
    session_->Add(Duck{.name = "Plain"});
    session_->Add(Mallard{{.name = "Male"}, "very"});
    session_->Add(Donald{{.name = "Donald"}, "hot"});
    session_->Add(Daisy{{{.name = "Daisy"}, "cool"}, "pink"});
    CUPEL_ASSERT_OK(session_->Commit());
    Fresh();
  }

  Database db_;
  engine::StatementRecorder recorder_;
  std::optional<Session> session_ = db_.NewSession();
};

// FSA-27
TEST_F(InheritanceTest, NamesTablesByTheirKeys) {
  EXPECT_EQ(&TableOf<Mallard>(), &TableOf<Duck>());
  EXPECT_EQ(TableOf<Duck>().name(), "pond");
  EXPECT_NE(TableOf<Duck>().Find("green"), nullptr);
  EXPECT_TRUE(TableOf<Duck>().Find("green")->nullable());
  EXPECT_EQ(TableOf<Donald>().name(), "donald");
  EXPECT_EQ(&TableOf<Daisy>(), &TableOf<Donald>());
  EXPECT_EQ(TableOf<Scrooge>().name(), "scrooge");
  EXPECT_NE(TableOf<Scrooge>().Find("id"), nullptr);
}

// ORM-30
TEST_F(InheritanceTest, ReadsARowAsItsClass) {
  FillCompany();
  absl::StatusOr<std::vector<Ref<Employee>>> all =
      session_->Query<Employee>().OrderBy(col<&Employee::name>).All();
  CUPEL_ASSERT_OK(all);
  ASSERT_EQ(all->size(), 3);
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
  EXPECT_FALSE((*all)[1].Is<Manager>());
  EXPECT_FALSE((*all)[1].As<Manager>());
  Ref<Manager> max = (*all)[2].As<Manager>();
  ASSERT_TRUE(max);
  EXPECT_EQ(max->budget, 100);
  EXPECT_EQ((*all)[0].As<Engineer>()->language, "C++");
  const Ref<Employee> upcast = max;
  EXPECT_TRUE(upcast == (*all)[2]);
  EXPECT_EQ(recorder_.count(), 1);
}

// ORM-30
TEST_F(InheritanceTest, RestrictsEveryQueryToTheClass) {
  FillCompany();
  Session& session = *session_;
  absl::StatusOr<std::vector<Ref<Manager>>> managers =
      session.Query<Manager>().Filter(col<&Manager::budget> > 5).All();
  CUPEL_ASSERT_OK(managers);
  ASSERT_EQ(managers->size(), 1);
  EXPECT_THAT(recorder_.sql()[0], HasSubstr("employee.kind IN ("));
  EXPECT_EQ(session.Query<Manager>().Count().value(), 1);
  EXPECT_EQ(session.Query<Employee>().Count().value(), 3);
  EXPECT_FALSE(session.Query<Manager>()
                   .FilterBy<&Manager::name>("Eng")
                   .Exists()
                   .value());
  EXPECT_EQ(session.Query<Company>().Join<&Company::managers>().Count().value(),
            1);
  EXPECT_EQ(
      session.Query<Company>()
          .Filter(col<&Company::managers>.Any(col<&Employee::name> == "Eng"))
          .Count()
          .value(),
      0);
  const int64_t engineer = session.Query<Engineer>().One().value()->id;
  EXPECT_FALSE(session.Get<Manager>(engineer).value());
  // The base is filtered by a column of a class below it.
  EXPECT_EQ(session.Query<Employee>()
                .Filter(col<&Engineer::language> == "C++")
                .Count()
                .value(),
            1);
  EXPECT_EQ(
      session.Query<Engineer>().Update(Set<&Employee::name>("Eng II")).value(),
      1);
}

// ORM-37
TEST_F(InheritanceTest, LoadsRelationshipsToBaseAndSubclass) {
  FillCompany();
  for (const Load& load :
       {JoinedLoad<&Company::managers>(), SelectInLoad<&Company::managers>()}) {
    absl::StatusOr<Ref<Company>> acme =
        Fresh().Query<Company>().Options(load).One();
    CUPEL_ASSERT_OK(acme);
    ASSERT_EQ((*acme)->managers.size(), 1);
    EXPECT_EQ((*acme)->managers[0]->budget, 100);
    EXPECT_EQ((*acme)->employees.size(), 3);
  }
  absl::StatusOr<Ref<Manager>> max = Fresh().Query<Manager>().One();
  CUPEL_ASSERT_OK(max);
  EXPECT_EQ((*max)->company->name, "Acme");
  EXPECT_EQ(session_->Query<Company>()
                .Join<&Company::managers>(col<&Manager::budget> > 1000)
                .Count()
                .value(),
            0);
}

// ORM-38
TEST_F(InheritanceTest, SharesAColumnBetweenSiblings) {
  session_->Add(Manager{{.name = "M"}, 1, "monday"});
  session_->Add(Engineer{{.name = "E"}, "C", "friday"});
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(&TableOf<Manager>(), &TableOf<Engineer>());
  EXPECT_EQ(TableOf<Employee>().columns().size(), 7);
  EXPECT_EQ(Fresh().Query<Engineer>().One().value()->start_date, "friday");
  EXPECT_EQ(session_->Query<Manager>().One().value()->start_date, "monday");
}

// ORM-31
TEST_F(InheritanceTest, WritesOneRowForEachTable) {
  recorder_.Clear();
  Ref<Donald> donald = session_->Add(Donald{{.name = "Donald"}, "hot"});
  CUPEL_ASSERT_OK(session_->Commit());
  EXPECT_EQ(recorder_.count(), 2) << recorder_.DebugString();
  EXPECT_EQ(donald->bird, Bird::kDonald);
  recorder_.Clear();
  donald.Edit().temper = "mild";
  CUPEL_ASSERT_OK(session_->Commit());
  ASSERT_EQ(recorder_.count(), 1) << recorder_.DebugString();
  EXPECT_THAT(recorder_.sql()[0], HasSubstr("UPDATE donald"));
  recorder_.Clear();
  CUPEL_ASSERT_OK(session_->Delete(donald));
  CUPEL_ASSERT_OK(session_->Commit());
  ASSERT_EQ(recorder_.count(), 2) << recorder_.DebugString();
  EXPECT_THAT(recorder_.sql()[0], HasSubstr("FROM donald"));
  EXPECT_THAT(recorder_.sql()[1], HasSubstr("FROM pond"));
}

// ORM-33, ORM-34, ORM-35
TEST_F(InheritanceTest, ReadsAHierarchyInOneStatement) {
  FillPond();
  absl::StatusOr<std::vector<Ref<Duck>>> ducks =
      session_->Query<Duck>().OrderBy(col<&Duck::name>).All();
  CUPEL_ASSERT_OK(ducks);
  ASSERT_EQ(ducks->size(), 4);
  EXPECT_TRUE((*ducks)[0].Is<Donald>());
  EXPECT_EQ((*ducks)[0].As<Daisy>()->bow, "pink");
  EXPECT_EQ((*ducks)[1].As<Donald>()->temper, "hot");
  EXPECT_FALSE((*ducks)[1].Is<Daisy>());
  EXPECT_EQ((*ducks)[2].As<Mallard>()->green, "very");
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
  // A column of a joined class in a query of the root.
  EXPECT_EQ(session_->Query<Duck>()
                .Filter(col<&Donald::temper> == "cool")
                .Count()
                .value(),
            1);
  EXPECT_EQ(session_->Query<Donald>()
                .Filter(col<&Donald::name> != "x")
                .OrderBy(col<&Donald::temper>)
                .Limit(5)
                .All()
                .value()
                .size(),
            2);
  EXPECT_EQ(session_->Query<Daisy>().Count().value(), 1);
  EXPECT_EQ(session_->Query<Donald>()
                .FilterBy<&Donald::name>("Daisy")
                .One()
                .value()
                ->temper,
            "cool");
  EXPECT_EQ(session_->Query<Donald>().Delete().status().code(),
            absl::StatusCode::kUnimplemented);
}

// A class without an identity is abstract.
TEST_F(InheritanceTest, RefusesRowsOfAnAbstractClass) {
  session_->Add(Scrooge{{.name = "Scrooge"}, 1});
  EXPECT_EQ(session_->Commit().code(), absl::StatusCode::kFailedPrecondition);
}

struct Unlisted : Employee {
  static constexpr auto Mapping() {
    return Table<Unlisted>(Inherits<Employee>("unlisted"));
  }
};
struct NoRoot {
  int64_t id = 0;
  static constexpr auto Mapping() {
    return Table<NoRoot>(Column<&NoRoot::id>(PrimaryKey()));
  }
};
struct NoRootChild : NoRoot {
  static constexpr auto Mapping() {
    return Table<NoRootChild>(Inherits<NoRoot>("x"), Joined());
  }
};
struct Twin : Duck {
  static constexpr auto Mapping() {
    return Table<Twin>(Inherits<Duck>(Bird::kDonald), Joined());
  }
};

TEST(InheritanceModelsTest, ReportsMistakesWhenOpened) {
  const absl::Status opened =
      Database::Open({.uri = testing::MemoryUrl()},
                     Models<Company, Employee, Manager, Engineer, Unlisted,
                            NoRoot, NoRootChild, Donald>())
          .status();
  const std::string message(opened.message());
  EXPECT_THAT(message, HasSubstr("class Unlisted: its columns are in the "
                                 "table of class Employee"));
  EXPECT_THAT(message, HasSubstr("add PolymorphicOn<&NoRoot::member>()"));
  EXPECT_THAT(message, HasSubstr("class Donald inherits class Duck, which is "
                                 "not listed in Models<>"));
  EXPECT_THAT(
      std::string(Database::Open({.uri = testing::MemoryUrl()},
                                 Models<Duck, Mallard, Donald, Daisy, Twin>())
                      .status()
                      .message()),
      HasSubstr("has the same identity as"));
}

}  // namespace
}  // namespace cupel::orm_test
