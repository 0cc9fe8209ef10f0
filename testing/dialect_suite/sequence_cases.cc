// Sequences, exclusion constraints, and what one dialect alone is told.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cupel/engine/engine.h"
#include "cupel/orm/orm.h"
#include "cupel/query/query.h"
#include "cupel/schema/schema.h"
#include "cupel/testing/dialect_suite/dialect_test.h"
#include "cupel/testing/dialect_suite/subject.h"

namespace cupel::dialect_suite {

struct Invoice {
  int64_t id = 0;
  std::string customer;
  std::optional<int64_t> number;

  static constexpr auto Mapping() {
    return Table<Invoice>(
        Column<&Invoice::id>(
            PrimaryKey(),
            FromSequence("Invoice_no", {.start = 1000, .increment = 10})),
        Column<&Invoice::customer>(String(40)),
        Column<&Invoice::number>(FromSequence("paper_no", {.start = 7})));
  }
};

namespace {

using engine::ErrorKind;
using query::TypedSelect;
using schema::Sequence;
using schema::SqlFragment;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SequenceTest : public DialectTest {
 protected:
  absl::StatusOr<std::vector<std::string>> Names() {
    return schema::Inspector(connection()).SequenceNames();
  }
  // Where there are none.
  void ExpectRefusal();
  // "ticket" (id from a sequence, n), and a sequence that no column names.
  void Define(schema::MetaData* metadata) {
    CUPEL_ASSERT_OK(metadata->Add(
        *schema::TableBuilder("ticket")
             .Column({.name = "id",
                      .type = engine::BigInteger(),
                      .primary_key = true,
                      .sequence = Sequence{.name = "ticket_no", .start = 50}})
             .Column({.name = "n", .type = engine::Integer()})
             .Build()));
    CUPEL_ASSERT_OK(metadata->AddSequence(
        {.name = "Own one", .start = 10, .increment = 5, .cache = 1}));
  }
};

void SequenceTest::ExpectRefusal() {
  const Sequence sequence = {.name = "ticket_no"};
  const schema::DdlCompiler compiler(dialect());
  EXPECT_THAT(compiler.CreateSequence(sequence), IsRefused());
  EXPECT_THAT(compiler.CreateSequence(sequence).status().message(),
              HasSubstr("has no sequences: sequence \"ticket_no\""));
  EXPECT_THAT(compiler.DropSequence(sequence), IsRefused());
  EXPECT_THAT(Scalar(query::TypedSelect(query::NextValue(sequence))),
              IsRefused());
  schema::MetaData metadata;
  ASSERT_NO_FATAL_FAILURE(Define(&metadata));
  EXPECT_THAT(metadata.CreateAll(connection()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("has no sequences")));
  EXPECT_THAT(Names(), IsOkAndHolds(IsEmpty()));
}

// SCH-25
TEST_F(SequenceTest, IsCreatedOnceAndDropped) {
  if (!can().sequences) return ExpectRefusal();
  schema::MetaData metadata;
  ASSERT_NO_FATAL_FAILURE(Define(&metadata));
  schema::DdlReport report;
  CUPEL_ASSERT_OK(metadata.CreateAll(connection(), {.report = &report}));
  EXPECT_THAT(report.created_sequences, ElementsAre("Own one", "ticket_no"));
  EXPECT_THAT(Names(), IsOkAndHolds(ElementsAre("Own one", "ticket_no")));
  schema::Inspector inspector(connection());
  EXPECT_THAT(inspector.TableNames(), IsOkAndHolds(ElementsAre("ticket")));
  CUPEL_ASSERT_OK(metadata.CreateAll(connection(), {.report = &report}));
  EXPECT_THAT(report.created_sequences, IsEmpty());
  CUPEL_ASSERT_OK(metadata.DropAll(
      connection(), {.tables = {metadata.Find("ticket")}, .report = &report}));
  EXPECT_THAT(report.dropped_sequences, ElementsAre("ticket_no"));
  CUPEL_ASSERT_OK(metadata.DropAll(connection(), {.report = &report}));
  EXPECT_THAT(report.dropped_sequences, ElementsAre("Own one"));
  EXPECT_THAT(Names(), IsOkAndHolds(IsEmpty()));
  CUPEL_EXPECT_OK(connection().Commit());
}
TEST_F(SequenceTest, CountsInQueriesAndAsADefault) {
  CUPEL_SUITE_NEEDS(can().sequences, "sequences");
  schema::MetaData metadata;
  ASSERT_NO_FATAL_FAILURE(Define(&metadata));
  CUPEL_ASSERT_OK(metadata.CreateAll(connection()));
  const auto next = TypedSelect(query::NextValue({.name = "Own one"}));
  EXPECT_THAT(Scalar(next), IsOkAndHolds(10));
  EXPECT_THAT(Scalar(next), IsOkAndHolds(15));

  const schema::Table& ticket = *metadata.Find("ticket");
  const auto id = Col<int64_t>(ticket, "id");
  const auto n = Col<std::optional<int64_t>>(ticket, "n");
  CUPEL_ASSERT_OK(Execute(query::Insert(ticket).Set(n, 1)));
  CUPEL_ASSERT_OK(Execute(query::Insert(ticket).Set(id, 9).Set(
      n, query::NextValue({.name = "Own one"}))));
  EXPECT_THAT(Scalars(query::TypedSelect(id).OrderBy(id)),
              IsOkAndHolds(ElementsAre(9, 50)));
  EXPECT_THAT(Scalar(TypedSelect(n).Where(id == 9)), IsOkAndHolds(20));
  if (can().returning) {
    EXPECT_THAT(Scalar(query::Insert(ticket).Set(n, 2).Returning(id)),
                IsOkAndHolds(51));
  }
  CUPEL_ASSERT_OK(connection().Commit());
  CUPEL_EXPECT_OK(metadata.DropAll(connection()));
  CUPEL_EXPECT_OK(connection().Commit());
}
TEST_F(SequenceTest, GivesSessionsTheirKeys) {
  CUPEL_SUITE_NEEDS(can().sequences, "sequences");
  CUPEL_ASSERT_OK_AND_ASSIGN(engine::EngineOptions options,
                             Subject::Get().Options());
  DatabaseConfig config;
  config.uri = options.uri;
  config.engine = std::move(options);
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database database, Database::Open(std::move(config), Models<Invoice>()));
  CUPEL_ASSERT_OK(database.CreateAll());
  {
    Session session = database.NewSession();
    std::vector<Ref<Invoice>> invoices;
    for (int i = 0; i < 120; ++i) {
      invoices.push_back(
          session.Add(Invoice{.customer = absl::StrCat("c", i)}));
    }
    Ref<Invoice> given =
        session.Add(Invoice{.id = 3, .customer = "given", .number = 5});
    CUPEL_ASSERT_OK(session.Commit());
    EXPECT_EQ(given->id, 3);
    EXPECT_EQ(given->number, 5);
    EXPECT_EQ(invoices[0]->id, 1000);
    EXPECT_EQ(invoices[0]->number, 7);
    EXPECT_EQ(invoices[119]->id, 2190);
    Session fresh = database.NewSession();
    for (int i = 0; i < 120; ++i) {
      CUPEL_ASSERT_OK_AND_ASSIGN(Ref<Invoice> found,
                                 fresh.Get<Invoice>(invoices[i]->id));
      ASSERT_TRUE(found);
      ASSERT_EQ(found->customer, absl::StrCat("c", i));
      ASSERT_EQ(found->number, invoices[i]->number);
    }
  }
  CUPEL_EXPECT_OK(database.DropAll());
  EXPECT_THAT(Names(), IsOkAndHolds(IsEmpty()));
}

using ExcludeTest = DialectTest;

// SCH-29
TEST_F(ExcludeTest, RefusesASecondRow) {
  const schema::TableBuilder builder =
      Keyed("booking")
          .Column({.name = "room", .type = engine::Integer()})
          .Exclude({.name = "ex_room",
                    .parts = {{.column = "room", .op = "="}},
                    .where = SqlFragment::Text("room > 0")});
  if (!can().exclude_constraints) {
    EXPECT_THAT(
        schema::DdlCompiler(dialect()).CreateTable(**builder.Build()).status(),
        StatusIs(absl::StatusCode::kUnimplemented,
                 HasSubstr("has no exclude constraints")));
    EXPECT_THAT(TryCreate(builder),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("has no exclude constraints")));
    return;
  }
  const schema::Table& table = Create(builder);
  const auto room = Col<int64_t>(table, "room");
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(room, 1)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(room, 0)));
  CUPEL_ASSERT_OK(Execute(query::Insert(table).Set(room, 0)));
  CUPEL_ASSERT_OK(connection().Commit());
  EXPECT_THAT(Execute(query::Insert(table).Set(room, 1)),
              IsKind(ErrorKind::kExclusionViolation));
  CUPEL_ASSERT_OK(connection().Rollback());
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto found,
                             inspector.ReflectTable("booking"));
  ASSERT_EQ(found->excludes().size(), 1u);
  const schema::Exclude& exclude = found->excludes()[0];
  EXPECT_EQ(exclude.name(), "ex_room");
  ASSERT_EQ(exclude.columns().size(), 1u);
  EXPECT_EQ(exclude.columns()[0]->name(), "room");
  EXPECT_EQ(exclude.options().parts[0].op, "=");
  EXPECT_FALSE(exclude.options().where.empty());
}

