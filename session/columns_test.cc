// Columns of members that are more than a value: deferred ones that know
// whether they are loaded, and ones that change inside.

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "cupel/engine/engine.h"
#include "cupel/engine/json.h"
#include "cupel/schema/schema.h"
#include "cupel/session/session_fixture.h"
#include "cupel/session/test_mapping.h"
#include "cupel/testing/plain_placeholders.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace cupel {
namespace session {
namespace {

// As the layer above has it.
struct LateText : public ColumnSlot {
  LateText() = default;
  LateText(const char* value) : text(value) { MarkLoaded(); }  // NOLINT
  friend bool operator==(const LateText& a, const LateText& b) {
    return a.is_loaded() == b.is_loaded() && a.text == b.text;
  }

  std::string text;
};

}  // namespace
}  // namespace session

template <>
struct TypeTraits<session::LateText> {
  static constexpr engine::Type SqlType() { return engine::Text(); }
  static absl::Status Bind(const session::LateText& value,
                           engine::BoundValue* out) {
    return engine::TypeOpsOf<std::string>().bind(&value.text, out);
  }
  static absl::Status Read(const engine::ValueView& cell,
                           session::LateText* out) {
    out->MarkLoaded();
    return engine::TypeOpsOf<std::string>().read(cell, &out->text);
  }
};

namespace session {
namespace {

using ::cupel::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Document {
  int64_t id = 0;
  std::string title;
  LateText body;
  nlohmann::json payload;
};

struct Model : public TestMapping {
  Model() {
    const Table documents =
        Add(Keyed("documents")
                .Column(Text("title"))
                .Column(Text("body"))
                .Column({.name = "payload", .type = engine::JsonType()}));
    Property body = MEMBER(Document, body, documents);
    body.deferred = true;
    body.slot_offset = static_cast<ptrdiff_t>(offsetof(Document, body));
    Add<Document>({.name = "Document",
                   .properties = {MEMBER(Document, id, documents),
                                  MEMBER(Document, title, documents), body,
                                  MEMBER(Document, payload, documents)}},
                  documents);
    Build();
  }
};

const Model& TheModel() {
  static const Model* const model = new Model;
  return *model;
}

class ColumnsTest : public SessionFixture {
 protected:
  ColumnsTest() : SessionFixture(TheModel()) {}

  // A document, read by a fresh session.
  EntityRef Stored() {
    Add(document_, Document{.title = "t",
                            .body = "long",
                            .payload = {{"tags", {"a", "b"}}, {"n", 1}}});
    EXPECT_THAT(session_->Commit(), IsOk());
    Reopen();
    EntityRef document = Get(document_, 1);
    recorder_.Clear();
    return document;
  }

  const EntityType& document_ = *TheModel().Type("Document");
  engine::StatementRecorder recorder_{engine_};
};

// ORM-15
TEST_F(ColumnsTest, ASlotLoadsAtTheFirstTouch) {
  EntityRef document = Stored();
  EXPECT_FALSE(As<Document>(document).body.is_loaded());
  ASSERT_THAT(As<Document>(document).body.Load(), IsOk());
  EXPECT_EQ(As<Document>(document).body.text, "long");
  ASSERT_THAT(As<Document>(document).body.Load(), IsOk());
  EXPECT_THAT(recorder_.sql(), ElementsAre(HasSubstr("body")));
}

TEST_F(ColumnsTest, ASlotThatIsNotLoadedIsNotWritten) {
  EntityRef document = Stored();
  Edit<Document>(document).title = "other";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre("UPDATE documents SET title = ? WHERE id = ?"));
  EXPECT_FALSE(As<Document>(document).body.is_loaded());
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM documents WHERE body = 'long'"), 1);
}

TEST_F(ColumnsTest, ASlotIsWrittenWithoutBeingRead) {
  EntityRef document = Stored();
  // The empty text that was never read is a change all the same.
  Edit<Document>(document).body = "";
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre("UPDATE documents SET body = ? WHERE id = ?"));
  EXPECT_EQ(Scalar("SELECT COUNT(*) FROM documents WHERE body = ''"), 1);
}

TEST_F(ColumnsTest, RollbackForgetsWhatASlotGot) {
  EntityRef document = Stored();
  Edit<Document>(document).body = "new";
  ASSERT_THAT(session_->Flush(), IsOk());
  ASSERT_THAT(session_->Rollback(), IsOk());
  ASSERT_THAT(document.Load(), IsOk());
  ASSERT_THAT(As<Document>(document).body.Load(), IsOk());
  EXPECT_EQ(As<Document>(document).body.text, "long");
}

TEST_F(ColumnsTest, ExpiringASlotReadsItAgain) {
  EntityRef document = Stored();
  ASSERT_THAT(As<Document>(document).body.Load(), IsOk());
  ASSERT_THAT(session_->Rollback(), IsOk());
  Sql("UPDATE documents SET body = 'elsewhere'");
  const int body = document_.FindProperty("body");
  ASSERT_THAT(session_->Expire(document, {body}), IsOk());
  EXPECT_FALSE(session_->IsLoaded(document, body));
  ASSERT_THAT(As<Document>(document).body.Load(), IsOk());
  EXPECT_EQ(As<Document>(document).body.text, "elsewhere");
}

// ORM-20
TEST_F(ColumnsTest, SeesAChangeInsideOfAValue) {
  EntityRef document = Stored();
  Edit<Document>(document).payload["tags"].push_back("c");
  EXPECT_TRUE(session_->IsModified(document));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_THAT(cupel::testing::WithPlainPlaceholders(recorder_.sql()),
              ElementsAre("UPDATE documents SET payload = ? WHERE id = ?"));
  Reopen();
  EXPECT_EQ(As<Document>(Get(document_, 1)).payload["tags"].size(), 3u);
}

TEST_F(ColumnsTest, AChangeInsideThatIsUndoneIsNotWritten) {
  EntityRef document = Stored();
  Document& edited = Edit<Document>(document);
  edited.payload["tags"].push_back("c");
  edited.payload["tags"].erase(2);
  EXPECT_FALSE(session_->IsModified(document));
  ASSERT_THAT(session_->Commit(), IsOk());
  EXPECT_EQ(recorder_.count(), 0) << recorder_.DebugString();
}

TEST_F(ColumnsTest, RollbackRestoresTheInsideOfAValue) {
  EntityRef document = Stored();
  Edit<Document>(document).payload["n"] = 2;
  ASSERT_THAT(session_->Flush(), IsOk());
  Edit<Document>(document).payload["n"] = 3;
  ASSERT_THAT(session_->Rollback(), IsOk());
  ASSERT_THAT(document.Load(), IsOk());
  EXPECT_EQ(As<Document>(document).payload["n"], 1);
  EXPECT_EQ(As<Document>(document).payload["tags"].size(), 2u);
}

}  // namespace
}  // namespace session
}  // namespace cupel
