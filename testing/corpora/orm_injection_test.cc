// Every hostile text in every place where a program that maps classes puts a
// value: members, keys, filters, patterns, documents; and in the log.

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/orm/orm.h"
#include "cupel/testing/corpora/injection_checks.h"
#include "cupel/testing/hostile_texts.h"
#include "cupel/testing/status_matchers.h"
#include "cupel/testing/temp_database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace cupel::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Item;
struct Shelf {
  std::string id;
  std::string name;
  Collection<Item> items;

  static constexpr auto Mapping() {
    return Table<Shelf>(Column<&Shelf::id>(String(200), PrimaryKey()),
                        Column<&Shelf::name>(Text()));
  }
};

struct Item {
  int64_t id = 0;
  std::string shelf_id;
  Reference<Shelf> shelf;
  std::string name;

  static constexpr auto Mapping() {
    return Table<Item>(
        Column<&Item::id>(PrimaryKey()),
        Column<&Item::shelf_id>(String(200), ForeignKey<&Shelf::id>()),
        Column<&Item::name>(Text()),
        Relationship<&Item::shelf>(
            Backref<&Shelf::items>(OrderBy<&Item::id>())));
  }
};

struct Document {
  int64_t id = 0;
  nlohmann::json body;
  std::vector<std::string> labels;

  static constexpr auto Mapping() {
    return Table<Document>(Column<&Document::id>(PrimaryKey()),
                           Column<&Document::body>(),
                           Column<&Document::labels>());
  }
};

// Stands behind each text, so that it is found wherever the text gets to.
constexpr absl::string_view kMark = "k4n4ry";

class OrmInjectionTest : public ::testing::Test {
 protected:
  using Strings = std::vector<std::string>;

  void SetUp() override {
    DatabaseConfig config;
    config.uri = database_.url();
    config.engine.echo = engine::EchoMode::kDebug;
    config.engine.log = [this](absl::string_view line) {
      log_.emplace_back(line);
    };
    auto opened =
        Database::Open(std::move(config), Models<Shelf, Item, Document>());
    CUPEL_ASSERT_OK(opened);
    db_ = *std::move(opened);
    CUPEL_ASSERT_OK(db_->CreateAll());
    Session session = db_->NewSession();
    for (const char* name : {"red", "blue"}) {
      session.Add(Shelf{.id = name, .name = name});
    }
    session.Add(Document{.body = {{"other", "x"}}});
    CUPEL_ASSERT_OK(session.Commit());
    recorder_.emplace(db_->engine());
    // The first time statements are prepared, and their plans made.
    CUPEL_ASSERT_OK(KeepShelf("first"));
    CUPEL_ASSERT_OK(KeepDocument("first"));
  }

  void Leak(absl::string_view place, absl::string_view text,
            absl::string_view what) {
    leaks_.push_back(absl::StrCat(
        place, ": ", absl::CHexEscape(text.substr(0, 60)), ": ", what));
  }
  void Expect(bool holds, absl::string_view place, absl::string_view text) {
    ++cases_;
    if (!holds) Leak(place, text, "another value, or another row");
  }

  static bool IsOnly(const absl::StatusOr<std::vector<Ref<Shelf>>>& found,
                     const std::string& id) {
    return found.ok() && found->size() == 1 && (*found)[0]->id == id;
  }

  // A shelf with this text as its key and name, from its birth to its end.
  absl::Status KeepShelf(const std::string& text) {
    const std::string name = absl::StrCat(text, kMark);
    const std::string id =
        text.size() > 150 ? absl::StrCat("long", kMark) : name;
    CUPEL_RETURN_IF_ERROR(AddShelf(id, name));
    CUPEL_RETURN_IF_ERROR(FollowLinks(id, text, name));
    CUPEL_RETURN_IF_ERROR(FindShelf(id, text, name));
    return EndShelf(id, text, name);
  }

  absl::Status AddShelf(const std::string& id, const std::string& name) {
    Session session = db_->NewSession();
    Shelf shelf{.id = id, .name = name};
    shelf.items.Append(Item{.name = name});
    shelf.items.Append(Item{.name = "other"});
    session.Add(std::move(shelf));
    return session.Commit();
  }