using DialectOptionTest = DialectTest;

// SCH-14
TEST_F(DialectOptionTest, AVariantIsDeclaredOnItsDialectOnly) {
  Create(Keyed("t")
             .Column({.name = "here",
                      .type = engine::BigInteger(),
                      .variants = {{dialect().name(), engine::SmallInteger()}}})
             .Column({.name = "elsewhere",
                      .type = engine::BigInteger(),
                      .variants = {{"elsewhere", engine::SmallInteger()}}}));
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("t"));
  EXPECT_EQ(found->columns[1].type, engine::SmallInteger());
  EXPECT_EQ(found->columns[2].type, engine::BigInteger());
}

// ENG-13: a database would refuse the words of the others.
TEST_F(DialectOptionTest, OthersAreNotTold) {
  const SqlFragment positive =
      can().partial_indexes ? SqlFragment::Text("n > 0") : SqlFragment();
  const schema::Table& table = Create(
      Keyed("t")
          .Column({.name = "n", .type = engine::Integer()})
          .Option("mariadb", "ENGINE", "Aria")
          .Option("postgresql", "WITH", "(fillfactor = 70)")
          .Option("sqlite", "WITHOUT ROWID")
          .Index(
              {.name = "ix_n",
               .parts = {{.column = "n"}},
               .variants = {{.dialect = "mariadb", .options = "COMMENT 'of n'"},
                            {.dialect = "postgresql",
                             .where = positive,
                             .options = "WITH (fillfactor = 70)"},
                            {.dialect = "sqlite", .where = positive}}}));
  CUPEL_EXPECT_OK(Execute(query::Insert(table)
                              .Set(Col<int64_t>(table, "id"), 1)
                              .Set(Col<int64_t>(table, "n"), 1)));
  schema::Inspector inspector(connection());
  CUPEL_ASSERT_OK_AND_ASSIGN(const auto* found, inspector.Describe("t"));
  ASSERT_EQ(found->indexes.size(), 1u);
  EXPECT_EQ(found->indexes[0].where.empty(), !can().partial_indexes);
}

}  // namespace
}  // namespace cupel::dialect_suite
