// Relationships of uncommon shapes: a class linked to itself by a secondary
// table, and foreign keys of several columns.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cupel/engine/engine.h"
#include "cupel/schema/schema.h"
#include "cupel/session/session_fixture.h"
#include "cupel/session/test_mapping.h"
#include "cupel/testing/plain_placeholders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel::session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Person {
  int64_t id = 0;
  std::string name;
  ToManyLink follows;
  ToManyLink followers;
};
struct Flight {
  std::string carrier;
  int64_t number = 0;
  std::string gate;
  ToManyLink tickets;
};
struct Ticket {
  int64_t id = 0;
  std::optional<std::string> carrier;
  std::optional<int64_t> number;
  std::string passenger;
  ToOneLink flight;
};

schema::TableBuilder FollowsTable() {
  return schema::TableBuilder("follows")
      .Column(Refers(Key(Integer("follower_id")), "people"))
      .Column(Refers(Key(Integer("followed_id")), "people"));
}

struct Model : public TestMapping {
  Model() {
    const Table people = Add(Keyed("people").Column(Text("name")));
    const Table follows = Add(FollowsTable());
    Add<Person>({.name = "Person",
                 .properties = {MEMBER(Person, id, people),
                                MEMBER(Person, name, people)}},
                people);
    RelationshipSpec forth =
        LINK(Person, follows, Person, kManyToMany, "followers");
    forth.secondary = follows.get();
    Add(forth);
    RelationshipSpec back =
        LINK(Person, followers, Person, kManyToMany, "follows");
    back.secondary = follows.get();
    Add(back);

    const Table flights = Add(schema::TableBuilder("flights")
                                  .Column(Key(Text("carrier")))
                                  .Column(Key(Integer("number")))
                                  .Column(Text("gate")));
    schema::ForeignKeyOptions key;
    key.columns = {"carrier", "number"};
    key.referred_table = schema::TableReference("flights");
    key.referred_columns = {"carrier", "number"};
    key.on_update = schema::ForeignKeyAction::kCascade;
    const Table tickets = Add(Keyed("tickets")
                                  .Column(Text("carrier", true))
                                  .Column(Integer("number", true))
                                  .Column(Text("passenger"))
                                  .ForeignKey(key));
    Add<Flight>({.name = "Flight",
                 .properties = {MEMBER(Flight, carrier, flights),
                                MEMBER(Flight, number, flights),
                                MEMBER(Flight, gate, flights)}},
                flights);
    Add<Ticket>({.name = "Ticket",
                 .properties = {MEMBER(Ticket, id, tickets),
                                MEMBER(Ticket, carrier, tickets),
                                MEMBER(Ticket, number, tickets),
                                MEMBER(Ticket, passenger, tickets)}},
                tickets);
    Add(LINK(Flight, tickets, Ticket, kOneToMany, "flight"));
    Add(LINK(Ticket, flight, Flight, kManyToOne, "tickets"));
    Build();
  }
};

const Model& TheModel() {
  static const Model* const model = new Model;
  return *model;
}

class RelationshipsTest : public SessionFixture {
 protected:
  RelationshipsTest() : SessionFixture(TheModel()) {}

  EntityRef AddPerson(std::string name) {
    return Add(person_, Person{.name = std::move(name)});
  }
  static std::vector<std::string> Names(const ToManyLink& link) {
    EXPECT_THAT(link.Load(), IsOk());
    std::vector<std::string> names;
    for (const EntityState* state : link.targets()) {
      names.push_back(static_cast<const Person*>(state->object())->name);
    }
    return names;
  }
  EntityRef PersonNamed(const std::string& name) {
    for (const EntityRef& person : All(person_)) {
      if (As<Person>(person).name == name) return person;
    }
    return EntityRef();
  }
  EntityRef FindFlight(std::string carrier, int64_t number) {
    const std::vector<engine::ValueView> key = {
        engine::ValueView::Text(carrier), engine::ValueView::Int64(number)};
    return session_->Get(flight_, key).value();
  }
  // Two flights of one carrier, one of another; two tickets, one, none.
  void FillFlights() {
    Flight first{.carrier = "LH", .number = 1, .gate = "A"};
    first.tickets.Append(Make(Ticket{.passenger = "Eve"}));
    first.tickets.Append(Make(Ticket{.passenger = "Max"}));
    Flight second{.carrier = "LH", .number = 2, .gate = "B"};
    second.tickets.Append(Make(Ticket{.passenger = "Ann"}));
    Add(flight_, std::move(first));
    Add(flight_, std::move(second));
    Add(flight_, Flight{.carrier = "BA", .number = 1, .gate = "C"});
    ASSERT_THAT(session_->Commit(), IsOk());
    Reopen();
    recorder_.Clear();
  }