  absl::Status FollowLinks(const std::string& id, const std::string& text,
                           const std::string& name) {
    Session session = db_->NewSession();
    CUPEL_ASSIGN_OR_RETURN(Ref<Shelf> shelf, session.Get<Shelf>(id));
    Expect(shelf && shelf->id == id && shelf->name == name, "key", text);
    if (!shelf) return absl::OkStatus();
    Strings names;
    for (const Item& item : shelf->items) names.push_back(item.name);
    Expect(names == Strings{name, "other"}, "key of lazy loading", text);

    Session other = db_->NewSession();
    CUPEL_ASSIGN_OR_RETURN(
        std::vector<Ref<Item>> items,
        other.Query<Item>().template FilterBy<&Item::name>(name).All());
    Expect(items.size() == 1 && items[0]->shelf->id == id, "key of a reference",
           text);
    Session third = db_->NewSession();
    CUPEL_ASSIGN_OR_RETURN(std::vector<Ref<Shelf>> loaded,
                           third.Query<Shelf>()
                               .Options(SelectInLoad<&Shelf::items>())
                               .Filter(col<&Shelf::id> == id)
                               .All());
    Expect(loaded.size() == 1 && loaded[0]->items.size() == 2,
           "keys of eager loading", text);
    return absl::OkStatus();
  }

  absl::Status FindShelf(const std::string& id, const std::string& text,
                         const std::string& name) {
    Session session = db_->NewSession();
    const auto query = session.Query<Shelf>();
    const auto& column = col<&Shelf::name>;
    Expect(IsOnly(query.Filter(column == name).All(), id), "filter", text);
    Expect(IsOnly(query.Filter(column.In({name, std::string("x")})).All(), id),
           "IN", text);
    Expect(IsOnly(session.Query<Shelf>()
                      .Join<&Shelf::items>()
                      .Filter(col<&Item::name> == name)
                      .All(),
                  id),
           "filter of a join", text);
    CUPEL_ASSIGN_OR_RETURN(const std::vector<Ref<Shelf>> others,
                           query.Filter(column != name).OrderBy(column).All());
    Expect(others.size() == 2, "filter by inequality", text);
    if (text.empty() || text.size() > kLongPattern ||
        absl::StrContains(text, '\0')) {
      return absl::OkStatus();
    }
    Expect(IsOnly(query.Filter(column.Contains(name)).All(), id), "Contains",
           text);
    Expect(IsOnly(query.Filter(column.StartsWith(text)).All(), id) ||
               absl::StartsWith("red", text) || absl::StartsWith("blue", text),
           "StartsWith", text);
    Expect(IsOnly(query.Filter(column.EndsWith(name)).All(), id), "EndsWith",
           text);
    return absl::OkStatus();
  }

  absl::Status EndShelf(const std::string& id, const std::string& text,
                        const std::string& name) {
    Session session = db_->NewSession();
    CUPEL_ASSIGN_OR_RETURN(
        Ref<Shelf> shelf,
        session.Query<Shelf>().template FilterBy<&Shelf::id>(id).One());
    shelf.Edit().name = absl::StrCat(name, "2");
    CUPEL_RETURN_IF_ERROR(session.Flush());
    CUPEL_RETURN_IF_ERROR(session.Refresh(shelf));
    Expect(shelf->name == absl::StrCat(name, "2"), "changed member", text);
    // What a server says of the row that was there first is no message.
    {
      Session second = db_->NewSession();
      CUPEL_RETURN_IF_ERROR(session.Commit());
      second.Add(Shelf{.id = id, .name = name});
      const absl::Status clash = second.Commit();
      Expect(absl::IsAlreadyExists(clash) &&
                 !absl::StrContains(clash.message(), kMark),
             "text of an error", text);
    }
    for (const Ref<Item>& item :
         session.Query<Item>().All().value_or(std::vector<Ref<Item>>())) {
      CUPEL_RETURN_IF_ERROR(session.Delete(item));
    }
    CUPEL_RETURN_IF_ERROR(session.Delete(shelf));
    return session.Commit();
  }

