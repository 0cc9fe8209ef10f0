#include "cupel/session/test_model.h"

#include <cstddef>

#include "cupel/testing/temp_database.h"

namespace cupel::session {
namespace {

// Offsets of members of plain structs with links.
#pragma GCC diagnostic ignored "-Winvalid-offsetof"

using schema::ForeignKeyAction;
using schema::ForeignKeyOptions;
using schema::TableBuilder;
using Table = std::shared_ptr<const schema::Table>;

class Mapping {
 public:
  Mapping(schema::MetaData* metadata, RegistryBuilder* builder)
      : metadata_(metadata), builder_(builder) {}

  Table AddTable(const TableBuilder& builder) {
    Table table = builder.Build().value();
    metadata_->Add(table).IgnoreError();
    builder_->KeepAlive(table);
    return table;
  }

  template <typename T>
  void AddEntity(const char* name, const Table& table,
                 std::vector<Property> properties, const char* version = "") {
    builder_->AddEntity({.name = name,
                         .object = &ObjectTypeOf<T>(),
                         .table = table.get(),
                         .properties = std::move(properties),
                         .version_property = version});
  }

 private:
  schema::MetaData* metadata_;
  RegistryBuilder* builder_;
};

#define MEMBER(Type, member, table)                          \
  Property {                                                 \
    .name = #member, .column = (table)->FindByName(#member), \
    .offset = offsetof(Type, member),                        \
    .ops = &engine::TypeOpsOf<decltype(Type::member)>()      \
  }

TableBuilder Keyed(const char* name) {
  return TableBuilder(name).Column(
      {.name = "id", .type = engine::BigInteger(), .primary_key = true});
}

schema::ColumnOptions Text(const char* name, bool nullable = false) {
  return {.name = name, .type = engine::Text(), .nullable = nullable};
}

schema::ColumnOptions Reference(
    const char* name, const char* table, bool nullable,
    ForeignKeyAction on_delete = ForeignKeyAction::kNone,
    bool use_alter = false) {
  ForeignKeyOptions key;
  key.referred_table = schema::TableReference(table);
  key.referred_columns = {"id"};
  key.on_delete = on_delete;
  key.use_alter = use_alter;
  return {.name = name,
          .type = engine::BigInteger(),
          .nullable = nullable,
          .foreign_keys = {key}};
}

template <typename Source, typename Target>
RelationshipSpec Link(const char* name, RelationshipKind kind, size_t offset,
                      const char* reverse) {
  return {.name = name,
          .source = &ObjectTypeOf<Source>(),
          .target = &ObjectTypeOf<Target>(),
          .kind = kind,
          .offset = offset,
          .reverse = reverse};
}

}  // namespace

const TestModel& TestModel::Get() {
  static const TestModel* const model = new TestModel();
  return *model;
}

TestModel::TestModel() : metadata_(std::make_unique<schema::MetaData>()) {
  RegistryBuilder builder;
  Mapping map(metadata_.get(), &builder);
  using enum RelationshipKind;

  const Table users = map.AddTable(
      Keyed("users").Column(Text("name")).Column(Text("email", true)));
  const Table addresses =
      map.AddTable(Keyed("addresses")
                       .Column(Reference("user_id", "users", true))
                       .Column(Text("city")));
  schema::ColumnOptions label = Text("label");
  label.unique = true;
  const Table tags = map.AddTable(Keyed("tags").Column(label));
  schema::ColumnOptions user_id = Reference("user_id", "users", false);
  user_id.primary_key = true;
  schema::ColumnOptions tag_id = Reference("tag_id", "tags", false);
  tag_id.primary_key = true;
  const Table user_tags =
      map.AddTable(TableBuilder("user_tags").Column(user_id).Column(tag_id));
  const Table profiles =
      map.AddTable(Keyed("profiles")
                       .Column(Reference("user_id", "users", true))
                       .Column(Text("bio")));
  map.AddEntity<User>("User", users,
                      {MEMBER(User, id, users), MEMBER(User, name, users),
                       MEMBER(User, email, users)});
  map.AddEntity<Address>(
      "Address", addresses,
      {MEMBER(Address, id, addresses), MEMBER(Address, user_id, addresses),
       MEMBER(Address, city, addresses)});
  map.AddEntity<Tag>("Tag", tags,
                     {MEMBER(Tag, id, tags), MEMBER(Tag, label, tags)});
  map.AddEntity<Profile>(
      "Profile", profiles,
      {MEMBER(Profile, id, profiles), MEMBER(Profile, user_id, profiles),
       MEMBER(Profile, bio, profiles)});
  builder.AddRelationship(Link<User, Address>(
      "addresses", kOneToMany, offsetof(User, addresses), "user"));
  builder.AddRelationship(Link<Address, User>(
      "user", kManyToOne, offsetof(Address, user), "addresses"));
  RelationshipSpec user_tag =
      Link<User, Tag>("tags", kManyToMany, offsetof(User, tags), "users");
  user_tag.secondary = user_tags.get();
  builder.AddRelationship(user_tag);
  RelationshipSpec tag_user =
      Link<Tag, User>("users", kManyToMany, offsetof(Tag, users), "tags");
  tag_user.secondary = user_tags.get();
  builder.AddRelationship(tag_user);
  builder.AddRelationship(Link<User, Profile>("profile", kOneToOne,
                                              offsetof(User, profile), "user"));
  builder.AddRelationship(Link<Profile, User>(
      "user", kManyToOne, offsetof(Profile, user), "profile"));

  const Table categories =
      map.AddTable(Keyed("categories").Column(Text("name")));
  const Table posts =
      map.AddTable(Keyed("posts")
                       .Column(Reference("category_id", "categories", false))
                       .Column(Text("title"))
                       .Column({.name = "score",
                                .type = engine::BigInteger(),
                                .nullable = false}));
  map.AddEntity<Category>(
      "Category", categories,
      {MEMBER(Category, id, categories), MEMBER(Category, name, categories)});
  map.AddEntity<Post>(
      "Post", posts,
      {MEMBER(Post, id, posts), MEMBER(Post, category_id, posts),
       MEMBER(Post, title, posts), MEMBER(Post, score, posts)});
  builder.AddRelationship(Link<Category, Post>(
      "posts", kOneToMany, offsetof(Category, posts), "category"));
  builder.AddRelationship(Link<Post, Category>(
      "category", kManyToOne, offsetof(Post, category), "posts"));

  const Table folders = map.AddTable(Keyed("folders").Column(Text("name")));
  const Table files =
      map.AddTable(Keyed("files")
                       .Column(Reference("folder_id", "folders", false,
                                         ForeignKeyAction::kCascade))
                       .Column(Text("name")));
  map.AddEntity<Folder>(
      "Folder", folders,
      {MEMBER(Folder, id, folders), MEMBER(Folder, name, folders)});
  map.AddEntity<File>("File", files,
                      {MEMBER(File, id, files), MEMBER(File, folder_id, files),
                       MEMBER(File, name, files)});
  builder.AddRelationship(Link<Folder, File>(
      "files", kOneToMany, offsetof(Folder, files), "folder"));
  builder.AddRelationship(Link<File, Folder>("folder", kManyToOne,
                                             offsetof(File, folder), "files"));

  const Table orders = map.AddTable(Keyed("orders").Column(Text("customer")));
  const Table lines =
      map.AddTable(Keyed("lines")
                       .Column(Reference("order_id", "orders", false))
                       .Column(Text("product")));
  map.AddEntity<Order>(
      "Order", orders,
      {MEMBER(Order, id, orders), MEMBER(Order, customer, orders)});
  map.AddEntity<Line>("Line", lines,
                      {MEMBER(Line, id, lines), MEMBER(Line, order_id, lines),
                       MEMBER(Line, product, lines)});
  RelationshipSpec order_lines =
      Link<Order, Line>("lines", kOneToMany, offsetof(Order, lines), "order");
  order_lines.cascade = Cascade::kAllDeleteOrphan;
  builder.AddRelationship(order_lines);
  builder.AddRelationship(
      Link<Line, Order>("order", kManyToOne, offsetof(Line, order), "lines"));

  const Table nodes =
      map.AddTable(Keyed("nodes")
                       .Column(Reference("parent_id", "nodes", true))
                       .Column(Text("name")));
  map.AddEntity<Node>("Node", nodes,
                      {MEMBER(Node, id, nodes), MEMBER(Node, parent_id, nodes),
                       MEMBER(Node, name, nodes)});
  builder.AddRelationship(Link<Node, Node>("parent", kManyToOne,
                                           offsetof(Node, parent), "children"));
  RelationshipSpec children = Link<Node, Node>(
      "children", kOneToMany, offsetof(Node, children), "parent");
  children.order_by = {{nodes->FindByName("name"), false}};
  builder.AddRelationship(children);

  const Table teams =
      map.AddTable(Keyed("teams")
                       .Column(Text("name"))
                       .Column(Reference("captain_id", "players", true,
                                         ForeignKeyAction::kNone, true)));
  const Table players =
      map.AddTable(Keyed("players")
                       .Column(Text("name"))
                       .Column(Reference("team_id", "teams", true)));
  map.AddEntity<Team>("Team", teams,
                      {MEMBER(Team, id, teams), MEMBER(Team, name, teams),
                       MEMBER(Team, captain_id, teams)});
  map.AddEntity<Player>(
      "Player", players,
      {MEMBER(Player, id, players), MEMBER(Player, name, players),
       MEMBER(Player, team_id, players)});
  builder.AddRelationship(
      Link<Team, Player>("captain", kManyToOne, offsetof(Team, captain), ""));
  builder.AddRelationship(Link<Team, Player>("players", kOneToMany,
                                             offsetof(Team, players), "team"));
  builder.AddRelationship(Link<Player, Team>(
      "team", kManyToOne, offsetof(Player, team), "players"));

  schema::ColumnOptions state = Text("state", true);
  state.server_default = schema::SqlFragment::Text("'new'");
  const Table notes = map.AddTable(Keyed("notes")
                                       .Column({.name = "version",
                                                .type = engine::BigInteger(),
                                                .nullable = false})
                                       .Column(Text("text"))
                                       .Column(state));
  map.AddEntity<Note>("Note", notes,
                      {MEMBER(Note, id, notes), MEMBER(Note, version, notes),
                       MEMBER(Note, text, notes), MEMBER(Note, state, notes)},
                      "version");

  const Table seats = map.AddTable(
      TableBuilder("seats")
          .Column({.name = "row",
                   .type = engine::BigInteger(),
                   .primary_key = true})
          .Column(
              {.name = "letter", .type = engine::Text(), .primary_key = true})
          .Column(Text("guest")));
  map.AddEntity<Seat>("Seat", seats,
                      {MEMBER(Seat, row, seats), MEMBER(Seat, letter, seats),
                       MEMBER(Seat, guest, seats)});

  registry = std::move(builder).Build().value();
  user = registry->FindByName("User");
  address = registry->FindByName("Address");
  tag = registry->FindByName("Tag");
  profile = registry->FindByName("Profile");
  category = registry->FindByName("Category");
  post = registry->FindByName("Post");
  folder = registry->FindByName("Folder");
  file = registry->FindByName("File");
  order = registry->FindByName("Order");
  line = registry->FindByName("Line");
  node = registry->FindByName("Node");
  team = registry->FindByName("Team");
  player = registry->FindByName("Player");
  note = registry->FindByName("Note");
  seat = registry->FindByName("Seat");
}

SessionTest::SessionTest()
    : engine_(engine::Engine::Create({.uri = testing::MemoryUrl()}).value()) {
  engine::Connection connection = engine_.Connect().value();
  absl::Status status = model_.metadata().CreateAll(connection);
  if (status.ok()) status = connection.Commit();
  EXPECT_TRUE(status.ok()) << status;
  session_ = NewSession();
}

std::unique_ptr<Session> SessionTest::NewSession(SessionOptions options) {
  if (!options.warn) {
    options.warn = [this](absl::string_view warning) {
      warnings_.emplace_back(warning);
    };
  }
  return std::make_unique<Session>(engine_, model_.registry,
                                   std::move(options));
}

void SessionTest::Reopen(SessionOptions options) {
  session_ = NewSession(std::move(options));
}

EntityQuery SessionTest::Query(const EntityType& type) const {
  EntityQuery query;
  query.items.push_back({.entity = &type});
  std::vector<query::Expr> order;
  std::vector<query::Expr> columns;
  for (int key : type.primary_key()) {
    columns.push_back(query::ColumnOf(*type.property(key).column));
    order.push_back(query::Order(columns.back(), false));
  }
  query.select = query::Select(absl::MakeConstSpan(columns))
                     .SelectFrom(query::FromItem(type.table()))
                     .OrderBy(absl::MakeConstSpan(order));
  return query;
}

std::vector<EntityRef> SessionTest::All(const EntityType& type,
                                        std::vector<LoadOption> options) {
  EntityQuery query = Query(type);
  query.options = std::move(options);
  absl::StatusOr<EntityResult> result = session_->Execute(std::move(query));
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return {};
  absl::StatusOr<std::vector<EntityRef>> all = result->All();
  EXPECT_TRUE(all.ok()) << all.status();
  return all.ok() ? *std::move(all) : std::vector<EntityRef>();
}

int64_t SessionTest::Scalar(absl::string_view sql) {
  auto read = [&](engine::Connection& connection) -> int64_t {
    absl::StatusOr<engine::Cursor> cursor = connection.Query(sql);
    EXPECT_TRUE(cursor.ok()) << cursor.status();
    if (!cursor.ok()) return -1;
    absl::StatusOr<bool> more = cursor->Next();
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more || cursor->row()[0].is_null()) return -1;
    return cursor->row()[0].int64_value();
  };
  if (session_ != nullptr && session_->in_transaction()) {
    return read(**session_->connection());
  }
  engine::Connection connection = engine_.Connect().value();
  return read(connection);
}

void SessionTest::Sql(absl::string_view sql) {
  engine::Connection connection = engine_.Connect().value();
  absl::Status status = connection.Execute(sql).status();
  if (status.ok()) status = connection.Commit();
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace cupel::session