  const EntityType& person_ = *TheModel().Type("Person");
  const EntityType& flight_ = *TheModel().Type("Flight");
  const EntityType& ticket_ = *TheModel().Type("Ticket");
  engine::StatementRecorder recorder_{engine_};
};

// ---- A class linked to itself

// ORM-44
TEST_F(RelationshipsTest, LinksAClassToItself) {
  EntityRef a = AddPerson("a");
  EntityRef b = AddPerson("b");
  EntityRef c = AddPerson("c");
  Edit<Person>(a).follows.Append(b);
  Edit<Person>(a).follows.Append(c);
  Edit<Person>(c).followers.Append(b);
  EXPECT_THAT(Names(As<Person>(b).follows), ElementsAre("c"));
  EXPECT_THAT(Names(As<Person>(c).followers), UnorderedElementsAre("a", "b"));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM follows"), 3);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM follows JOIN people ON id = "
                   "follower_id WHERE name = 'a'"),
            2);
  Reopen();
  EXPECT_THAT(Names(As<Person>(PersonNamed("a")).follows),
              UnorderedElementsAre("b", "c"));
  EXPECT_THAT(Names(As<Person>(PersonNamed("a")).followers), IsEmpty());
  EXPECT_THAT(Names(As<Person>(PersonNamed("c")).followers),
              UnorderedElementsAre("a", "b"));
}

// ORM-44
TEST_F(RelationshipsTest, LoadsAClassLinkedToItselfEagerly) {
  EntityRef a = AddPerson("a");
  EntityRef b = AddPerson("b");
  Edit<Person>(a).follows.Append(b);
  Edit<Person>(b).follows.Append(b);
  ASSERT_THAT(session_->Commit(), IsOk());
  const Relationship& follows = *person_.FindRelationship("follows");
  const Relationship& followers = *person_.FindRelationship("followers");
  for (LoadStrategy strategy : {LoadStrategy::kJoined, LoadStrategy::kSelectIn,
                                LoadStrategy::kSubquery}) {
    Reopen();
    const std::vector<EntityRef> people =
        All(person_, {LoadOption::Load({&follows}, strategy),
                      LoadOption::Load({&followers}, strategy)});
    recorder_.Clear();
    EXPECT_THAT(Names(As<Person>(people[0]).follows), ElementsAre("b"));
    EXPECT_THAT(Names(As<Person>(people[1]).follows), ElementsAre("b"));
    EXPECT_THAT(Names(As<Person>(people[1]).followers),
                UnorderedElementsAre("a", "b"));
    EXPECT_EQ(recorder_.count(), 0) << recorder_.DebugString();
  }
}

// ORM-44
TEST_F(RelationshipsTest, UnlinksAClassFromItself) {
  EntityRef a = AddPerson("a");
  EntityRef b = AddPerson("b");
  Edit<Person>(a).follows.Append(b);
  Edit<Person>(b).follows.Append(a);
  Edit<Person>(b).follows.Append(b);
  ASSERT_THAT(session_->Commit(), IsOk());
  Edit<Person>(a).followers.Remove(*b.state());
  EXPECT_THAT(Names(As<Person>(b).follows), ElementsAre("b"));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM follows"), 2);
  // What goes leaves no link, neither as source nor as target.
  ASSERT_THAT(session_->Delete(b), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM follows"), 0);
  EXPECT_THAT(Names(As<Person>(a).follows), IsEmpty());
}

// Only the other end says which key is which: this one is its mirror.
TEST_F(RelationshipsTest, MirrorsTheKeysOfTheOtherEnd) {
  TestMapping mapping;
  const Table people = mapping.Add(Keyed("people").Column(Text("name")));
  const Table follows = mapping.Add(FollowsTable());
  mapping.Add<Person>({.name = "Person",
                       .properties = {MEMBER(Person, id, people),
                                      MEMBER(Person, name, people)}},
                      people);
  RelationshipSpec forth =
      LINK(Person, follows, Person, kManyToMany, "followers");
  forth.secondary = follows.get();
  mapping.Add(forth);
  RelationshipSpec back =
      LINK(Person, followers, Person, kManyToMany, "follows");
  back.secondary = follows.get();
  back.secondary_source = {follows->FindByName("follower_id")};
  back.secondary_target = {follows->FindByName("followed_id")};
  mapping.Add(back);
  mapping.Build();
  const Relationship& mirrored =
      *mapping.Type("Person")->FindRelationship("follows");
  EXPECT_EQ(mirrored.source_pairs[0].column->name(), "followed_id");
  EXPECT_EQ(mirrored.target_pairs[0].column->name(), "follower_id");
}

// ---- Keys of several columns

// ORM-47
TEST_F(RelationshipsTest, KeysOfSeveralColumnsFlowFromParentToChild) {
  EntityRef flight = Make(Flight{.carrier = "LH", .number = 7, .gate = "A"});
  EntityRef ticket =
      Add(ticket_, Ticket{.passenger = "Eve", .flight = ToOneLink(flight)});
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(recorder_.sql(), ElementsAre(HasSubstr("INSERT INTO flights"),
                                           HasSubstr("INSERT INTO tickets")));
  EXPECT_EQ(As<Ticket>(ticket).carrier, "LH");
  EXPECT_EQ(As<Ticket>(ticket).number, 7);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE carrier = 'LH' AND "
                   "number = 7"),
            1);
}