  // A document with this text as the name of a member, as its value, and as an
  // element of an array.
  absl::Status KeepDocument(const std::string& text) {
    const std::string value = absl::StrCat(text, kMark);
    Session session = db_->NewSession();
    const Document document = {.body = {{text, value}},
                               .labels = {text, "between", value}};
    const Ref<Document> added = session.Add(document);
    CUPEL_RETURN_IF_ERROR(session.Flush());
    CUPEL_RETURN_IF_ERROR(session.Expunge(added));
    CUPEL_ASSIGN_OR_RETURN(
        const std::vector<Ref<Document>> found,
        session.Query<Document>()
            .Filter(col<&Document::body>[absl::string_view(text)].AsText() ==
                    value)
            .All());
    Expect(found.size() == 1 && found[0]->body == document.body,
           "member of a document", text);
    Expect(found.size() == 1 && found[0]->labels == document.labels,
           "element of an array", text);
    return session.Rollback();
  }

  // Only what was there before.
  void ExpectUntouched(const std::string& text) {
    Session session = db_->NewSession();
    Strings ids;
    for (const Ref<Shelf>& shelf : session.Query<Shelf>()
                                       .OrderBy(col<&Shelf::id>)
                                       .All()
                                       .value_or(std::vector<Ref<Shelf>>())) {
      ids.push_back(shelf->id);
    }
    if (ids != Strings{"blue", "red"}) {
      Leak("rows", text, absl::StrJoin(ids, ", "));
    }
    for (const auto& left :
         {session.Query<Item>().Count(), session.Query<Document>().Count()}) {
      if (left.value_or(-1) > 1) Leak("rows", text, "are left");
    }
  }

  // No value, and no line that the text has forged.
  void ExpectQuiet(const std::string& text) {
    for (const std::string& line : log_) {
      if (absl::StrContains(line, kMark)) Leak("log", text, line);
      if (absl::c_any_of(line, absl::ascii_iscntrl)) {
        Leak("line of the log", text, absl::CHexEscape(line));
      }
    }
    log_.clear();
    if (absl::StrContains(recorder_->DebugString(), kMark)) {
      Leak("recorder", text, recorder_->DebugString());
    }
  }

  TempDatabase database_;
  std::optional<Database> db_;
  std::optional<engine::StatementRecorder> recorder_;
  Strings log_;
  Strings leaks_;
  int64_t cases_ = 0;
};

// G13, S9
TEST_F(OrmInjectionTest, OfMembersKeysFiltersAndDocuments) {
  recorder_->Clear();
  CUPEL_ASSERT_OK(KeepShelf("harmless"));
  const Strings harmless = recorder_->sql();
  EXPECT_FALSE(log_.empty());
  for (const std::string& text : HostileTexts()) {
    recorder_->Clear();
    absl::Status status = KeepShelf(text);
    if (!status.ok() &&
        (IsValue(db_->engine().dialect(), text) || !IsRefusal(status))) {
      Leak("shelf", text, status.ToString());
    }
    // Not every text can be a pattern: then its statements are not there.
    const Strings sql = recorder_->sql();
    for (const std::string& statement : sql) {
      if (!absl::c_linear_search(harmless, statement)) {
        Leak("statement", text, statement);
      }
    }
    status = KeepDocument(text);
    if (!status.ok() && !IsRefusal(status)) {
      Leak("document", text, status.ToString());
    }
    ExpectUntouched(text);
    ExpectQuiet(text);
  }
  std::cout << HostileTexts().size() << " texts, " << cases_ << " cases\n";
  EXPECT_EQ(absl::StrJoin(leaks_, "\n"), "");
  EXPECT_GT(cases_, static_cast<int64_t>(10 * HostileTexts().size()));
}

// Asked for, values are shown: what is quiet above could speak.
TEST_F(OrmInjectionTest, TheLogShowsValuesWhenAsked) {
  DatabaseConfig config;
  config.uri = database_.url();
  config.engine.echo = engine::EchoMode::kStatements;
  config.engine.hide_parameters = false;
  Strings log;
  config.engine.log = [&](absl::string_view line) { log.emplace_back(line); };
  CUPEL_ASSERT_OK_AND_ASSIGN(
      Database db,
      Database::Open(std::move(config), Models<Shelf, Item, Document>()));
  CUPEL_ASSERT_OK(
      db.NewSession()
          .Query<Shelf>()
          .Filter(col<&Shelf::name> == absl::StrCat("a\nb\x1b[2K", kMark))
          .All());
  EXPECT_THAT(log, Contains(HasSubstr(absl::StrCat("a\\nb\\u{1b}[2K", kMark))));
}

}  // namespace
}  // namespace cupel::testing