// ORM-47
TEST_F(RelationshipsTest, LoadsByKeysOfSeveralColumns) {
  FillFlights();
  std::vector<EntityRef> tickets = All(ticket_);
  ASSERT_EQ(tickets.size(), 3u);
  EntityRef flight = FindFlight("LH", 1);
  recorder_.Clear();
  // By the identity map alone.
  ASSERT_THAT(As<Ticket>(tickets[0]).flight.Load(), IsOk());
  EXPECT_EQ(As<Ticket>(tickets[0]).flight.target(), flight.state());
  EXPECT_EQ(recorder_.count(), 0) << recorder_.DebugString();
  ASSERT_THAT(As<Ticket>(tickets[2]).flight.Load(), IsOk());
  EXPECT_EQ(static_cast<const Flight*>(
                As<Ticket>(tickets[2]).flight.target()->object())
                ->gate,
            "B");
  EXPECT_EQ(recorder_.count(), 1) << recorder_.DebugString();
  for (LoadStrategy strategy : {LoadStrategy::kJoined, LoadStrategy::kSelectIn,
                                LoadStrategy::kSubquery}) {
    Reopen();
    std::vector<size_t> counts;
    for (const EntityRef& each :
         All(flight_, {LoadOption::Load({flight_.FindRelationship("tickets")},
                                        strategy)})) {
      counts.push_back(As<Flight>(each).tickets.targets().size());
    }
    // By primary key: BA 1, LH 1, LH 2.
    EXPECT_THAT(counts, ElementsAre(0, 2, 1));
  }
}

// ORM-47
TEST_F(RelationshipsTest, AKeyThatIsPartlyNullLinksToNothing) {
  Sql("INSERT INTO tickets VALUES (1, 'LH', NULL, 'Eve')");
  EntityRef ticket = Get(ticket_, 1);
  recorder_.Clear();
  ASSERT_THAT(As<Ticket>(ticket).flight.Load(), IsOk());
  EXPECT_EQ(As<Ticket>(ticket).flight.target(), nullptr);
  EXPECT_EQ(recorder_.count(), 0) << recorder_.DebugString();
}

// ORM-47
TEST_F(RelationshipsTest, ChangesKeysOfSeveralColumns) {
  FillFlights();
  EntityRef eve = Get(ticket_, 1);
  EntityRef max = Get(ticket_, 2);
  Edit<Ticket>(eve).flight.Set(FindFlight("BA", 1));
  Edit<Ticket>(max).flight.Set(EntityRef());
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(As<Ticket>(eve).carrier, "BA");
  EXPECT_EQ(As<Ticket>(max).carrier, std::nullopt);
  EXPECT_EQ(As<Ticket>(max).number, std::nullopt);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE carrier = 'BA' AND "
                   "number = 1"),
            1);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE carrier IS NULL AND "
                   "number IS NULL"),
            1);
}

// ORM-47
TEST_F(RelationshipsTest, DeletingAParentEmptiesKeysOfSeveralColumns) {
  FillFlights();
  EntityRef eve = Get(ticket_, 1);
  ASSERT_THAT(session_->Delete(FindFlight("LH", 1)), IsOk());
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(As<Ticket>(eve).carrier, std::nullopt);
  EXPECT_EQ(As<Ticket>(eve).number, std::nullopt);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE carrier IS NULL AND "
                   "number IS NULL"),
            2);
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE number = 2"), 1);
}

// SES-41
TEST_F(RelationshipsTest, ChangesOneColumnOfAKey) {
  FillFlights();
  EntityRef flight = FindFlight("LH", 2);
  Edit<Flight>(flight).number = 22;
  recorder_.Clear();
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre(HasSubstr("UPDATE flights SET number = ? WHERE "
                                    "carrier = ? AND number = ?")));
  EXPECT_EQ(FindFlight("LH", 22), flight);
  EXPECT_FALSE(FindFlight("LH", 2));
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM tickets WHERE number = 22"), 1);
}

}  // namespace
}  // namespace cupel::session
